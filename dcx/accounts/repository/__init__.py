"""Every statement of accounts."""

from dcx.accounts.repository.access import AccessRepository
from dcx.accounts.repository.customers import CustomerRepository
from dcx.accounts.repository.keys import KeyRepository
from dcx.accounts.repository.people import PersonRepository
from dcx.accounts.repository.sessions import SessionRepository

__all__ = [
    "AccessRepository",
    "CustomerRepository",
    "KeyRepository",
    "PersonRepository",
    "SessionRepository",
]
