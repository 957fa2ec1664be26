"""Every statement of estimates."""

from collections.abc import Sequence

from sqlalchemy import func, select

from dcx.estimates.models import Estimate
from dcx.repository.base import Repository


class EstimateRepository(Repository):
    """Estimates that were given. `customer` None is staff, who see all."""

    def find(self, key: str, customer: str | None) -> Estimate | None:
        query = select(Estimate).where(Estimate.key == key, Estimate.removed_us.is_(None))
        if customer is not None:
            query = query.where(Estimate.customer == customer)
        return self._one(query)

    def last_number(self, series: str) -> int:
        """The number of the newest version of a series; 0 where there is none."""
        query = select(func.coalesce(func.max(Estimate.number), 0))
        return self.session.scalar(query.where(Estimate.series == series)) or 0

    def versions(self, series: str) -> Sequence[Estimate]:
        """All versions of one estimate, oldest first."""
        query = select(Estimate).where(Estimate.series == series, Estimate.removed_us.is_(None))
        return self._all(query.order_by(Estimate.number))

    def every(self) -> Sequence[Estimate]:
        return self._all(select(Estimate).order_by(Estimate.id))
