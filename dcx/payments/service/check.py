"""Invariants of payments: what came in by one is booked once, and no open one is forgotten."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from dcx.payments.repository import PaymentRepository
from dcx.payments.repository.refunds import RefundRepository
from dcx.payments.rules.states import REVERSED
from dcx.payments.service.sources import source_of
from dcx.wallet import service as wallet

START = source_of("")


def breaches(session: Session) -> Iterator[str]:
    """Every broken promise of payments, one sentence each, naming the payment."""
    payments = PaymentRepository(session)
    booked, gone = wallet.came_in(session, START), RefundRepository(session).gone()
    for payment in payments.settled():
        source = source_of(payment.key)
        owed = {source: payment.amount_cents}
        if payment.state == REVERSED:
            owed[f"{source}/reversed"] = gone.get(payment.id, 0) - payment.amount_cents
        for name in (source, f"{source}/reversed"):
            found, wanted = booked.pop(name, 0), owed.get(name, 0)
            if found != wanted:
                yield (
                    f"payment {payment.reference} is {payment.state}: {wanted} cents should be"
                    f" booked under {name}, {found} are"
                )
    for source, cents in booked.items():
        yield f"{cents} cents are booked under {source}, which is no payment that was paid"
    for reference in payments.unwatched():
        yield f"payment {reference} is open and nobody asks the gateway about it"
