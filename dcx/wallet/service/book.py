"""Book: the one way in which money moves in the ledger."""

from sqlalchemy.orm import Session

from dcx.kit.actors import Actor
from dcx.kit.ids import new_id
from dcx.wallet.errors import NotEnoughError
from dcx.wallet.repository import LedgerRepository, Pot
from dcx.wallet.rules import WALLET, Leg, Posting


def lock(session: Session, *customers: str, now_us: int) -> None:
    """Hold the money of customers until the transaction ends: what is read after it stays true.

    Everything that reads a balance and then books calls this first. A transaction that books for
    several customers names them all in its first call; then no two ever wait for each other in a
    ring.
    """
    repository = LedgerRepository(session)
    for customer in sorted(set(customers)):
        pot = (customer, WALLET, "")
        if not repository.lock(pot):
            repository.ensure([pot], now_us)
            repository.lock(pot)


def book(session: Session, posting: Posting, *, by: Actor, now_us: int) -> bool:
    """Book once; was it new? A source that was booked before is left as it is: money moves here,
    and repeating the call is safe.

    NotEnoughError where a wallet, a hold or a credit has less than is taken from it: then nothing
    of it is left, even where the transaction goes on.
    """
    lock(session, posting.customer, now_us=now_us)
    repository = LedgerRepository(session)
    with session.begin_nested():
        booking = repository.claim(_head(posting, by, now_us))
        if booking is not None:
            repository.add_entries(_rows(repository, posting, booking, now_us))
    return booking is not None


def _rows(
    repository: LedgerRepository, posting: Posting, booking: int, now_us: int
) -> list[dict[str, object]]:
    legs = [leg for leg in posting.legs if leg.cents]
    accounts = repository.ensure([_pot(posting, leg) for leg in legs], now_us)
    return [
        {
            "booking_id": booking,
            "account_id": accounts[_pot(posting, leg)],
            "amount_cents": leg.cents,
            "balance_cents": _moved(repository, posting, leg, accounts[_pot(posting, leg)]),
            "document": leg.document,
            "booked_us": now_us,
        }
        for leg in sorted(legs, key=lambda leg: accounts[_pot(posting, leg)])
    ]


def _head(posting: Posting, by: Actor, now_us: int) -> dict[str, object]:
    return {
        "key": new_id(),
        "source": posting.source,
        "kind": posting.kind,
        "customer": posting.customer,
        "words": posting.words,
        "booked_by": by.who,
        "booked_us": now_us,
    }


def _pot(posting: Posting, leg: Leg) -> Pot:
    return (posting.customer if leg.is_customers else "", leg.kind, leg.tag)


def _moved(repository: LedgerRepository, posting: Posting, leg: Leg, account: int) -> int | None:
    """The balance that a customer's account has after the leg; None for the provider's."""
    if not leg.is_customers:
        return None
    balance = repository.move(account, leg.cents, may_overdraw=posting.may_overdraw)
    if balance is None:
        raise NotEnoughError("There is not enough money for this. Nothing was booked.")
    return balance
