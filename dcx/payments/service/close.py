"""Close a payment that was set aside: people looked into it, and nothing is credited for it."""

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.errors import FormError
from dcx.payments.errors import PaymentRefusedError
from dcx.payments.models import PaymentEvent
from dcx.payments.repository import PaymentRepository
from dcx.payments.rules.states import DECLINED, REVIEW

LONGEST_REASON = 200
_CLOSED = "Closed without crediting: "


def close(session: Session, key: str, reason: str, *, by: Actor, now_us: int) -> None:
    """From review into declined, with the reason on record. No money moves and nobody is mailed.

    Should the gateway say later that it was paid after all, it is booked as ever.
    """
    payments = PaymentRepository(session)
    payment = payments.get_locked(key)
    if payment.state != REVIEW:
        raise PaymentRefusedError("Only a payment that is set aside can be closed.")
    words = " ".join(reason.split())
    if not words or len(words) > LONGEST_REASON:
        raise FormError({"reason": f"Say why, in at most {LONGEST_REASON} characters."})
    payments.move(payment, {"state": DECLINED, "changed_us": now_us})
    payments.add_event(
        payment, at_us=now_us, from_state=REVIEW, to_state=DECLINED, made_by=by.who,
        words=f"{_CLOSED}{words}",
    )  # fmt: skip
    facts = {"state": DECLINED, "reason": words}
    deed = Deed("payment closed", payment.reference, payment.customer, {"state": REVIEW}, facts)
    journal.record(session, by, deed, now_us=now_us)


def is_closing(step: PaymentEvent) -> bool:
    """Did people end the payment with this step, rather than a bank?"""
    return (step.from_state, step.to_state) == (REVIEW, DECLINED) and step.words.startswith(_CLOSED)
