"""Every statement of estimates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update

from dcx.estimates.models import Estimate, EstimateShare
from dcx.kit.sorting import Ask, Page
from dcx.repository.base import Repository, holds, lowered
from dcx.repository.pages import Sorted

LISTED_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "name": lowered(Estimate.name.expression),
    "customer": Estimate.customer.expression,
    "month": Estimate.month.expression,
    "made": Estimate.created_us.expression,
    "net": Estimate.net_cents.expression,
    "total": Estimate.total_cents.expression,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which estimates: of one customer ('' is nobody's in particular, None: all), whose name,
    customer or maker holds the words.
    """

    customer: str | None
    words: str = ""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of an estimate as a list shows it."""

    key: str
    number: int
    month: str
    book: str
    version: int
    net_cents: int
    total_cents: int
    is_complete: bool
    made_by: str
    created_us: int


@dataclass(frozen=True, slots=True)
class ListedRow(VersionRow):
    """The newest version of an estimate, and how many there are."""

    customer: str
    name: str
    versions: int


_SHOWN = (
    Estimate.key, Estimate.number, Estimate.month, Estimate.book, Estimate.version,
    Estimate.net_cents, Estimate.total_cents, Estimate.is_complete, Estimate.made_by,
    Estimate.created_us,
)  # fmt: skip
"""The columns of a VersionRow."""


class EstimateRepository(Repository):
    """Estimates that were given. `customer` None is staff, who see all."""

    def find(self, key: str, customer: str | None) -> Estimate | None:
        query = select(Estimate).where(Estimate.key == key, Estimate.removed_us.is_(None))
        if customer is not None:
            query = query.where(Estimate.customer == customer)
        return self._one(query)

    def lock(self, series: str) -> bool:
        """Hold a series until the transaction ends: one at a time adds to it or removes it. False
        where it is removed.
        """
        query = select(Estimate.removed_us).where(Estimate.series == series, Estimate.number == 1)
        return self.session.scalars(query.with_for_update()).one() is None

    def last_number(self, series: str) -> int:
        """The number of the newest version of a series; 0 where there is none."""
        query = select(func.coalesce(func.max(Estimate.number), 0))
        return self.session.scalar(query.where(Estimate.series == series)) or 0

    def versions(self, series: str) -> Sequence[VersionRow]:
        """All versions of one estimate, oldest first, without what was asked and answered."""
        query = select(*_SHOWN).where(Estimate.series == series, Estimate.removed_us.is_(None))
        return [VersionRow(*row) for row in self._cells(query.order_by(Estimate.number))]

    def page(self, wanted: Wanted, ask: Ask) -> Page[ListedRow]:
        """The newest versions, as they are asked for."""
        page = self._listed(wanted).page(self.session, ask)
        return replace(page, rows=[ListedRow(*row) for row in page.rows])

    def every_listed(self, wanted: Wanted, ask: Ask) -> Iterator[ListedRow]:
        """All of them in the order asked for, streamed."""
        for row in self._listed(wanted).every(self.session, ask):
            yield ListedRow(*row)

    def _listed(self, wanted: Wanted) -> Sorted:
        latest = (
            select(func.max(Estimate.id).label("id"), func.count().label("versions"))
            .where(Estimate.removed_us.is_(None))
            .group_by(Estimate.series)
            .subquery()
        )
        one = Estimate
        query = select(*_SHOWN, one.customer, one.name, latest.c.versions)
        query = query.join(latest, latest.c.id == one.id)
        if wanted.customer is not None:
            query = query.where(one.customer == wanted.customer)
        if wanted.words:
            texts = (one.name, one.customer, one.made_by)
            query = query.where(or_(*(holds(text, wanted.words) for text in texts)))
        return Sorted(query, LISTED_COLUMNS, one.id.expression)

    def remove(self, series: str, now_us: int) -> None:
        """Mark all versions of one estimate as removed."""
        query = update(Estimate).where(Estimate.series == series, Estimate.removed_us.is_(None))
        self.session.execute(query.values(removed_us=now_us))

    def every(self) -> Iterator[Estimate]:
        """All that was ever given, also what is removed, a few at a time."""
        yield from self.session.scalars(
            select(Estimate).order_by(Estimate.id).execution_options(yield_per=100)
        )


class ShareRepository(Repository):
    """Links by which anybody may read an estimate."""

    def of(self, estimates: Sequence[str]) -> Sequence[EstimateShare]:
        """The links of these estimates, newest first."""
        query = select(EstimateShare).where(EstimateShare.estimate.in_(estimates))
        return self._all(query.order_by(EstimateShare.id.desc()))

    def by_token(self, token_hash: str) -> EstimateShare | None:
        return self._one(select(EstimateShare).where(EstimateShare.token_hash == token_hash))
