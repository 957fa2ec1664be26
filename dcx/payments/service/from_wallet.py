"""Pay an invoice with what the wallet has."""

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.money import cents_text
from dcx.payments.errors import PaymentRefusedError
from dcx.payments.service.begin import Wish
from dcx.wallet import service as wallet


def pay_from_wallet(session: Session, wish: Wish, *, by: Actor, now_us: int) -> int:
    """Pay an invoice with credits and the wallet, as far as they go; the cents that were paid now:
    0 where the same form paid before.

    PaymentRefusedError where nothing is owed, or nothing is there to pay with.
    """
    source = f"settlement/{wish.document}/{wish.form_key}"
    wallet.lock(session, wish.customer, now_us=now_us)
    if wallet.find_booking(session, source):
        return 0
    if dict(wallet.owing(session, wish.customer)).get(wish.document, 0) <= 0:
        raise PaymentRefusedError(f"Nothing is owed for {wish.document}.")
    moved = wallet.settle_from_wallet(
        session, wish.customer, wish.document, source=source, by=by, now_us=now_us
    )
    if not moved:
        raise PaymentRefusedError("There is nothing in the wallet to pay it with.")
    deed = Deed(
        "invoice paid from the wallet", wish.document, wish.customer,
        after={"amount": cents_text(moved)},
    )  # fmt: skip
    journal.record(session, by, deed, now_us=now_us)
    return moved
