"""Holds: money of a wallet set aside for an order, then released or used for its invoice."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.kit.actors import Actor
from dcx.kit.ids import new_id
from dcx.wallet.errors import HoldEndedError, UnknownHoldError
from dcx.wallet.models import Hold
from dcx.wallet.repository import HoldRepository
from dcx.wallet.rules import HELD, RECEIVABLE, WALLET, Leg, Posting
from dcx.wallet.service.acts import Received, Sent, payable, require_something, went
from dcx.wallet.service.book import book, lock


@dataclass(frozen=True, slots=True)
class Held:
    """Money to be set aside, once per `source`."""

    customer: str
    cents: int
    source: str
    words: str

    def __post_init__(self) -> None:
        require_something(self.cents)


def hold(session: Session, held: Held, *, by: Actor, now_us: int) -> str:
    """Set money of the wallet aside and answer the hold's key; repeating the call answers the hold
    that was made. NotEnoughError where the wallet has less. Credits are never held.
    """
    lock(session, held.customer, now_us=now_us)
    repository = HoldRepository(session)
    known = repository.of_source(held.source)
    if known is not None:
        return known
    key = new_id()
    legs = (Leg(WALLET, -held.cents), Leg(HELD, held.cents))
    posting = Posting("hold", f"hold/{key}", held.customer, held.words, legs)
    book(session, posting, by=by, now_us=now_us)
    repository.add(
        Hold(
            key=key,
            source=held.source,
            customer=held.customer,
            amount_cents=held.cents,
            words=held.words,
            state="held",
            created_us=now_us,
            ended_us=None,
        )
    )
    return key


def release(session: Session, key: str, *, by: Actor, now_us: int) -> bool:
    """Give a hold's money back to the wallet; was it still held? Safe to repeat.

    HoldEndedError where it was used.
    """
    held = _locked(session, key, now_us)
    if held.state == "released":
        return False
    _end(session, held, "released", now_us)
    legs = (Leg(HELD, -held.amount_cents), Leg(WALLET, held.amount_cents))
    source = f"hold/{key}/released"
    posting = Posting("release", source, held.customer, f"Released: {held.words}", legs)
    return book(session, posting, by=by, now_us=now_us)


def use(session: Session, key: str, number: str, *, by: Actor, now_us: int) -> Received:
    """Pay an invoice with a hold, as far as that is still owed; the rest goes back to the wallet.

    Safe to repeat: the answer is where the money went then. HoldEndedError where it was released.
    """
    held = _locked(session, key, now_us)
    source = f"hold/{key}/used/{number}"
    known = went(session, source)
    if known:
        return known
    _end(session, held, "used", now_us)
    paid = payable(session, held.customer, number, held.amount_cents)
    rest = held.amount_cents - paid
    legs = (
        Leg(HELD, -held.amount_cents, document=number),
        Leg(RECEIVABLE, paid, document=number),
        Leg(WALLET, rest, document=number),
    )
    words = f"For invoice {number}: {held.words}"
    book(session, Posting("settlement", source, held.customer, words, legs), by=by, now_us=now_us)
    return Received(is_new=True, paid_cents=paid, to_wallet_cents=rest)


def send_held(session: Session, key: str, money: Sent, *, by: Actor, now_us: int) -> bool:
    """Book a refund that the gateway confirmed, out of the hold that was made when it was asked
    for; was it new? What the hold does not cover is owed again for the invoice `document`; what
    is left of it returns to the wallet.

    It never fails for want of money, whatever became of the wallet since: the money has left.
    HoldEndedError where the hold was released.
    """
    held = _locked(session, key, now_us)
    if went(session, money.source):
        return False
    _end(session, held, "used", now_us)
    rest = held.amount_cents - money.cents
    legs = (
        Leg(HELD, -held.amount_cents),
        Leg(WALLET, max(rest, 0)),
        Leg(RECEIVABLE, min(rest, 0), document=money.document),
        Leg(money.through, money.cents, document=money.document),
    )
    posting = Posting("refund", money.source, held.customer, money.words, legs)
    return book(session, posting, by=by, now_us=now_us)


def _locked(session: Session, key: str, now_us: int) -> Hold:
    """The hold as it stands while nobody else can move its customer's money."""
    held = HoldRepository(session).find(key)
    if held is None:
        raise UnknownHoldError("There is no such hold.")
    lock(session, held.customer, now_us=now_us)
    session.refresh(held)
    return held


def _end(session: Session, held: Hold, state: str, now_us: int) -> None:
    if not HoldRepository(session).end(held.key, {"state": state, "ended_us": now_us}):
        raise HoldEndedError(f"This hold was {held.state} before.")


@dataclass(frozen=True, slots=True)
class HeldMoney:
    """A hold that still holds."""

    key: str
    cents: int
    words: str
    created_us: int


def holds_of(session: Session, customer: str) -> list[HeldMoney]:
    """A customer's open holds, oldest first."""
    return [
        HeldMoney(row.key, row.amount_cents, row.words, row.created_us)
        for row in HoldRepository(session).open_of(customer)
    ]


def hold_for(session: Session, source: str) -> HeldMoney | None:
    """The hold that was made for a source, whatever became of it."""
    repository = HoldRepository(session)
    key = repository.of_source(source)
    row = repository.find(key) if key else None
    return HeldMoney(row.key, row.amount_cents, row.words, row.created_us) if row else None


def held_for(session: Session, sources: Sequence[str]) -> dict[str, int]:
    """Cents of the holds that were made for these sources, whatever became of them."""
    rows = HoldRepository(session).cents_of(sources) if sources else ()
    return {source: int(cents) for source, cents in rows}
