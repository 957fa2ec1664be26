"""What can be done with customers, people and how they come in."""

from dcx.accounts.rules import (
    BILLINGS,
    CUSTOMER_ROLES,
    PROVIDER_SCOPES,
    SCOPES,
    STAFF_ROLES,
    is_own_path,
)
from dcx.accounts.service.access import asking
from dcx.accounts.service.customers import (
    Customer,
    add_customer,
    change_customer,
    customer_keys,
    customers,
    find_customer,
    get_customer,
    search_customers,
)
from dcx.accounts.service.keys import add_key, key_of
from dcx.accounts.service.passwords import set_password
from dcx.accounts.service.people import add_staff, add_user
from dcx.accounts.service.recipients import recipients, tell
from dcx.accounts.service.sessions import Nobody, SignedIn, session_of

__all__ = [
    "BILLINGS", "CUSTOMER_ROLES", "PROVIDER_SCOPES", "SCOPES", "STAFF_ROLES", "Customer", "Nobody",
    "SignedIn", "add_customer", "add_key", "add_staff", "add_user", "asking", "change_customer",
    "customer_keys",
    "customers", "find_customer", "get_customer", "is_own_path", "key_of", "recipients",
    "search_customers", "session_of", "set_password", "tell",
]  # fmt: skip
