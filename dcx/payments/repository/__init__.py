"""Every statement of payments."""

from dcx.payments.repository.cards import CardRepository

__all__ = ["CardRepository"]
