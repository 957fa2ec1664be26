"""Every statement of estimates."""

from collections.abc import Sequence

from sqlalchemy import func, select, update

from dcx.estimates.models import Estimate, EstimateShare
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

    def newest(self, customer: str | None, *, limit: int) -> Sequence[Estimate]:
        """The newest version of each, newest first. None: everybody's."""
        versions = select(Estimate.series, func.max(Estimate.number).label("number"))
        last = versions.group_by(Estimate.series).subquery()
        query = select(Estimate).join(
            last, (Estimate.series == last.c.series) & (Estimate.number == last.c.number)
        )
        query = query.where(Estimate.removed_us.is_(None))
        if customer is not None:
            query = query.where(Estimate.customer == customer)
        return self._all(query.order_by(Estimate.id.desc()).limit(limit))

    def remove(self, series: str, now_us: int) -> None:
        """Mark all versions of one estimate as removed."""
        query = update(Estimate).where(Estimate.series == series, Estimate.removed_us.is_(None))
        self.session.execute(query.values(removed_us=now_us))

    def every(self) -> Sequence[Estimate]:
        return self._all(select(Estimate).order_by(Estimate.id))


class ShareRepository(Repository):
    """Links by which anybody may read an estimate."""

    def of(self, estimates: Sequence[str]) -> Sequence[EstimateShare]:
        """The links of these estimates, newest first."""
        query = select(EstimateShare).where(EstimateShare.estimate.in_(estimates))
        return self._all(query.order_by(EstimateShare.id.desc()))

    def by_token(self, token_hash: str) -> EstimateShare | None:
        return self._one(select(EstimateShare).where(EstimateShare.token_hash == token_hash))
