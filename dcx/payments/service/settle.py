"""Settle: the one function that turns the gateway's answer into a payment's state and money."""

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.payments.models import Payment
from dcx.payments.repository import PaymentRepository
from dcx.payments.rules import OPEN, Answer, mismatches, next_state
from dcx.payments.rules.answers import Due
from dcx.payments.rules.states import DECLINED, EXPIRED, PAID, REVERSED, REVIEW, contradicts
from dcx.payments.rules.times import PAUSE_US, next_check_us
from dcx.payments.rules.words import STATUS_WORDS
from dcx.payments.service import letters
from dcx.payments.service.desk import GATEWAY, Desk
from dcx.payments.service.keeping import keep_card
from dcx.payments.service.reversal import take_back
from dcx.payments.service.sources import source_of
from dcx.wallet import service as wallet


def settle(
    session: Session, key: str, answer: Answer, desk: Desk, *, by: Actor, now_us: int
) -> str:
    """Write what the gateway says of a payment and answer its state. Money moves here, and nowhere
    else for payments: repeating the call with any answer is safe.

    Give it only what the gateway itself answered when it was asked. An answer that does not fit the
    payment credits nobody: the payment is set aside for people to look at.
    """
    payments = PaymentRepository(session)
    payment = payments.get_locked(key)
    wrong = mismatches(due_of(payment), answer)
    told = REVIEW if wrong else answer.told
    before, after = payment.state, next_state(payment.state, told)
    words = _words(answer, wrong)
    is_news = after != before
    if not is_news:
        _note_contradiction(payments, payment, told, words, by, now_us)
    facts = _facts(answer) if (is_news or before in OPEN) and not wrong else {}
    if _move(payments, payment, after, facts, now_us) and is_news:
        _step(payments, payment, before, words, by, now_us)
        _follow(session, payment, answer, desk, now_us)
    return payment.state


def give_up(session: Session, key: str, *, by: Actor, now_us: int) -> None:
    """Expire a payment that stayed open for as long as the gateway is asked. Should money come all
    the same, it is booked.
    """
    payments = PaymentRepository(session)
    payment = payments.get_locked(key)
    before = payment.state
    if before in OPEN and _move(payments, payment, EXPIRED, {}, now_us):
        _step(payments, payment, before, "Nothing came of it in time", by, now_us)


def put_off(session: Session, key: str, *, now_us: int) -> None:
    """The gateway gave no answer: ask again when it is due next."""
    payments = PaymentRepository(session)
    payment = payments.get_locked(key)
    next_us = next_check_us(payment.created_us, now_us)
    payments.move(payment, {"next_check_us": next_us, "asked_us": now_us + PAUSE_US})


def due_of(payment: Payment) -> Due:
    """What every answer about a payment must say."""
    return Due(
        payment.pay_request_id, payment.reference, payment.amount_cents, payment.currency
    )  # fmt: skip


def _words(answer: Answer, wrong: list[str]) -> str:
    said = f"The gateway says {answer.status}"
    if not answer.result_code and answer.status in STATUS_WORDS:
        said = f"{said}, {STATUS_WORDS[answer.status]}"
    if answer.result_code:
        said = f"{said}, {answer.result_code} {answer.result_words}".rstrip()
    return f"{said}, but names {' and '.join(wrong)}" if wrong else said


def _facts(answer: Answer) -> dict[str, str]:
    return {
        "transaction_id": answer.transaction_id,
        "result_code": answer.result_code,
        "result_words": answer.result_words,
        "method": answer.method,
        "risk": answer.risk,
    }


def _move(
    payments: PaymentRepository, payment: Payment, after: str, facts: dict[str, str], now_us: int
) -> bool:
    """Into its next state if it still is in the one that was read; and to the next time to ask: at
    once where word came while somebody was asking.
    """
    is_hastened = payment.next_check_us is not None and payment.next_check_us < payment.asked_us
    next_us = next_check_us(payment.created_us, now_us) or now_us + PAUSE_US
    again_us = next_us if after in OPEN else None
    values = {
        **facts,
        "state": after,
        "next_check_us": now_us + PAUSE_US if is_hastened else again_us,
        "asked_us": now_us + PAUSE_US,
        "changed_us": payment.changed_us if after == payment.state else now_us,
    }
    if after == PAID:
        values["paid_us"] = payment.paid_us or now_us
    return payments.move(payment, values)


def _step(
    payments: PaymentRepository, payment: Payment, before: str, words: str, by: Actor, now_us: int
) -> None:
    payments.add_event(
        payment, at_us=now_us, from_state=before, to_state=payment.state, made_by=by.who,
        words=words,
    )  # fmt: skip


def _note_contradiction(
    payments: PaymentRepository, payment: Payment, told: str, words: str, by: Actor, now_us: int
) -> None:
    """Keep on record, once, that the gateway speaks against what was booked. Nothing changes."""
    if contradicts(payment.state, told):
        last = payments.events(payment.id)[-1]
        if last.words != words:
            _step(payments, payment, payment.state, words, by, now_us)


def _follow(session: Session, payment: Payment, answer: Answer, desk: Desk, now_us: int) -> None:
    """What comes with a new state: money, the card, mails, a trace for staff."""
    if payment.state == PAID:
        _book(session, payment, now_us)
        if payment.keeps_card and answer.token:
            keep_card(session, payment, answer.token, vault=desk.vault, now_us=now_us)
        letters.received(session, payment, site=desk.site, now_us=now_us)
    elif payment.state == DECLINED and not payment.is_unattended:
        letters.failed(session, payment, site=desk.site, now_us=now_us)
    elif payment.state == REVERSED:
        take_back(session, payment, now_us=now_us)
        _trace(session, payment, "payment taken back", answer, now_us)
    elif payment.state == REVIEW:
        _trace(session, payment, "payment set aside", answer, now_us)


def _book(session: Session, payment: Payment, now_us: int) -> None:
    what = f"Payment of {payment.document}" if payment.document else "Top-up"
    money = wallet.Receipt(
        payment.customer, payment.amount_cents, source_of(payment.key),
        f"{what}, {payment.reference}", document=payment.document,
    )  # fmt: skip
    wallet.receive(session, money, by=GATEWAY, now_us=now_us)


def _trace(session: Session, payment: Payment, action: str, answer: Answer, now_us: int) -> None:
    told = {"status": answer.status, "result": answer.result_code, "currency": answer.currency}
    if answer.amount_cents is not None:
        told["cents"] = str(answer.amount_cents)
    deed = Deed(action, payment.reference, payment.customer, after=told)
    journal.record(session, GATEWAY, deed, now_us=now_us)
