"""The acts of money: every way in which a customer's money moves, each booked once per source."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.kit.actors import Actor
from dcx.wallet.errors import NothingOwedError, UnbalancedError
from dcx.wallet.repository import CreditRepository, LedgerRepository
from dcx.wallet.rules import (
    CLEARING,
    CREDIT,
    RECEIVABLE,
    REVENUE,
    VAT,
    WALLET,
    WRITE_OFF,
    Leg,
    Posting,
    Purse,
    mirrored,
    spend,
)
from dcx.wallet.service.book import book, lock


@dataclass(frozen=True, slots=True)
class Bill:
    """An issued invoice as the ledger sees it. Its total may be below zero."""

    number: str
    customer: str
    words: str
    net_cents: int
    vat_cents: int


def charge(session: Session, bill: Bill, *, by: Actor, now_us: int) -> bool:
    """Book an issued invoice as owed; was it new? Source: `invoice/NUMBER`."""
    total = bill.net_cents + bill.vat_cents
    legs = (
        Leg(RECEIVABLE, -total, document=bill.number),
        Leg(REVENUE, bill.net_cents, document=bill.number),
        Leg(VAT, bill.vat_cents, document=bill.number),
    )
    posting = Posting("invoice", f"invoice/{bill.number}", bill.customer, bill.words, legs)
    return book(session, posting, by=by, now_us=now_us)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came in for a customer, from the gateway or the bank (`through`).

    It pays the invoice `document` as far as that is still owed; the rest, or all of it where there
    is no document, goes to the wallet.
    """

    customer: str
    cents: int
    source: str
    words: str
    document: str = ""
    through: str = CLEARING

    def __post_init__(self) -> None:
        require_something(self.cents)


@dataclass(frozen=True, slots=True)
class Received:
    """Where it went. `is_new` is False where the source was booked before: then this is where it
    went at that time.
    """

    is_new: bool
    paid_cents: int
    to_wallet_cents: int


def receive(session: Session, money: Receipt, *, by: Actor, now_us: int) -> Received:
    """Book money that came in, once per source. Over-payment goes to the wallet, and so does what
    names an invoice of somebody else.
    """
    lock(session, money.customer, now_us=now_us)
    known = went(session, money.source)
    if known:
        return known
    paid = payable(session, money.customer, money.document, money.cents)
    legs = (
        Leg(money.through, -money.cents, document=money.document),
        Leg(RECEIVABLE, paid, document=money.document),
        Leg(WALLET, money.cents - paid),
    )
    kind = "payment" if money.document else "top_up"
    posting = Posting(kind, money.source, money.customer, money.words, legs)
    is_new = book(session, posting, by=by, now_us=now_us)
    return Received(is_new, paid, money.cents - paid)


def went(session: Session, source: str) -> Received | None:
    """Where the money of a source went; None where it was not booked."""
    booking, rows = LedgerRepository(session).legs_of(source)
    if booking is None:
        return None
    cents = {kind: amount for kind, amount, _, _ in rows}
    return Received(False, cents.get(RECEIVABLE, 0), cents.get(WALLET, 0))  # noqa: FBT003


def payable(session: Session, customer: str, document: str, cents: int) -> int:
    """How much of some money an invoice can take."""
    return max(min(_owed(session, customer, document), cents), 0)


def settle_from_wallet(
    session: Session, customer: str, number: str, *, source: str, by: Actor, now_us: int
) -> int:
    """Pay an invoice with credits and then the wallet, as far as they go; the cents that moved.

    An invoice below zero is paid out into the wallet (the answer is below zero too). 0 where
    nothing is owed or nothing is there.
    """
    lock(session, customer, now_us=now_us)
    legs = _from_purses(session, customer, number, _owed(session, customer, number), now_us)
    moved = -sum(leg.cents for leg in legs)
    if not moved:
        return 0
    posting = Posting(
        "settlement", source, customer, f"Invoice {number} paid from the wallet",
        (*legs, Leg(RECEIVABLE, moved, document=number)),
    )  # fmt: skip
    return moved if book(session, posting, by=by, now_us=now_us) else 0


def _from_purses(
    session: Session, customer: str, number: str, cents: int, now_us: int
) -> tuple[Leg, ...]:
    """What credits and then the wallet give for an invoice; below zero they get it."""
    if cents <= 0:
        return (Leg(WALLET, -cents, document=number),)
    repository = LedgerRepository(session)
    purses = CreditRepository(session).purses(customer, now_us)
    used = spend(cents, [Purse(*row) for row in purses])
    there = max(repository.balance(customer, WALLET), 0)
    rest = min(cents - sum(part for _, part in used), there)
    given = (Leg(CREDIT, -part, tag, number) for tag, part in used)
    return (*given, Leg(WALLET, -rest, document=number))


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is undone, and under which source. What of it went back before is not taken again:
    `wallet_cents` out of the wallet, `owed_cents` by owing the invoice again.
    """

    undone: str
    source: str
    words: str
    wallet_cents: int = 0
    owed_cents: int = 0


def take_back(session: Session, undoing: Undoing, *, by: Actor, now_us: int) -> bool:
    """Undo what is left of a booking, as the gateway does when a settlement is voided or a bank
    charges back; was anything booked now? The wallet may fall below zero by it, and an invoice is
    owed again.
    """
    booking, rows = LedgerRepository(session).legs_of(undoing.undone)
    if booking is None:
        raise UnbalancedError(f"{undoing.undone} was never booked.")
    legs = mirrored([_left(Leg(*row), undoing) for row in rows])
    if not any(leg.cents for leg in legs):
        return False
    posting = Posting(
        "reversal", undoing.source, booking.customer, undoing.words, legs, may_overdraw=True
    )
    return book(session, posting, by=by, now_us=now_us)


def _left(leg: Leg, undoing: Undoing) -> Leg:
    gone = {WALLET: undoing.wallet_cents, RECEIVABLE: undoing.owed_cents}
    cents = leg.cents - gone.get(leg.kind, -sum(gone.values()))
    return Leg(leg.kind, cents, leg.tag, leg.document)


@dataclass(frozen=True, slots=True)
class Sent:
    """Money that goes back to a customer through the gateway: out of the wallet, or, where it had
    paid an invoice, by owing that again (`document`).
    """

    customer: str
    cents: int
    source: str
    words: str
    document: str = ""
    through: str = CLEARING

    def __post_init__(self) -> None:
        require_something(self.cents)


def send_back(session: Session, money: Sent, *, by: Actor, now_us: int) -> bool:
    """Book a refund that the gateway confirmed; was it new? NotEnoughError: the wallet has less."""
    from_where = Leg(
        RECEIVABLE if money.document else WALLET, -money.cents, document=money.document
    )
    legs = (from_where, Leg(money.through, money.cents, document=money.document))
    posting = Posting("refund", money.source, money.customer, money.words, legs)
    return book(session, posting, by=by, now_us=now_us)


def write_off(
    session: Session, customer: str, number: str, *, source: str, by: Actor, now_us: int
) -> int:
    """Give up what is still owed for an invoice; the cents. NothingOwedError where nothing is."""
    lock(session, customer, now_us=now_us)
    open_cents = _owed(session, customer, number)
    if open_cents <= 0:
        raise NothingOwedError(f"Nothing is owed for {number}.")
    legs = (Leg(RECEIVABLE, open_cents, "", number), Leg(WRITE_OFF, -open_cents, "", number))
    posting = Posting("write_off", source, customer, f"Invoice {number} written off", legs)
    return open_cents if book(session, posting, by=by, now_us=now_us) else 0


def _owed(session: Session, customer: str, number: str) -> int:
    return LedgerRepository(session).owed_by(customer, number) or 0


def require_something(cents: int) -> None:
    """UnbalancedError where an amount is none."""
    if cents <= 0:
        raise UnbalancedError("Money that moves is more than nothing.")
