"""Adjustments: money that staff move by hand. Above a limit a second person decides."""

from collections.abc import Callable
from dataclasses import dataclass, fields

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.errors import NotAllowedError
from dcx.kit.ids import new_id
from dcx.kit.money import cents_text
from dcx.kit.periods import HOUR_US, instant_text
from dcx.wallet import models
from dcx.wallet.errors import AdjustmentRefusedError, UnknownAdjustmentError
from dcx.wallet.repository import AdjustmentRepository, LedgerRepository
from dcx.wallet.rules import BANK, CORRECTION, WALLET, Leg, Posting, fault_of_wish
from dcx.wallet.service.acts import Receipt, receive, write_off
from dcx.wallet.service.book import book, lock
from dcx.wallet.service.credits import Grant, give_credit

DAY_US = 24 * HOUR_US


@dataclass(frozen=True, slots=True)
class Wish:
    """What staff ask for, once per `form_key`.

    `kind` is one of rules.KINDS: an `adjustment` moves the wallet up or down by `cents`; a `credit`
    is given with its `priority` and `expires_us`; a `write_off` gives up all that is owed for the
    invoice `document` (`cents` 0, or exactly that); `received` is money that came to the bank, for
    the invoice `document` or for the wallet.
    """

    customer: str
    kind: str
    cents: int
    reason: str
    document: str = ""
    priority: int = 0
    expires_us: int | None = None
    form_key: str = ""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An adjustment as it stands: `state` is waiting, booked or declined. One that needed nobody
    else was decided by whoever asked for it, at once.
    """

    key: str
    customer: str
    kind: str
    amount_cents: int
    document: str
    reason: str
    priority: int
    expires_us: int | None
    state: str
    asked_by: str
    asked_us: int
    decided_by: str | None
    decided_us: int | None


def ask(session: Session, wish: Wish, *, by: Actor, limit_cents: int, now_us: int) -> Adjustment:
    """Ask for an adjustment: below the limit it is booked at once, else it waits for a second
    person. What one person books alone for a customer within a day counts together, so that a
    large amount in small parts waits too. The same `form_key` again answers the adjustment that was
    made.

    AdjustmentRefusedError where it cannot be asked so; NotEnoughError, NothingOwedError and
    CreditRefusedError where it is booked at once and cannot be.
    """
    customer = accounts.get_customer(session, wish.customer).key
    lock(session, customer, now_us=now_us)
    repository = AdjustmentRepository(session)
    known = repository.of_form(wish.form_key)
    if known is not None:
        return _same(known, wish)
    cents = _cents(session, wish, now_us)
    alone = repository.alone_since(customer, by.who, now_us - DAY_US)
    waits = abs(cents) + alone >= limit_cents
    row = models.Adjustment(
        key=new_id(),
        form_key=wish.form_key,
        customer=customer,
        kind=wish.kind,
        amount_cents=cents,
        document=wish.document,
        reason=wish.reason.strip(),
        priority=wish.priority,
        expires_us=wish.expires_us,
        state="waiting" if waits else "booked",
        asked_by=by.who,
        asked_us=now_us,
        decided_by=None if waits else by.who,
        decided_us=None if waits else now_us,
    )
    if not waits:
        _book(session, row, by, now_us)
    repository.add(row)
    _note(session, row, "adjustment asked for" if waits else "adjustment booked", by, now_us)
    return _value(row)


def _same(known: models.Adjustment, wish: Wish) -> Adjustment:
    """The adjustment that the same form made, where it asked for the same."""
    is_same_amount = known.amount_cents == wish.cents or (wish.kind, wish.cents) == ("write_off", 0)
    if (known.customer, known.kind) != (wish.customer, wish.kind) or not is_same_amount:
        raise AdjustmentRefusedError(
            "This form was sent before, for something else. Open it anew and send it once."
        )
    return _value(known)


def _cents(session: Session, wish: Wish, now_us: int) -> int:
    """What it moves, where it may be asked for."""
    fault = fault_of_wish(wish.kind, wish.cents, wish.reason, wish.form_key)
    if fault:
        raise AdjustmentRefusedError(fault)
    if wish.expires_us is not None and wish.expires_us <= now_us:
        raise AdjustmentRefusedError("This credit would have expired already.")
    owed = _owed(session, wish) if wish.document else 0
    if wish.kind != "write_off":
        return wish.cents
    if owed <= 0:
        raise AdjustmentRefusedError(f"Nothing is owed for {wish.document or 'no invoice'}.")
    if wish.cents not in {0, owed}:
        raise AdjustmentRefusedError(
            f"{cents_text(owed)} is owed for {wish.document}, and a write-off gives up all of it."
        )
    return owed


def _owed(session: Session, wish: Wish) -> int:
    owed = LedgerRepository(session).owed_by(wish.customer, wish.document)
    if owed is None:
        raise AdjustmentRefusedError(f"{wish.document} is no invoice of this customer.")
    return owed


def decide(session: Session, key: str, *, agrees: bool, by: Actor, now_us: int) -> Adjustment:
    """Book an adjustment that waits, or decline it; repeating one's own decision is safe.

    NotAllowedError for whoever asked for it, AdjustmentRefusedError where it was decided otherwise;
    what stands against booking it is raised too, and it goes on waiting.
    """
    row = AdjustmentRepository(session).find(key)
    if row is None:
        raise UnknownAdjustmentError("There is no such adjustment.")
    lock(session, row.customer, now_us=now_us)
    session.refresh(row)
    if row.asked_by == by.who:
        raise NotAllowedError("Somebody else than who asked for it must decide this adjustment.")
    state = "booked" if agrees else "declined"
    if (row.state, row.decided_by) == (state, by.who):
        return _value(row)
    if agrees and row.state == "waiting":
        _book(session, row, by, now_us)
    decided = {"state": state, "decided_by": by.who, "decided_us": now_us}
    if not AdjustmentRepository(session).decide(key, decided):
        raise AdjustmentRefusedError(f"This adjustment was {row.state} by {row.decided_by}.")
    session.refresh(row)
    _note(session, row, f"adjustment {'agreed to' if agrees else 'declined'}", by, now_us)
    return _value(row)


def _book(session: Session, row: models.Adjustment, by: Actor, now_us: int) -> None:
    _BOOKED[row.kind](session, row, by, now_us)


def _book_wallet(session: Session, row: models.Adjustment, by: Actor, now_us: int) -> None:
    cents, document = row.amount_cents, row.document
    legs = (Leg(WALLET, cents, "", document), Leg(CORRECTION, -cents, "", document))
    posting = Posting("adjustment", _source(row), row.customer, row.reason, legs)
    book(session, posting, by=by, now_us=now_us)


def _book_credit(session: Session, row: models.Adjustment, by: Actor, now_us: int) -> None:
    grant = Grant(
        row.customer, row.amount_cents, row.priority, row.expires_us, row.reason, _source(row)
    )
    give_credit(session, grant, by=by, now_us=now_us)


def _book_write_off(session: Session, row: models.Adjustment, by: Actor, now_us: int) -> None:
    owed = LedgerRepository(session).owed_by(row.customer, row.document) or 0
    if owed > row.amount_cents:
        raise AdjustmentRefusedError(
            f"More is owed for {row.document} now than the {cents_text(row.amount_cents)} that this"
            " would give up. Decline it and ask anew."
        )
    write_off(session, row.customer, row.document, source=_source(row), by=by, now_us=now_us)


def _book_received(session: Session, row: models.Adjustment, by: Actor, now_us: int) -> None:
    receipt = Receipt(
        row.customer, row.amount_cents, _source(row), f"Received by EFT: {row.reason}",
        row.document, BANK,
    )  # fmt: skip
    receive(session, receipt, by=by, now_us=now_us)


Booked = Callable[[Session, models.Adjustment, Actor, int], None]
_BOOKED: dict[str, Booked] = {
    "adjustment": _book_wallet,
    "credit": _book_credit,
    "write_off": _book_write_off,
    "received": _book_received,
}


def _source(row: models.Adjustment) -> str:
    return f"adjustment/{row.key}"


def _note(session: Session, row: models.Adjustment, action: str, by: Actor, now_us: int) -> None:
    facts = {
        "kind": row.kind,
        "amount": cents_text(row.amount_cents),
        "document": row.document,
        "reason": row.reason,
        "expires": "" if row.expires_us is None else instant_text(row.expires_us),
        "asked_by": row.asked_by,
    }
    said = {name: fact for name, fact in facts.items() if fact}
    journal.record(session, by, Deed(action, row.key, row.customer, after=said), now_us=now_us)


def waiting(session: Session, customer: str | None = None) -> list[Adjustment]:
    """What waits for a second person, a customer's or everybody's, oldest first."""
    return [_value(row) for row in AdjustmentRepository(session).waiting(customer)]


def adjustments_of(session: Session, customer: str, *, limit: int = 100) -> list[Adjustment]:
    """A customer's adjustments, newest first."""
    return [_value(row) for row in AdjustmentRepository(session).of_customer(customer, limit)]


def _value(row: models.Adjustment) -> Adjustment:
    return Adjustment(**{field.name: getattr(row, field.name) for field in fields(Adjustment)})
