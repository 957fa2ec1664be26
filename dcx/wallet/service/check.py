"""Invariants of the ledger: bookings sum to zero, balances are the sums of their entries."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from dcx.kit.money import cents_text
from dcx.wallet.repository import CheckRepository


def breaches(session: Session) -> Iterator[str]:
    """Every broken promise of the ledger, one sentence each, naming the rows. Each promise is one
    statement over the whole ledger.
    """
    yield from _breaches_of_bookings(CheckRepository(session))
    yield from _breaches_of_balances(CheckRepository(session))
    yield from _breaches_of_pockets(CheckRepository(session))


def _breaches_of_bookings(repository: CheckRepository) -> Iterator[str]:
    for source, cents in repository.unbalanced():
        yield f"booking {source}: its entries sum to {cents_text(int(cents))}, not to zero"
    for (source,) in repository.empty():
        yield f"booking {source}: it has no entries"
    for source, customer in repository.astray():
        yield f"booking {source}: it moved money of {customer}, whose it is not"


def _breaches_of_balances(repository: CheckRepository) -> Iterator[str]:
    for customer, kind, tag, balance, total in repository.differing_balances():
        name = f"{kind} {tag}".strip()
        yield (
            f"{name} of {customer}: its balance is {cents_text(balance)}, its entries sum to"
            f" {cents_text(int(total))}"
        )
    for source, customer, kind, balance, total in repository.differing_entries():
        said = "nothing" if balance is None else cents_text(balance)
        yield (
            f"booking {source}: its entry in the {kind} of {customer} says a balance of {said},"
            f" the entries up to it sum to {cents_text(int(total))}"
        )
    for source, customer, kind, balance in repository.overdrawn():
        yield f"booking {source}: it took the {kind} of {customer} to {cents_text(balance)}"


def _breaches_of_pockets(repository: CheckRepository) -> Iterator[str]:
    for customer, held, still in repository.differing_holds():
        yield (
            f"held of {customer}: {cents_text(int(held))} is there, its open holds sum to"
            f" {cents_text(int(still))}"
        )
    for key, customer in repository.unbooked_holds():
        yield f"hold {key} of {customer}: it was not booked"
    for customer, key in repository.strange_credits():
        yield f"credit {key} of {customer}: its account and what was given do not belong together"
