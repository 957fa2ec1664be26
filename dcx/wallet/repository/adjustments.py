"""Statements of adjustments: what staff asked for, and what became of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

from dcx.repository.base import Repository
from dcx.wallet.models import Adjustment


class AdjustmentRepository(Repository):
    """Adjustments by hand."""

    def find(self, key: str) -> Adjustment | None:
        return self._one(select(Adjustment).where(Adjustment.key == key))

    def of_form(self, form_key: str) -> Adjustment | None:
        return self._one(select(Adjustment).where(Adjustment.form_key == form_key))

    def waiting(self, customer: str | None) -> Sequence[Adjustment]:
        """Those that nobody has decided, a customer's or everybody's, oldest first."""
        query = select(Adjustment).where(Adjustment.state == "waiting")
        if customer is not None:
            query = query.where(Adjustment.customer == customer)
        return self._all(query.order_by(Adjustment.id))

    def of_customer(self, customer: str, limit: int) -> Sequence[Adjustment]:
        """Newest first."""
        query = select(Adjustment).where(Adjustment.customer == customer)
        return self._all(query.order_by(Adjustment.id.desc()).limit(limit))

    def alone_since(self, customer: str, who: str, since_us: int) -> int:
        """Cents that somebody moved alone for a customer since an instant, up or down."""
        query = select(func.coalesce(func.sum(func.abs(Adjustment.amount_cents)), 0)).where(
            Adjustment.customer == customer, Adjustment.asked_us > since_us,
            Adjustment.state == "booked", Adjustment.asked_by == who, Adjustment.decided_by == who,
        )  # fmt: skip
        return int(self.session.scalar(query) or 0)

    def decide(self, key: str, values: Mapping[str, Any]) -> bool:
        """Decide one that waits; False where somebody has."""
        query = update(Adjustment).where(Adjustment.key == key, Adjustment.state == "waiting")
        return self.session.scalar(query.values(**values).returning(Adjustment.id)) is not None
