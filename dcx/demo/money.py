"""Prepaid customers of the demo pay: their top-ups are booked by the ledger's own acts."""

from dcx.billing.service import Desk
from dcx.kit.actors import Actor
from dcx.prepaid.rules import DAY_US
from dcx.prepaid.service.standing import standings
from dcx.repository.session import reading, transaction
from dcx.wallet import service as wallet
from dcx.wallet.service import BANK, Grant, Receipt

DAYS_LEFT = {"cust-03": 20.0, "cust-06": 2.5, "cust-09": -1.0, "cust-14": 9.0, "cust-18": 60.0}
"""How long each one's money lasts when the demo is loaded; below 0 it is used up."""
WELCOME, WELCOME_CENTS = "cust-03", 250_00
ROUND_CENTS = 50_00
RECENT_DAYS, WELCOME_DAYS = 9, 60


def prepay(desk: Desk, start_us: int, *, by: Actor, now_us: int) -> None:
    """Two top-ups for each, one before the first invoice and one lately, and a credit for one.
    Call it before invoices are issued; repeating it books nothing twice.
    """
    with reading() as session:
        found = standings(session, desk, now_us=now_us)
    for each in found:
        days = DAYS_LEFT.get(each.customer.key)
        if days is None:
            continue
        whole = each.unbilled_cents + round(each.runway.daily_cents * days)
        need = max(whole // ROUND_CENTS, 2) * ROUND_CENTS
        first = need * 9 // 10 // ROUND_CENTS * ROUND_CENTS
        lately_us = max(now_us - RECENT_DAYS * DAY_US, start_us + DAY_US)
        parts = ((first, start_us + DAY_US // 2), (need - first, lately_us))
        for place, (cents, at_us) in enumerate(parts, 1):
            source = f"demo/{each.customer.key}/{place}"
            money = Receipt(each.customer.key, cents, source, "Top-up by EFT", through=BANK)
            with transaction() as session:
                wallet.receive(session, money, by=by, now_us=at_us)
    _welcome(start_us + DAY_US, by, now_us)


def _welcome(at_us: int, by: Actor, now_us: int) -> None:
    expires_us = now_us + WELCOME_DAYS * DAY_US
    grant = Grant(WELCOME, WELCOME_CENTS, 0, expires_us, "Welcome credit", "demo/welcome")
    with transaction() as session:
        wallet.give_credit(session, grant, by=by, now_us=at_us)
