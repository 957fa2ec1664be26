"""The API of payments and cards."""

from dcx.payments.api.cards import cards_api
from dcx.payments.api.payments import payments_api

__all__ = ["cards_api", "payments_api"]
