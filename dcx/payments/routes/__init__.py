"""Doors of payments: paying, cards, what the gateway says, and what staff see of it."""

from dcx.payments.routes import cards, gateway, paying, refunds, staff
from dcx.payments.routes.gateway import notify, returned
from dcx.payments.routes.ground import payments_pages

__all__ = [
    "cards", "gateway", "notify", "paying", "payments_pages", "refunds", "returned", "staff",
]  # fmt: skip
