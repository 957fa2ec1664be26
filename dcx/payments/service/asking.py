"""Ask: one question to the gateway about a payment, by whoever's turn it is, then settle."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.payments.errors import GatewayRefusedError, GatewaySilentError
from dcx.payments.models import Payment
from dcx.payments.repository import PaymentRepository
from dcx.payments.rules import OPEN, meaning
from dcx.payments.rules.times import GIVEN_UP_US, LEASE_US, next_check_us
from dcx.payments.service.desk import Desk
from dcx.payments.service.settle import give_up, put_off, settle
from dcx.repository.session import transaction


@dataclass(frozen=True, slots=True)
class Heard:
    """How a question went. `state` is the payment's after it; "" where nothing was learnt, and
    `why` says so for staff. `is_silent`: did the gateway not answer at all?
    """

    state: str = ""
    why: str = ""
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class _Question:
    """What to ask. Without a request the gateway cannot be asked at all."""

    pay_request_id: str | None
    reference: str
    is_given_up: bool


def ask(key: str, desk: Desk, *, by: Actor, now_us: int, hint: str = "") -> Heard:
    """Ask the gateway about a payment and settle what it says. Never call it inside a transaction:
    it asks between two of its own. Safe to repeat and to run beside itself: one at a time asks.

    `hint` is the status that a notice or a browser spoke of: where it is not our turn and it says
    something new, the payment is asked about once it is.
    """
    with transaction() as session:
        question = _turn(session, key, hint, now_us)
    if question is None:
        return Heard(why="It was asked a moment ago, or is about to be.")
    if question.pay_request_id is None:
        return _without_request(key, question, by=by, now_us=now_us)
    try:
        answer = desk.gateway.query(question.pay_request_id, question.reference)
    except (GatewayRefusedError, GatewaySilentError) as error:
        return _unanswered(key, question, error, by=by, now_us=now_us)
    with transaction() as session:
        state = settle(session, key, answer, desk, by=by, now_us=now_us)
        if question.is_given_up:
            give_up(session, key, by=by, now_us=now_us)
    return Heard(state)


def _turn(session: Session, key: str, hint: str, now_us: int) -> _Question | None:
    payments = PaymentRepository(session)
    payment = payments.get(key)
    if payment.is_unattended:
        _leave_to_the_clock(payments, payment)
        return None
    if not payments.claim(key, now_us=now_us, until_us=now_us + LEASE_US):
        if hint and meaning(hint) != payment.state:
            payments.hasten(key)
        return None
    is_given_up = next_check_us(payment.created_us, now_us) is None
    return _Question(payment.pay_request_id, payment.reference, is_given_up)


def _leave_to_the_clock(payments: PaymentRepository, payment: Payment) -> None:
    """A charge of a saved card is known to PayHost alone, which jobs/charges.py asks: soon."""
    if payment.state in OPEN:
        payments.hasten(payment.key)


def _without_request(key: str, question: _Question, *, by: Actor, now_us: int) -> Heard:
    """Nobody can pay without the gateway's request: it expires once that is out of use."""
    with transaction() as session:
        payment = PaymentRepository(session).find(key)
        is_old = payment is not None and payment.created_us + GIVEN_UP_US <= now_us
        if is_old or question.is_given_up:
            give_up(session, key, by=by, now_us=now_us)
        else:
            put_off(session, key, now_us=now_us)
    return Heard(why="The gateway never said what it calls this payment.")


def _unanswered(
    key: str, question: _Question, error: Exception, *, by: Actor, now_us: int
) -> Heard:
    with transaction() as session:
        put_off(session, key, now_us=now_us)
        if question.is_given_up:
            give_up(session, key, by=by, now_us=now_us)
    is_silent = type(error) is GatewaySilentError
    return Heard(why=str(error), is_silent=is_silent)


def note_question(session: Session, key: str, *, by: Actor, now_us: int) -> None:
    """Put on record that a person has the gateway asked about a payment."""
    payment = PaymentRepository(session).get(key)
    deed = Deed("payment asked about", payment.reference, payment.customer)
    journal.record(session, by, deed, now_us=now_us)


def due(session: Session, *, now_us: int, limit: int) -> list[str]:
    """Keys of payments to ask about now."""
    return list(PaymentRepository(session).due(now_us, limit))
