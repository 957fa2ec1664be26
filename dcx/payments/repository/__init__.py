"""Every statement of payments."""

from dcx.payments.repository.cards import CardRepository
from dcx.payments.repository.listed import SORTED_BY, ListedRepository, Wanted
from dcx.payments.repository.payments import PaymentRepository

__all__ = ["SORTED_BY", "CardRepository", "ListedRepository", "PaymentRepository", "Wanted"]
