"""Refunds: asked for by one person, from a limit on decided by another, and looked at.

The money leaves the customer's reach when the refund is asked for, and the ledger's books when the
gateway has confirmed it (service/sending.py).
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.ids import new_id
from dcx.kit.money import cents_text
from dcx.kit.periods import SECOND_US
from dcx.payments.errors import RefundRefusedError, UnknownPaymentError, UnknownRefundError
from dcx.payments.models import Payment, Refund
from dcx.payments.repository import PaymentRepository
from dcx.payments.repository.refunds import DEAD, OPEN, RefundRepository
from dcx.payments.rules.fields import new_reference
from dcx.payments.rules.states import PAID
from dcx.payments.service.set_aside import from_wallet, give_back, set_aside

LONGEST_REASON, LONGEST_KEY = 200, 64
RECENT_US = 30 * 24 * 3_600 * SECOND_US


@dataclass(frozen=True, slots=True)
class Wanted:
    """A refund as somebody asks for it. `form_key` makes a double click one refund."""

    payment: str
    cents: int
    reason: str
    form_key: str


def ask_refund(
    session: Session, wanted: Wanted, *, by: Actor, limit_cents: int, now_us: int
) -> str:
    """Write a refund down and set its money aside; its key. The same form once more changes
    nothing.

    As soon as all that goes back for a payment reaches the limit, a second person decides.
    RefundRefusedError where more would go back than was paid, or nothing says why.
    """
    repository = RefundRepository(session)
    payment = PaymentRepository(session).lock(wanted.payment)
    if payment is None:
        raise UnknownPaymentError("This page does not exist, or it is not yours to see.")
    known = repository.by_form(wanted.form_key)
    if known is not None:
        _require_same(known, payment, wanted)
        return known.key
    live = [row for row in repository.of_payment(payment.id) if row.state not in DEAD]
    gone = sum(row.amount_cents for row in live)
    reason = _require_sound(payment, wanted, gone)
    needs_second = gone + wanted.cents >= limit_cents
    refund = _refund(payment, wanted, reason, by=by, now_us=now_us)
    refund.state = "waiting" if needs_second else "wanted"
    set_aside(session, payment, live, refund, by=by, now_us=now_us)
    repository.add(refund)
    deed = _deed("refund asked for", payment, refund)
    journal.record(session, by, deed, now_us=now_us)
    return refund.key


def _require_same(known: Refund, payment: Payment, wanted: Wanted) -> None:
    if (known.payment_id, known.amount_cents) != (payment.id, wanted.cents):
        raise RefundRefusedError(
            "This form was sent before, for another refund. Open it anew and send it once."
        )


def _require_sound(payment: Payment, wanted: Wanted, gone: int) -> str:
    """The reason in one line; RefundRefusedError says what is wrong."""
    reason = " ".join(wanted.reason.split())
    if not 0 < len(wanted.form_key) <= LONGEST_KEY:
        raise RefundRefusedError("This form has gone stale. Reload the page.")
    if payment.state != PAID:
        raise RefundRefusedError("Only what was paid can be sent back.")
    if not reason or len(reason) > LONGEST_REASON:
        raise RefundRefusedError(f"Say why, in at most {LONGEST_REASON} characters.")
    if wanted.cents <= 0:
        raise RefundRefusedError("Say how much goes back: more than nothing.")
    if gone + wanted.cents > payment.amount_cents:
        raise RefundRefusedError("That is more than was paid and has not gone back yet.")
    return reason


def _refund(payment: Payment, wanted: Wanted, reason: str, *, by: Actor, now_us: int) -> Refund:
    return Refund(
        key=new_id(),
        form_key=wanted.form_key,
        payment_id=payment.id,
        amount_cents=wanted.cents,
        reason=reason,
        order_id=new_reference(),
        asked_by=by.who,
        decided_by=None,
        transaction_id="",
        words="",
        tries=0,
        next_try_us=now_us,
        created_us=now_us,
        ended_us=None,
    )


def decide_refund(session: Session, key: str, *, accepts: bool, by: Actor, now_us: int) -> None:
    """The second person's word. Whoever asked cannot be it; what was decided stays decided."""
    found = RefundRepository(session).lock(key)
    if found is None:
        raise UnknownRefundError("There is no such refund.")
    refund, payment = found
    if refund.state != "waiting":
        raise RefundRefusedError("This refund is decided already.")
    if refund.asked_by == by.who:
        raise RefundRefusedError("Somebody else must decide what you asked for.")
    refund.decided_by = by.who
    if accepts:
        refund.state, refund.next_try_us = "wanted", now_us
    else:
        refund.state, refund.next_try_us, refund.ended_us = "declined", None, now_us
        give_back(session, refund, by=by, now_us=now_us)
    action = "refund approved" if accepts else "refund declined"
    journal.record(session, by, _deed(action, payment, refund), now_us=now_us)


def _deed(action: str, payment: Payment, refund: Refund) -> Deed:
    amount = f"{cents_text(refund.amount_cents)} {payment.currency}"
    facts = {"amount": amount, "reason": refund.reason}
    return Deed(action, payment.reference, payment.customer, None, facts)


@dataclass(frozen=True, slots=True)
class RefundLine:
    """A refund as staff see it. `wallet_cents` of it come out of the wallet; for the rest the
    invoice is owed again.
    """

    key: str
    payment: str
    reference: str
    customer: str
    cents: int
    wallet_cents: int
    document: str
    reason: str
    state: str
    words: str
    asked_by: str
    decided_by: str | None
    asked_us: int
    ended_us: int | None
    tries: int
    next_try_us: int | None


@dataclass(frozen=True, slots=True)
class Refundable:
    """A payment and what went back of it. `left_cents` is what still can."""

    payment: str
    reference: str
    customer: str
    document: str
    cents: int
    left_cents: int
    lines: list[RefundLine]


def refunds_of(session: Session, payment_key: str) -> Refundable:
    """What went back for a payment, oldest first; UnknownPaymentError where there is none."""
    repository = RefundRepository(session)
    payment = PaymentRepository(session).find(payment_key)
    if payment is None:
        raise UnknownPaymentError("This page does not exist, or it is not yours to see.")
    rows = repository.of_payment(payment.id)
    gone = sum(row.amount_cents for row in rows if row.state not in DEAD)
    left = payment.amount_cents - gone if payment.state == PAID else 0
    held = from_wallet(session, rows)
    lines = [_line(row, payment, held[row.key]) for row in rows]
    return Refundable(
        payment.key, payment.reference, payment.customer, payment.document,
        payment.amount_cents, left, lines,
    )  # fmt: skip


def waiting_refunds(session: Session) -> list[RefundLine]:
    """Refunds that wait for a second person, newest first."""
    return _lines(session, ("waiting",))


def open_refunds(session: Session) -> list[RefundLine]:
    """Refunds that the gateway has still to confirm, newest first."""
    return _lines(session, OPEN)


def ended_refunds(session: Session, *, now_us: int) -> list[RefundLine]:
    """Refunds of the last 30 days that are done, refused or declined, newest first."""
    return _lines(session, ("done", *DEAD), since_us=now_us - RECENT_US)


def waiting_refunds_count(session: Session) -> int:
    """How many need somebody: a second person's word, or a look at what became of them."""
    return RefundRepository(session).count(("waiting", "unknown"))


def count_open(session: Session) -> int:
    """How many the gateway has still to confirm."""
    return RefundRepository(session).count(OPEN)


def _lines(session: Session, states: tuple[str, ...], *, since_us: int = 0) -> list[RefundLine]:
    rows = RefundRepository(session).in_states(states, since_us=since_us)
    held = from_wallet(session, [refund for refund, _ in rows])
    return [_line(refund, payment, held[refund.key]) for refund, payment in rows]


def _line(row: Refund, payment: Payment, wallet_cents: int) -> RefundLine:
    return RefundLine(
        row.key, payment.key, payment.reference, payment.customer, row.amount_cents,
        wallet_cents, payment.document, row.reason, row.state, row.words,
        row.asked_by, row.decided_by, row.created_us, row.ended_us, row.tries, row.next_try_us,
    )  # fmt: skip
