"""Paying an invoice from the wallet because its customer chose to."""

from sqlalchemy.orm import Session

from dcx.billing import service as billing
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.money import cents_text
from dcx.prepaid.errors import NothingToPayError
from dcx.wallet import service as wallet


def pay_from_wallet(
    session: Session, customer: str, number: str, form_key: str, *, by: Actor, now_us: int
) -> int:
    """Pay an invoice with credits and the wallet, as far as they go, once per form; the cents.

    UnknownInvoiceError where it is not this customer's, NothingToPayError where nothing moves.
    """
    billing.get_document(session, number, [customer])
    source = f"settlement/{number}/{form_key}"
    moved = wallet.settle_from_wallet(
        session, customer, number, source=source, by=by, now_us=now_us
    )
    if not moved:
        raise NothingToPayError(
            f"Nothing was paid: {number} is paid already, or the wallet holds nothing."
        )
    facts = {"amount": cents_text(moved)}
    deed = Deed("invoice paid from the wallet", number, customer, after=facts)
    journal.record(session, by, deed, now_us=now_us)
    return moved
