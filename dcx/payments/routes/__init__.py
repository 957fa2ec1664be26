"""Doors of payments: paying, cards, what the gateway says, and what staff see of it."""

from dcx.payments.routes import cards, refunds
from dcx.payments.routes.ground import payments_pages

__all__ = ["cards", "payments_pages", "refunds"]
