"""The API of payments and cards."""

from dcx.payments.api.cards import cards_api

__all__ = ["cards_api"]
