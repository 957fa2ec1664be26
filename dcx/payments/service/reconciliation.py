"""Reconciliation: ledger, our payments and the gateway's answers, compared three ways."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.kit.periods import HOUR_US, Period
from dcx.payments.models import Payment
from dcx.payments.repository.differences import REVERSED as UNDONE
from dcx.payments.repository.differences import DifferenceRepository
from dcx.payments.rules import ENDED, Answer
from dcx.payments.rules.states import PAID, REVERSED, REVIEW
from dcx.payments.service.differences import (
    GATEWAY_KINDS,
    LEDGER_KINDS,
    NOTHING,
    Found,
    Side,
    settle_gone,
    write,
)
from dcx.wallet.service.gateway import at_gateway

DAY_US = 24 * HOUR_US
RECENT_US, OLDEST_US, AGAIN_US = 7 * DAY_US, 180 * DAY_US, 23 * HOUR_US


@dataclass(frozen=True, slots=True)
class Asked:
    """A payment that the gateway is asked about, as it stands with us before that. Charges that
    nobody sat before (`is_unattended`) have no request, and are known to PayHost alone.
    """

    id: int
    key: str
    reference: str
    pay_request_id: str
    customer: str
    state: str
    cents: int
    currency: str
    is_unattended: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """How many payments one of the three has of a period, and their cents."""

    count: int
    cents: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What the three have of a period. `asked` of our payments the gateway was asked about."""

    ledger: Sum
    ours: Sum
    gateway: Sum
    asked: int

    @property
    def agrees(self) -> bool:
        return self.ledger == self.ours and (self.gateway == self.ours or self.asked == 0)


def sums(session: Session, period: Period) -> Sums:
    """Payments that came in during a period and were not reversed, as each of the three has it."""
    repository = DifferenceRepository(session)
    count, cents, asked, taken, taken_cents = repository.our_sums(period.starts_us, period.ends_us)
    booked = repository.booked_sums(at_gateway(), period.starts_us, period.ends_us)
    return Sums(Sum(*map(int, booked)), Sum(count, int(cents)), Sum(taken, int(taken_cents)), asked)


def compare_with_ledger(session: Session, *, currency: str, now_us: int) -> int:
    """Compare every payment, reversal and refund with the ledger, in one statement; how many
    differ. What agrees again is settled by the clock.
    """
    repository = DifferenceRepository(session)
    rows = repository.ledger_differences(at_gateway())
    for kind, source, customer, known, ours, booked in rows:
        word = "reversal" if source.endswith(UNDONE) else source.partition("/")[0]
        number, side = known, _said(word, ours, currency)
        if known is None and (payment := repository.payment_of(source)):
            number, side = payment.id, Side(payment.state, payment.amount_cents, payment.currency)
        ledger = _said(word, booked, currency)
        write(
            session, Found(kind, source, customer, number, side, ledger=ledger), now_us=now_us
        )  # fmt: skip
    settle_gone(session, LEDGER_KINDS, now_us=now_us)
    return len(rows)


def find_sent_and_taken(session: Session, *, now_us: int) -> int:
    """Find what refunds sent back of payments that the gateway then took back as well; how many
    are open.

    A gateway voids before it settles and refunds after it, so that both at once is its mistake or a
    bank's. Whether it took the whole or the rest, its answer does not say, but what it pays out
    does: nothing of it is taken from the customer until people have looked.
    """
    found = [
        Found(
            "sent_and_taken", payment.key, payment.customer, payment.id,
            Side(payment.state, payment.amount_cents, payment.currency),
            Side("refunded", int(cents), payment.currency),
        )
        for payment, cents in DifferenceRepository(session).sent_and_taken()
    ]  # fmt: skip
    return sum(write(session, each, now_us=now_us) for each in found)


def _said(word: str, cents: int | None, currency: str) -> Side:
    return NOTHING if cents is None else Side(word, abs(int(cents)), currency)


def to_ask(session: Session, *, after: int, limit: int, now_us: int) -> Sequence[Asked]:
    """Payments to ask the gateway about now: of the last 7 days each once a day, and older ones
    that were never compared, so that after an outage nothing is left out.
    """
    window = (now_us - RECENT_US, now_us - OLDEST_US, now_us - AGAIN_US)
    rows = DifferenceRepository(session).to_ask(window, after=after, limit=limit)
    return [_asked(row) for row in rows]


def asked(session: Session, payment: int) -> Asked:
    """A payment as it stands now."""
    return _asked(session.get_one(Payment, payment))


def _asked(row: Payment) -> Asked:
    return Asked(
        row.id, row.key, row.reference, row.pay_request_id or "", row.customer, row.state,
        row.amount_cents, row.currency, row.is_unattended,
    )  # fmt: skip


def must_settle(payment: Asked, told: Answer | None) -> bool:
    """Does the gateway's answer change what we have? Then the payment is settled first."""
    if told is None:
        return False
    if told.told == PAID:
        return payment.state not in {PAID, REVIEW, REVERSED}
    return told.told == REVERSED and payment.state == PAID


def compare_with_gateway(
    session: Session, before: Asked, told: Answer | None, *, now_us: int
) -> str:
    """Compare a payment with the gateway's answer (None: it does not know the payment); the kind of
    difference, "" where they agree.

    `before` is the payment as it stood before the answer settled it: what settling mended is kept
    as a difference for staff to see, and closed by the clock when they agree the next time.
    """
    now = asked(session, before.id)
    kind = _difference(before, now, told)
    if kind:
        note = "" if now.state == before.state else f"Settled by reconciliation: now {now.state}."
        ours = Side(before.state, before.cents, before.currency)
        theirs = Side(told.told, told.amount_cents, told.currency) if told else NOTHING
        found = Found(kind, before.key, before.customer, before.id, ours, theirs, note=note)
        write(session, found, now_us=now_us)
    settle_gone(session, GATEWAY_KINDS, payment=before.id, now_us=now_us)
    taken = (told.amount_cents or 0) if told and told.told == PAID else 0
    DifferenceRepository(session).heard(before.id, taken, now_us)
    return kind


def _difference(before: Asked, now: Asked, told: Answer | None) -> str:
    if told is None or told.told not in {PAID, REVERSED}:
        return "paid_unapproved" if now.state == PAID else ""
    if told.told == REVERSED:
        return "reversed" if before.state == PAID else ""
    if (told.amount_cents, told.currency) != (before.cents, before.currency):
        return "amount_differs"
    was_over = before.state in ENDED or now.state != PAID
    return "approved_unpaid" if before.state != PAID and was_over else ""
