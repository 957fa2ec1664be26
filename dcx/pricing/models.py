"""Tables of pricing: versions of price books as published, and dated VAT rates."""

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dcx.repository.base import Key, Row
from dcx.repository.session import Model


class PriceBookVersion(Row, Model):
    """One published version, word for word. Never changed, never deleted."""

    __tablename__ = "price_book_version"
    __table_args__ = (UniqueConstraint("book", "number"), UniqueConstraint("book", "starts_us"))

    book: Mapped[Key]
    number: Mapped[int]
    starts_us: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str]
    published_us: Mapped[int]


class VatRate(Row, Model):
    """A VAT rate (10^-8) from an instant on. The first one is seeded: 15 % since ever."""

    __tablename__ = "vat_rate"

    rate_e8: Mapped[int]
    starts_us: Mapped[int] = mapped_column(unique=True)
