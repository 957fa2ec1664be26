"""Start: the gateway is told of a payment that was written down, and what it answers is written."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from dcx.kit.actors import Actor
from dcx.kit.vault import SealBrokenError
from dcx.payments.errors import (
    GatewayRefusedError,
    GatewaySilentError,
    NotGenuineError,
)
from dcx.payments.models import Payment
from dcx.payments.paygate import Initiation
from dcx.payments.repository import CardRepository, PaymentRepository
from dcx.payments.rules.states import CREATED, FAILED, REDIRECTED, UNKNOWN
from dcx.payments.rules.times import GIVEN_UP_US, next_check_us
from dcx.payments.service.begin import Wish, begin
from dcx.payments.service.cards import bury
from dcx.payments.service.desk import GATEWAY, Desk
from dcx.repository.session import reading, transaction

RETURN_PATH, NOTIFY_PATH = "/payments/paygate/return", "/payments/paygate/notify"
DEAD_TOKEN = "INVALID_VAULT_ID"  # noqa: S105 - a code of the gateway


def pay(wish: Wish, desk: Desk, *, by: Actor, now_us: int) -> str:
    """Begin a payment and tell the gateway of it; the payment's key. Never call it inside a
    transaction: the gateway is asked between two of its own.

    Repeating the call with the same form is safe: the gateway hears of a payment once.
    """
    with transaction() as session:
        begun = begin(session, wish, desk, by=by, now_us=now_us)
    if begun.is_new:
        start(begun.key, desk, now_us=now_us)
    return begun.key


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of telling the gateway."""

    state: str
    words: str
    code: str = ""
    pay_request_id: str | None = None


def start(key: str, desk: Desk, *, now_us: int) -> None:
    """Tell the gateway of a payment that was written down, and write what it answered. Never call
    it inside a transaction.
    """
    with reading() as session:
        payment = PaymentRepository(session).find(key)
        if payment is None or payment.state != CREATED:
            return
        card = CardRepository(session).by_id(payment.card_id) if payment.card_id else None
        wanted, sealed = _initiation(payment, desk), card.token if card else None
    outcome = _told(wanted, sealed, desk)
    with transaction() as session:
        _write(session, key, outcome, now_us)


def _told(wanted: Initiation, sealed: str | None, desk: Desk) -> _Outcome:
    """What became of telling the gateway. Whatever it was, nobody can pay without its request."""
    try:
        if sealed:
            wanted = replace(wanted, vault_id=desk.vault.open(sealed))
        known_as = desk.gateway.initiate(wanted).pay_request_id
        outcome = _Outcome(REDIRECTED, "The gateway knows it", pay_request_id=known_as)
    except SealBrokenError:
        outcome = _Outcome(FAILED, "The card's token cannot be opened")
    except GatewayRefusedError as error:
        outcome = _Outcome(FAILED, f"The gateway refused it: {error.code}", error.code)
    except NotGenuineError as error:
        outcome = _Outcome(FAILED, f"The gateway's answer cannot be used. {error}")
    except GatewaySilentError as error:
        outcome = _Outcome(UNKNOWN, f"The gateway did not answer. {error}")
    return outcome


def _initiation(payment: Payment, desk: Desk) -> Initiation:
    return Initiation(
        reference=payment.reference,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        email=payment.email,
        return_url=desk.site.link(RETURN_PATH),
        notify_url=desk.site.link(NOTIFY_PATH),
        begun_us=payment.created_us,
        keeps_card=payment.keeps_card,
    )


def _write(session: Session, key: str, outcome: _Outcome, now_us: int) -> None:
    payments = PaymentRepository(session)
    payment = payments.get_locked(key)
    due_us = {
        REDIRECTED: next_check_us(payment.created_us, now_us),
        UNKNOWN: payment.created_us + GIVEN_UP_US,
    }.get(outcome.state)
    values = {
        "state": outcome.state,
        "pay_request_id": outcome.pay_request_id,
        "result_code": outcome.code,
        "next_check_us": due_us,
        "changed_us": now_us,
    }
    if payment.state != CREATED or not payments.move(payment, values):
        return
    payments.add_event(
        payment, at_us=now_us, from_state=CREATED, to_state=outcome.state, made_by=GATEWAY.who,
        words=outcome.words,
    )  # fmt: skip
    if outcome.code == DEAD_TOKEN and payment.card_id:
        bury(session, payment.card_id, now_us=now_us)
