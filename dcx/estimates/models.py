"""Tables of estimates: what was asked and answered, for ever, and who else may look at it."""

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dcx.repository.base import Key, Row
from dcx.repository.session import Model


class Estimate(Row, Model):
    """One estimate as it was given: never changed. Versions of one estimate share `series`.

    `customer` is '' where it is for nobody in particular. `asked` and `answered` are JSON, of which
    `digest` is the fingerprint. Only `removed_us` is ever set later.
    """

    __tablename__ = "estimate"
    __table_args__ = (
        UniqueConstraint("series", "number"),
        Index(None, "customer", "id"),
    )

    key: Mapped[Key] = mapped_column(unique=True)
    series: Mapped[Key]
    number: Mapped[int]
    customer: Mapped[Key]
    name: Mapped[str]
    month: Mapped[str]
    book: Mapped[Key]
    version: Mapped[int]
    asked: Mapped[str] = mapped_column(Text)
    answered: Mapped[str] = mapped_column(Text)
    digest: Mapped[str]
    net_cents: Mapped[int]
    total_cents: Mapped[int]
    is_complete: Mapped[bool]
    made_by: Mapped[str]
    created_us: Mapped[int]
    removed_us: Mapped[int | None]


class EstimateShare(Row, Model):
    """A link by which anybody may read one estimate until it expires or is revoked."""

    __tablename__ = "estimate_share"
    __table_args__ = (Index(None, "estimate"),)

    key: Mapped[Key] = mapped_column(unique=True)
    estimate: Mapped[Key]
    token_hash: Mapped[Key] = mapped_column(unique=True)
    made_by: Mapped[str]
    created_us: Mapped[int]
    expires_us: Mapped[int]
    revoked_us: Mapped[int | None]
