"""What a customer has and owes, now and at any past instant."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.wallet.repository import LedgerRepository


@dataclass(frozen=True, slots=True)
class Balances:
    """A customer's money in cents. `owed` is what issued invoices still ask for; `credit` pays
    invoices only.
    """

    wallet: int = 0
    held: int = 0
    credit: int = 0
    owed: int = 0


def balances(session: Session, customer: str) -> Balances:
    """One customer's money; zero throughout for whoever never had any."""
    return balances_of(session, [customer])[customer]


def balances_of(session: Session, customers: Sequence[str] | None) -> Mapping[str, Balances]:
    """Money by customer, in one statement (None: everybody's). Who is missing has nothing."""
    cents: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for customer, kind, sum_cents in LedgerRepository(session).balances(customers):
        cents[customer][kind] = int(sum_cents)
    found: defaultdict[str, Balances] = defaultdict(Balances)
    for customer, kinds in cents.items():
        found[customer] = Balances(
            kinds.get("wallet", 0), kinds.get("held", 0), kinds.get("credit", 0),
            -kinds.get("receivable", 0),
        )  # fmt: skip
    return found


def balance_at(session: Session, customer: str, at_us: int, *, kind: str = "wallet") -> int:
    """Cents that the wallet (or another kind of account) held at an instant, that instant
    included.
    """
    return LedgerRepository(session).sum_until(customer, kind, at_us)


def owed(session: Session, documents: Sequence[str]) -> dict[str, int]:
    """Cents still owed for each of these invoices: 0 is paid, below 0 is owed to the customer."""
    return LedgerRepository(session).owed(documents)


def written_off(session: Session, documents: Sequence[str]) -> dict[str, int]:
    """Cents given up of each of these invoices; those of which nothing was are missing."""
    return LedgerRepository(session).written_off(documents)


def owed_by(session: Session, customer: str, document: str) -> int | None:
    """The same for one invoice of this customer; None where it is not theirs, or is not booked."""
    return LedgerRepository(session).owed_by(customer, document)


def owing(session: Session, customer: str) -> list[tuple[str, int]]:
    """(invoice, cents) of what a customer has not settled, oldest first."""
    return [(document, int(cents)) for document, cents in LedgerRepository(session).owing(customer)]
