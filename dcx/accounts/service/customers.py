"""Customers: who is billed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from dcx.accounts import models
from dcx.accounts.errors import AccountRefusedError, UnknownCustomerError
from dcx.accounts.repository import CustomerRepository
from dcx.accounts.rules import BILLINGS, email_fault, key_fault


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as other rooms see it."""

    key: str
    name: str
    email: str = ""
    vat_number: str = ""
    billing: str = "invoice"
    price_book: str = "standard"


def add_customer(session: Session, customer: Customer, *, now_us: int) -> bool:
    """Add a customer; was it new? The same once more changes nothing, other facts under its key are
    refused.
    """
    fault = _fault(customer)
    if fault:
        raise AccountRefusedError(fault)
    repository = CustomerRepository(session)
    known = repository.find(customer.key)
    if known is None:
        repository.add(models.Customer(**asdict(customer), created_us=now_us))
    elif _as_value(known) != customer:
        raise AccountRefusedError(f"A customer {customer.key} exists with other facts.")
    return known is None


def _fault(customer: Customer) -> str | None:
    if not customer.name.strip() or len(customer.name) > 200:  # noqa: PLR2004
        return f"The customer {customer.key} needs a name of at most 200 characters."
    if customer.email and (fault := email_fault(customer.email)):
        return fault
    if customer.billing not in BILLINGS:
        return f"Billing is {' or '.join(BILLINGS)}, not {customer.billing!r}."
    return key_fault(customer.key)


def find_customer(session: Session, key: str) -> Customer | None:
    row = CustomerRepository(session).find(key)
    return None if row is None else _as_value(row)


def get_customer(session: Session, key: str) -> Customer:
    """The customer of that key; UnknownCustomerError otherwise."""
    customer = find_customer(session, key)
    if customer is None:
        raise UnknownCustomerError(f"There is no customer {key!r}.")
    return customer


def customers(session: Session) -> list[Customer]:
    """All customers by key."""
    return [_as_value(row) for row in CustomerRepository(session).every()]


def customer_keys(session: Session) -> frozenset[str]:
    return frozenset(CustomerRepository(session).keys())


def search_customers(session: Session, words: str, *, limit: int) -> Sequence[Customer]:
    """Customers whose name, key or VAT number holds the words, by name."""
    return [_as_value(row) for row in CustomerRepository(session).search(words, limit=limit)]


def _as_value(row: models.Customer) -> Customer:
    return Customer(row.key, row.name, row.email, row.vat_number, row.billing, row.price_book)
