"""Customers: who is billed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy.orm import Session

from dcx.accounts import models
from dcx.accounts.errors import AccountRefusedError, UnknownCustomerError
from dcx.accounts.repository import CustomerRepository
from dcx.accounts.rules import BILLINGS, email_fault, key_fault
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.words import lines_of

LONGEST_NAME, LONGEST_ADDRESS, LONGEST_VAT_NUMBER = 200, 500, 30


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as other rooms see it. The lines of the address are parted by line breaks."""

    key: str
    name: str
    email: str = ""
    vat_number: str = ""
    billing: str = "invoice"
    price_book: str = "standard"
    address: str = ""


def add_customer(session: Session, customer: Customer, *, now_us: int) -> bool:
    """Add a customer; was it new? The same once more changes nothing, other facts under its key are
    refused.
    """
    customer = _checked(customer)
    repository = CustomerRepository(session)
    known = repository.find(customer.key)
    if known is None:
        repository.add(models.Customer(**asdict(customer), created_us=now_us))
    elif _as_value(known) != customer:
        raise AccountRefusedError(f"A customer {customer.key} exists with other facts.")
    return known is None


def change_customer(session: Session, customer: Customer, *, by: Actor, now_us: int) -> bool:
    """Give the customer of this key these facts; did any change? Invoices keep what they say.

    UnknownCustomerError where there is none, AccountRefusedError where a fact cannot be.
    """
    row = CustomerRepository(session).lock(customer.key)
    if row is None:
        raise UnknownCustomerError(f"There is no customer {customer.key!r}.")
    before, after = asdict(_as_value(row)), asdict(_checked(customer))
    changed = [name for name, fact in after.items() if before[name] != fact]
    for name in changed:
        setattr(row, name, after[name])
    if changed:
        told = ({name: facts[name] for name in changed} for facts in (before, after))
        deed = Deed("customer changed", row.key, row.key, *told)
        journal.record(session, by, deed, now_us=now_us)
    return bool(changed)


def _checked(customer: Customer) -> Customer:
    """The customer with its address in lines; AccountRefusedError where a fact cannot be."""
    fault = _fault(customer)
    if fault:
        raise AccountRefusedError(fault)
    return replace(customer, address="\n".join(lines_of(customer.address)))


def _fault(customer: Customer) -> str | None:
    """Why a customer cannot have these facts; None: it can."""
    key, one_line = customer.key, (customer.name, customer.vat_number)
    is_named = len(customer.name.strip()) > 0 and len(customer.name) <= LONGEST_NAME
    is_short = (
        len(customer.address) <= LONGEST_ADDRESS and len(customer.vat_number) <= LONGEST_VAT_NUMBER
    )
    checks = (
        (is_named, f"The customer {key} needs a name of at most 200 characters."),
        (
            all(words.isprintable() for words in one_line),
            f"Name and VAT number of {key} must each stand in one line.",
        ),
        (is_short, f"The address or VAT number of {key} is too long."),
        (
            customer.billing in BILLINGS,
            f"Billing is {' or '.join(BILLINGS)}, not {customer.billing!r}.",
        ),
    )
    faults = [words for holds, words in checks if not holds]
    email_words = email_fault(customer.email) if customer.email else None
    return next(iter([*faults, *filter(None, (email_words, key_fault(key)))]), None)


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
    return Customer(
        row.key, row.name, row.email, row.vat_number, row.billing, row.price_book, row.address
    )
