"""The money of a refund: what of it is in the wallet is held from the asking on, so that it cannot
be spent and sent back too; for the rest an invoice is owed again once it is sent.
"""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from dcx.kit.actors import Actor
from dcx.payments.errors import RefundRefusedError
from dcx.payments.models import Payment, Refund
from dcx.payments.service.sources import refund_source, source_of
from dcx.wallet import service as wallet
from dcx.wallet.service import Held, Sent


def set_aside(
    session: Session,
    payment: Payment,
    live: Iterable[Refund],
    refund: Refund,
    *,
    by: Actor,
    now_us: int,
) -> None:
    """Hold what of a refund went to the wallet when it was paid, and has not gone back with the
    payment's `live` refunds. RefundRefusedError where the wallet has less by now.
    """
    booked = wallet.find_booking(session, source_of(payment.key))
    if booked is None:
        raise RefundRefusedError("This payment is not in the ledger: nothing can go back for it.")
    taken = sum(from_wallet(session, live).values())
    kept = sum(leg.cents for leg in booked.legs if leg.kind == wallet.WALLET)
    cents = min(refund.amount_cents, max(kept - taken, 0))
    if not cents:
        return
    held = Held(
        payment.customer, cents, refund_source(refund.key), f"Refund of {payment.reference}"
    )
    try:
        wallet.hold(session, held, by=by, now_us=now_us)
    except wallet.NotEnoughError as error:
        raise RefundRefusedError(
            "The wallet has less than that: the money was used meanwhile."
        ) from error


def from_wallet(session: Session, refunds: Iterable[Refund]) -> dict[str, int]:
    """The cents of each of these refunds, by key, that come, or came, out of the wallet."""
    keys = [refund.key for refund in refunds]
    held = wallet.held_for(session, [refund_source(key) for key in keys])
    return {key: held.get(refund_source(key), 0) for key in keys}


def give_back(session: Session, refund: Refund, *, by: Actor, now_us: int) -> None:
    """Nothing is sent: what was held is the customer's again."""
    held = wallet.hold_for(session, refund_source(refund.key))
    if held:
        wallet.release(session, held.key, by=by, now_us=now_us)


def book_sent(
    session: Session, payment: Payment, refund: Refund, *, by: Actor, now_us: int
) -> None:
    """The gateway confirmed it: the money leaves the books, once, under `refund/KEY`."""
    source, words = refund_source(refund.key), f"Refund of {payment.reference}"
    money = Sent(payment.customer, refund.amount_cents, source, words, payment.document)
    held = wallet.hold_for(session, source)
    if held:
        wallet.send_held(session, held.key, money, by=by, now_us=now_us)
    else:
        wallet.send_back(session, money, by=by, now_us=now_us)
