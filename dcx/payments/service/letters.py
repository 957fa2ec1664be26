"""What customers are mailed about payments, in the transaction of what it tells of."""

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.notifications.service import PaymentFailed, PaymentReceived, Site
from dcx.payments.models import Payment
from dcx.payments.rules.words import NOTHING_CHARGED, reason


def received(session: Session, payment: Payment, *, site: Site, now_us: int) -> None:
    """The receipt of a payment that was booked."""
    words = PaymentReceived(
        customer=accounts.get_customer(session, payment.customer).name,
        amount=site.looks.money(payment.amount_cents),
        reference=payment.reference,
        what=f"invoice {payment.document}" if payment.document else "your wallet",
        link=_link(payment, site),
    )
    accounts.tell(session, payment.customer, words, site=site, now_us=now_us)


def failed(session: Session, payment: Payment, *, site: Site, now_us: int) -> None:
    """That a payment was declined, and why as far as a customer may read it."""
    words = PaymentFailed(
        customer=accounts.get_customer(session, payment.customer).name,
        amount=site.looks.money(payment.amount_cents),
        reason=f"{reason(payment.result_code)} {NOTHING_CHARGED}",
        link=_link(payment, site),
    )
    accounts.tell(session, payment.customer, words, site=site, now_us=now_us)


def _link(payment: Payment, site: Site) -> str:
    return site.link(f"/c/{payment.customer}/payments/{payment.key}")
