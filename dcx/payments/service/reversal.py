"""A payment that the gateway takes back, and what becomes of its refunds."""

from sqlalchemy.orm import Session

from dcx.kit.money import cents_text
from dcx.payments.models import Payment, Refund
from dcx.payments.repository import PaymentRepository
from dcx.payments.repository.refunds import DEAD, UNSENT, WENT_ALONG, RefundRepository
from dcx.payments.service.desk import GATEWAY
from dcx.payments.service.set_aside import from_wallet, give_back
from dcx.payments.service.sources import source_of
from dcx.wallet import service as wallet


def take_back(session: Session, payment: Payment, *, now_us: int) -> None:
    """Undo a payment's booking, once, but for what its refunds sent back or may have sent: all of
    them together take no more than was paid. Money moves here; the payment is held by the caller.

    A refund that was not sent yet never is: its money leaves with the payment. Whether the gateway
    kept to the rest, too, shows in what it pays out: reconciliation has people look.
    """
    repository = RefundRepository(session)
    for refund in repository.of_payment(payment.id):
        if refund.state in UNSENT:
            _call_off(session, payment, refund, now_us)
    live = [row for row in repository.of_payment(payment.id) if row.state not in DEAD]
    of_wallet = sum(from_wallet(session, live).values())
    source = source_of(payment.key)
    undoing = wallet.Undoing(
        source, f"{source}/reversed", f"Taken back by the gateway, {payment.reference}",
        of_wallet, sum(row.amount_cents for row in live) - of_wallet,
    )  # fmt: skip
    wallet.take_back(session, undoing, by=GATEWAY, now_us=now_us)


def _call_off(session: Session, payment: Payment, refund: Refund, now_us: int) -> None:
    refund.state, refund.words = "refused", WENT_ALONG
    refund.next_try_us, refund.ended_us = None, now_us
    give_back(session, refund, by=GATEWAY, now_us=now_us)
    words = f"Refund of {cents_text(refund.amount_cents)} {payment.currency} called off"
    PaymentRepository(session).note(payment, words, made_by=GATEWAY.who, at_us=now_us)
