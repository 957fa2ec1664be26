"""Charge a saved card without its owner at the page: only where PayGate agreed to it for our id.

The payment is written down first, the card is charged once, outside any transaction, and whoever
finds the payment open later asks the gateway about it: it is never charged again.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.ids import new_id
from dcx.kit.money import cents_text
from dcx.kit.vault import SealBrokenError
from dcx.payments.errors import (
    DeadTokenError,
    GatewayRefusedError,
    GatewaySilentError,
    UnattendedRefusedError,
    UnknownPaymentError,
)
from dcx.payments.models import Payment
from dcx.payments.payhost import Order, PayHost, Person, Status
from dcx.payments.repository import CardRepository, PaymentRepository
from dcx.payments.rules import OPEN, UNPAID, Answer
from dcx.payments.rules.fields import new_reference
from dcx.payments.rules.states import CREATED, FAILED, PAID, PENDING, REVERSED, UNKNOWN
from dcx.payments.rules.times import GIVEN_UP_US, LEASE_US, next_check_us
from dcx.payments.rules.words import reason
from dcx.payments.service.cards import bury, chargeable
from dcx.payments.service.desk import GATEWAY, Desk
from dcx.payments.service.settle import give_up, put_off, settle
from dcx.repository.session import reading, transaction
from dcx.settings import Gateway

Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Unattended:
    """A charge as it is decided elsewhere. The same `form_key` is the same payment."""

    customer: str
    cents: int
    currency: str
    card: str
    form_key: str
    email: str


@dataclass(frozen=True, slots=True)
class Charged:
    """How a charge stands: paid, declined or unknown as yet. `words` is a sentence for its
    customer where it was declined.
    """

    state: str
    words: str


def charge_saved_card(
    gateway: Gateway, wanted: Unattended, desk: Desk, *, by: Actor, clock: Clock
) -> str:
    """Charge a saved card, once; the payment's key. Never call it inside a transaction.

    Repeating the call with the same form charges nothing: it asks how the payment stands.
    UnattendedRefusedError where that is switched off, CardRefusedError or UnknownCardError for a
    card that cannot be charged.
    """
    if not (gateway.charges_alone and gateway.payhost_password):
        raise UnattendedRefusedError("Saved cards are not charged without their owner here.")
    with transaction() as session:
        key, is_new = write_intent(session, wanted, by=by, now_us=clock())
    if is_new:
        _charge(gateway, key, desk, clock)
    else:
        ask_unattended(gateway, key, desk, by=by, clock=clock)
    return key


def charged(session: Session, key: str) -> Charged:
    """How a charge stands now."""
    payment = PaymentRepository(session).get(key)
    if payment.state == PAID:
        return Charged("paid", "")
    if payment.state in {*UNPAID, REVERSED}:
        return Charged("declined", reason(payment.result_code))
    return Charged("unknown", "")


def write_intent(
    session: Session, wanted: Unattended, *, by: Actor, now_us: int
) -> tuple[str, bool]:
    """Write the payment down; (its key, is it new and so the caller's to charge?)."""
    payments = PaymentRepository(session)
    known = payments.by_form(wanted.customer, wanted.form_key)
    if known is not None:
        return known.key, False
    card = chargeable(session, wanted.customer, wanted.card, now_us=now_us)
    values = {
        "key": new_id(), "customer": wanted.customer, "document": "",
        "amount_cents": wanted.cents, "currency": wanted.currency, "email": wanted.email,
        "reference": new_reference(), "form_key": wanted.form_key, "pay_request_id": None,
        "card_id": card, "keeps_card": False, "is_unattended": True,
        "state": CREATED, "transaction_id": "", "result_code": "", "result_words": "",
        "method": "", "risk": "", "checks": 0, "next_check_us": now_us + LEASE_US,
        "asked_us": now_us + LEASE_US, "made_by": by.who, "created_us": now_us,
        "changed_us": now_us, "paid_us": None,
    }  # fmt: skip
    is_new = payments.add_once(values)
    payment = _known(payments.by_form(wanted.customer, wanted.form_key))
    if is_new:
        _record(session, payment, by, now_us)
    return payment.key, is_new


def _record(session: Session, payment: Payment, by: Actor, now_us: int) -> None:
    PaymentRepository(session).add_event(
        payment, at_us=now_us, from_state="", to_state=CREATED, made_by=by.who,
        words="To be charged to a saved card",
    )  # fmt: skip
    facts = {"amount": f"{cents_text(payment.amount_cents)} {payment.currency}"}
    deed = Deed("saved card charged", payment.reference, payment.customer, after=facts)
    journal.record(session, by, deed, now_us=now_us)


def _charge(gateway: Gateway, key: str, desk: Desk, clock: Clock) -> None:
    """Send the charge, the one time, and write what came of it."""
    with reading() as session:
        payment = PaymentRepository(session).get(key)
        card = CardRepository(session).by_id(payment.card_id or 0)
        name = accounts.get_customer(session, payment.customer).name
    order = Order(payment.reference, payment.amount_cents, payment.currency)
    try:
        token = desk.vault.open(card.token or "" if card else "")
        status = PayHost(gateway).charge(token, order, Person(name, payment.email))
    except SealBrokenError:
        _write(key, FAILED, "The card's token cannot be opened", "", clock())
    except DeadTokenError as error:
        _write(key, FAILED, "The gateway no longer takes the card", error.code, clock())
        with transaction() as session:
            bury(session, payment.card_id or 0, now_us=clock())
    except GatewayRefusedError as error:
        _write(key, FAILED, str(error), error.code, clock())
    except GatewaySilentError as error:
        _write(key, UNKNOWN, str(error), "", clock())
    else:
        _settle(key, status, desk, clock())


def _settle(key: str, status: Status, desk: Desk, now_us: int, by: Actor = GATEWAY) -> None:
    """Into the payment, as the gateway's word by whatever door. Approved without an amount, or
    open without a reason, says too little: the gateway is asked again.
    """
    says_too_little = status.cents is None if status.is_approved else not status.result_code
    if status.code is None or (says_too_little and (status.is_approved or status.is_open)):
        _write(key, UNKNOWN, "The gateway's answer decides nothing", "", now_us)
        return
    with transaction() as session:
        settle(session, key, _answer(status), desk, by=by, now_us=now_us)


def _answer(status: Status) -> Answer:
    return Answer(
        pay_request_id=status.pay_request_id,
        reference=status.reference,
        status=str(status.code),
        result_code=status.result_code,
        result_words=status.words,
        amount_cents=status.cents,
        currency=status.currency,
        transaction_id=status.transaction_id,
        risk=status.risk,
        method=status.method,
    )


def ask_unattended(gateway: Gateway, key: str, desk: Desk, *, by: Actor, clock: Clock) -> None:
    """Ask the gateway how a charge ended, where that is open and it is our turn. It charges
    nothing, and what the gateway never heard of has failed after a while.
    """
    with transaction() as session:
        turn = _turn(session, key, clock())
    if turn is None:
        return
    reference, has_failed = turn
    try:
        found = PayHost(gateway).query(order_id=reference)
    except (GatewaySilentError, GatewayRefusedError) as error:
        _write(key, UNKNOWN, str(error), "", clock())
        return
    own = [status for status in found if status.reference == reference]
    if own:
        _settle(key, min(own, key=_weight), desk, clock(), by)
    elif has_failed:
        _write(key, FAILED, "The gateway never heard of it", "", clock())
    else:
        _write(key, UNKNOWN, "The gateway does not know it yet", "", clock())


def query_unattended(gateway: Gateway, reference: str) -> Answer | None:
    """What the gateway says of a charge now; None where it knows none. Nothing is written."""
    found = PayHost(gateway).query(order_id=reference)
    own = [each for each in found if each.reference == reference and each.kind != "Refund"]
    return _answer(min(own, key=_weight)) if own else None


def _turn(session: Session, key: str, now_us: int) -> tuple[str, bool] | None:
    """(reference, has it failed if the gateway never heard of it?) where it is ours to ask."""
    payments = PaymentRepository(session)
    payment = payments.get(key)
    reference, is_pending = payment.reference, payment.state == PENDING
    is_old = payment.created_us + GIVEN_UP_US <= now_us
    if payment.state in OPEN and payments.claim(key, now_us=now_us, until_us=now_us + LEASE_US):
        return reference, is_old and not is_pending
    return None


def _weight(status: Status) -> tuple[bool, bool]:
    """A confirmation counts before what may become one, and that before a no."""
    return not status.is_approved, not status.is_open


def due_unattended(session: Session, *, now_us: int, limit: int) -> list[str]:
    """Keys of charges to ask about now."""
    return list(PaymentRepository(session).due_unattended(now_us, limit))


def _write(key: str, state: str, words: str, code: str, now_us: int) -> None:
    """Into failed, or unknown until it is due again; nothing where it has ended meanwhile."""
    with transaction() as session:
        payments = PaymentRepository(session)
        payment = payments.get_locked(key)
        before = payment.state
        if before not in OPEN:
            return
        if state == UNKNOWN:
            state = before if before == PENDING else UNKNOWN
            put_off(session, key, now_us=now_us)
        values = {"state": state, "changed_us": now_us, "result_code": code}
        ends = {"next_check_us": None} if state == FAILED else {}
        if state != before and payments.move(payment, {**values, **ends}):
            payments.add_event(
                payment, at_us=now_us, from_state=before, to_state=state,
                made_by=GATEWAY.who, words=words,
            )  # fmt: skip
        if next_check_us(payment.created_us, now_us) is None:
            give_up(session, key, by=GATEWAY, now_us=now_us)


def _known(payment: Payment | None) -> Payment:
    if payment is None:
        raise UnknownPaymentError("There is no such payment.")
    return payment
