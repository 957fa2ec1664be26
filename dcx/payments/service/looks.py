"""What people see of payments: their own, and all of them for staff."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.kit.sorting import Ask, Page
from dcx.payments.errors import UnknownPaymentError
from dcx.payments.models import Notice, Payment, PaymentEvent
from dcx.payments.repository import ListedRepository, PaymentRepository, Wanted
from dcx.payments.repository.refunds import RefundRepository
from dcx.payments.rules import OPEN, UNPAID
from dcx.payments.rules.states import DECLINED, PAID, REDIRECTED, REVERSED, REVIEW
from dcx.payments.rules.times import DAY_US, USABLE_US
from dcx.payments.rules.words import (
    REFUNDED,
    STATE_WORDS,
    is_authenticated,
    method_words,
    reason,
)
from dcx.payments.service.close import is_closing
from dcx.payments.service.sources import refund_source, source_of
from dcx.wallet import service as wallet

NOTICES_SHOWN = 50
FRESH_US = 7 * DAY_US


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment in a list. `badge` is the state as a kind and a word, another one once all of it
    was sent back; `back_cents` were (files do not look for that); `document` is "" for a top-up;
    `paid_us` is None until it was paid.
    """

    key: str
    customer: str
    document: str
    reference: str
    cents: int
    currency: str
    state: str
    badge: tuple[str, str]
    method: str
    is_authenticated: bool
    created_us: int
    paid_us: int | None
    back_cents: int

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_unpaid(self) -> bool:
        """Did it end without money, so that trying again makes sense?"""
        return self.state in UNPAID


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment as its customer sees it. `can_go_on`: can the gateway's page still be opened for
    it? `is_late`: has it been open for so long that it was probably left? `is_closed`: did people
    end it, who know more than the page can say?
    """

    line: PaymentLine
    reason: str
    can_go_on: bool
    is_late: bool
    is_closed: bool


@dataclass(frozen=True, slots=True)
class WholePayment:
    """A payment as staff see it: every step, what came to the doors, and what is booked for it."""

    line: PaymentLine
    email: str
    made_by: str
    result: str
    risk: str
    transaction_id: str
    pay_request_id: str
    checks: int
    next_check_us: int | None
    steps: list[PaymentEvent]
    notices: list[Notice]
    bookings: list[wallet.Booked]


@dataclass(frozen=True, slots=True)
class Redirect:
    """What sends a browser to the gateway's page: its request and our reference."""

    pay_request_id: str
    reference: str


def list_payments(session: Session, wanted: Wanted, ask: Ask) -> Page[PaymentLine]:
    found = ListedRepository(session).page(wanted, ask)
    lines = _lines(session, found.rows)
    return Page(lines, found.after, found.before, found.first, found.count, found.ask)


def every_payment(session: Session, wanted: Wanted, ask: Ask) -> Iterator[PaymentLine]:
    """All that a filter shows, streamed."""
    for row in ListedRepository(session).every(wanted, ask):
        yield _line(row, 0)


def paid_cents(session: Session, wanted: Wanted) -> int:
    """What is paid of those that a filter shows."""
    return ListedRepository(session).paid_cents(wanted)


def waiting_count(session: Session, *, now_us: int) -> int:
    """Payments that people must look at: set aside, or taken back within 7 days."""
    listed = ListedRepository(session)
    return listed.count(REVIEW) + listed.count(REVERSED, changed_since_us=now_us - FRESH_US)


def get_payment(session: Session, customer: str, key: str, *, now_us: int) -> PaymentView:
    """A customer's own payment; another's is not found."""
    payments = PaymentRepository(session)
    payment = payments.find(key)
    if payment is None or payment.customer != customer:
        raise UnknownPaymentError("There is no such payment here.")
    age_us = now_us - payment.created_us
    return PaymentView(
        line=_lines(session, [payment])[0],
        reason=reason(payment.result_code),
        can_go_on=payment.state == REDIRECTED and age_us < USABLE_US,
        is_late=payment.state in OPEN and age_us >= USABLE_US,
        is_closed=payment.state == DECLINED and is_closing(payments.events(payment.id)[-1]),
    )


def redirect_of(session: Session, key: str) -> Redirect:
    payment = PaymentRepository(session).find(key)
    if payment is None or payment.pay_request_id is None:
        raise UnknownPaymentError("There is no such payment here.")
    return Redirect(payment.pay_request_id, payment.reference)


def get_whole(session: Session, key: str) -> WholePayment:
    """A payment with all that is known of it."""
    payments = PaymentRepository(session)
    payment = payments.get(key)
    source = source_of(key)
    refunds = (refund_source(row.key) for row in RefundRepository(session).of_payment(payment.id))
    sources = (source, *refunds, f"{source}/reversed")
    bookings = (wallet.find_booking(session, each) for each in sources)
    return WholePayment(
        line=_lines(session, [payment])[0],
        email=payment.email,
        made_by=payment.made_by,
        result=f"{payment.result_code} {payment.result_words}".strip(),
        risk=payment.risk,
        transaction_id=payment.transaction_id,
        pay_request_id=payment.pay_request_id or "",
        checks=payment.checks,
        next_check_us=payment.next_check_us,
        steps=list(payments.events(payment.id)),
        notices=list(payments.notices(payment.id, NOTICES_SHOWN)),
        bookings=[found for found in bookings if found],
    )


def _lines(session: Session, payments: Sequence[Payment]) -> list[PaymentLine]:
    back = RefundRepository(session).sent_back([payment.id for payment in payments])
    return [_line(payment, back.get(payment.id, 0)) for payment in payments]


def _line(payment: Payment, back_cents: int) -> PaymentLine:
    is_back = payment.state == PAID and back_cents >= payment.amount_cents
    return PaymentLine(
        key=payment.key,
        customer=payment.customer,
        document=payment.document,
        reference=payment.reference,
        cents=payment.amount_cents,
        currency=payment.currency,
        state=payment.state,
        badge=REFUNDED if is_back else STATE_WORDS[payment.state],
        method=method_words(payment.method),
        is_authenticated=payment.state != PAID or is_authenticated(payment.risk),
        created_us=payment.created_us,
        paid_us=payment.paid_us,
        back_cents=back_cents,
    )
