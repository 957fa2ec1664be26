"""Every statement of pricing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import aliased

from dcx.kit.sorting import Ask, Page
from dcx.pricing.models import PriceBookVersion, VatRate
from dcx.pricing.rules.versions import VersionRow
from dcx.repository.base import Repository
from dcx.repository.pages import Sorted

VERSION_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "book": PriceBookVersion.book.expression,
    "starts": PriceBookVersion.starts_us.expression,
    "published": PriceBookVersion.published_us.expression,
}


class PriceBookRepository(Repository):
    """Published versions."""

    def versions(self, book: str) -> Sequence[PriceBookVersion]:
        """All versions of a book, oldest first."""
        query = select(PriceBookVersion).where(PriceBookVersion.book == book)
        return self._all(query.order_by(PriceBookVersion.number))

    def every_version(self) -> Sequence[PriceBookVersion]:
        query = select(PriceBookVersion)
        return self._all(query.order_by(PriceBookVersion.book, PriceBookVersion.number.desc()))

    def page(self, ask: Ask) -> Page[VersionRow]:
        page = self._sorted().page(self.session, ask)
        return replace(page, rows=[VersionRow(*row) for row in page.rows])

    def every_sorted(self, ask: Ask) -> Iterator[VersionRow]:
        """All of them, streamed."""
        for row in self._sorted().every(self.session, ask):
            yield VersionRow(*row)

    def _sorted(self) -> Sorted:
        one, later = PriceBookVersion, aliased(PriceBookVersion)
        follows = select(func.coalesce(func.min(later.starts_us), 0)).where(
            later.book == one.book, later.number > one.number
        )
        ends = follows.scalar_subquery()
        query = select(one.book, one.number, one.starts_us, ends, one.published_us)
        return Sorted(query, VERSION_COLUMNS, one.id.expression)

    def stamp(self) -> int:
        """A number that changes whenever anything is published."""
        return self.session.scalar(select(func.coalesce(func.max(PriceBookVersion.id), 0))) or 0


class VatRepository(Repository):
    """Dated rates."""

    def rates(self) -> Sequence[VatRate]:
        return self._all(select(VatRate).order_by(VatRate.starts_us))

    def remove(self, starts_us: int) -> None:
        self.session.execute(delete(VatRate).where(VatRate.starts_us == starts_us))
