"""Everything that a wallet's page shows, read in one go."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.billing import service as billing
from dcx.billing.service import Desk, Invoice
from dcx.kit.sorting import Ask, Page
from dcx.prepaid.rules import AHEAD_US
from dcx.prepaid.service.history import History, history
from dcx.prepaid.service.standing import Standing, standing
from dcx.wallet import service as wallet
from dcx.wallet.service import Adjustment, CreditLeft, HeldMoney, Line

INVOICES_READ = 200


@dataclass(frozen=True, slots=True)
class Unpaid:
    """An invoice and what is still owed for it; `invoice` is None where it is very old."""

    number: str
    cents: int
    invoice: Invoice | None


@dataclass(frozen=True, slots=True)
class WalletView:
    """A wallet as its page shows it. `past` is there for prepaid customers only."""

    now: Standing
    past: History | None
    page: Page[Line]
    unpaid: Sequence[Unpaid]
    holds: Sequence[HeldMoney]
    credits: Sequence[CreditLeft]
    waiting: Sequence[Adjustment]
    is_near: bool


def wallet_view(
    session: Session, customer: str, desk: Desk, ask: Ask, *, now_us: int
) -> WalletView:
    """A customer's wallet, with the page of its entries that is asked for."""
    found = standing(session, customer, desk, now_us=now_us)
    until_us = found.runway.until_us
    return WalletView(
        now=found,
        past=history(session, found, desk, now_us=now_us) if found.is_prepaid else None,
        page=wallet.entry_page(session, customer, ask),
        unpaid=_unpaid(session, customer),
        holds=wallet.holds_of(session, customer),
        credits=wallet.credits_of(session, customer, now_us=now_us),
        waiting=wallet.waiting(session, customer),
        is_near=until_us is not None and until_us - now_us < AHEAD_US,
    )


def _unpaid(session: Session, customer: str) -> list[Unpaid]:
    owing = [(number, cents) for number, cents in wallet.owing(session, customer) if cents > 0]
    if not owing:
        return []
    listed = billing.list_invoices(session, customers=[customer], limit=INVOICES_READ)
    known = {invoice.number: invoice for invoice in listed.page.rows}
    return [Unpaid(number, cents, known.get(number)) for number, cents in owing]
