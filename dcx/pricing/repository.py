"""Every statement of pricing."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from dcx.pricing.models import PriceBookVersion, VatRate
from dcx.repository.base import Repository


class PriceBookRepository(Repository):
    """Published versions."""

    def versions(self, book: str) -> Sequence[PriceBookVersion]:
        """All versions of a book, oldest first."""
        query = select(PriceBookVersion).where(PriceBookVersion.book == book)
        return self._all(query.order_by(PriceBookVersion.number))

    def every_version(self) -> Sequence[PriceBookVersion]:
        query = select(PriceBookVersion)
        return self._all(query.order_by(PriceBookVersion.book, PriceBookVersion.number.desc()))

    def stamp(self) -> int:
        """A number that changes whenever anything is published."""
        return self.session.scalar(select(func.coalesce(func.max(PriceBookVersion.id), 0))) or 0


class VatRepository(Repository):
    """Dated rates."""

    def rates(self) -> Sequence[VatRate]:
        return self._all(select(VatRate).order_by(VatRate.starts_us))

    def remove(self, starts_us: int) -> None:
        self.session.execute(delete(VatRate).where(VatRate.starts_us == starts_us))
