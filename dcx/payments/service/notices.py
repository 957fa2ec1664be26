"""Notices: what comes to the gateway's doors is kept as it came, but for secrets. It decides
nothing: the gateway is asked.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.payments.models import Notice, Payment
from dcx.payments.repository import PaymentRepository
from dcx.payments.rules import Answer, mismatches
from dcx.payments.rules.fields import redacted
from dcx.payments.service.settle import due_of

NOTICE, RETURN = "notice", "return"
MOST_FORGED, MOST_RETURNS = 20, 20
"""So many forged notices of an address are kept in a quarter of an hour; the others only count."""


@dataclass(frozen=True, slots=True)
class Came:
    """What came, and from where."""

    kind: str
    body: str
    address: str


@dataclass(frozen=True, slots=True)
class About:
    """The payment that something came about: where its page is."""

    key: str
    customer: str
    reference: str


def take_notice(session: Session, came: Came, answer: Answer, *, now_us: int) -> About | None:
    """Keep a genuine notice; the payment that it is about, None where there is none of its id.

    Nothing changes by it, and what it says otherwise than the payment is on record with it.
    """
    payment = PaymentRepository(session).by_request(answer.pay_request_id)
    _keep(session, came, payment, _outcome(payment, answer), is_genuine=True, now_us=now_us)
    return _about(payment)


def take_forged(session: Session, came: Came, why: str, *, now_us: int) -> bool:
    """Count what is not the gateway's word, and keep the first of each address; False where there
    were too many.
    """
    count = journal.count(session, "forged notice", came.address, now_us=now_us)
    if count <= MOST_FORGED:
        _keep(session, came, None, why, is_genuine=False, now_us=now_us)
    return count <= MOST_FORGED


def take_return(session: Session, came: Came, about: About, *, now_us: int) -> None:
    """Keep what a browser brought back from the gateway's page, rightly signed; not without end."""
    payments = PaymentRepository(session)
    payment = payments.find(about.key)
    if payment and len(payments.notices(payment.id, MOST_RETURNS)) < MOST_RETURNS:
        _keep(session, came, payment, "The gateway is asked", is_genuine=True, now_us=now_us)


def find_about(session: Session, pay_request_id: str) -> About | None:
    """The payment that the gateway knows under this id."""
    return _about(PaymentRepository(session).by_request(pay_request_id))


def _about(payment: Payment | None) -> About | None:
    return About(payment.key, payment.customer, payment.reference) if payment else None


def _outcome(payment: Payment | None, answer: Answer) -> str:
    if payment is None:
        return "No payment has this request id"
    wrong = mismatches(due_of(payment), answer)
    if wrong:
        return f"It names {' and '.join(wrong)}. The gateway is asked"
    if answer.told != payment.state and payment.state in {"paid", "reversed"}:
        return f"It says {answer.told}, the payment is {payment.state}. The gateway is asked"
    return "The gateway is asked"


def _keep(
    session: Session, came: Came, payment: Payment | None, outcome: str, *, is_genuine: bool,
    now_us: int,
) -> None:  # fmt: skip
    notice = Notice(
        payment_id=payment.id if payment else None,
        kind=came.kind,
        body=redacted(came.body),
        address=came.address,
        is_genuine=is_genuine,
        outcome=outcome,
        received_us=now_us,
    )
    PaymentRepository(session).add(notice)
