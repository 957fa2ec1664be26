"""Tables of prepaid: what a customer arranged, and the automatic top-ups that were tried."""

from sqlalchemy import CheckConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dcx.repository.base import Key, Row
from dcx.repository.session import Model


class Arrangement(Row, Model):
    """How a customer's wallet is watched. A customer without a row has the provider's defaults.

    `warned_cents` is the threshold whose warning was sent last, None while all is well; `zero_us`
    is since when nothing is left; `suspended_us` since when the grace is over.
    """

    __tablename__ = "arrangement"
    __table_args__ = (
        CheckConstraint("at_zero IN ('notify', 'block', 'suspend')", name="at_zero_is_known"),
        CheckConstraint("auto_cents >= 0 AND auto_below_cents >= 0", name="auto_is_not_negative"),
    )

    customer: Mapped[Key] = mapped_column(unique=True)
    at_zero: Mapped[str]
    grace_hours: Mapped[int]
    thresholds: Mapped[str] = mapped_column(Text)
    pays_from_wallet: Mapped[bool]
    auto_is_on: Mapped[bool]
    auto_cents: Mapped[int]
    auto_below_cents: Mapped[int]
    auto_card: Mapped[Key]
    auto_a_day: Mapped[int]
    auto_resumes_us: Mapped[int]
    warned_cents: Mapped[int | None]
    zero_us: Mapped[int | None]
    announced_us: Mapped[int | None]
    suspended_us: Mapped[int | None]
    changed_us: Mapped[int]


class AutoTopUp(Row, Model):
    """One automatic top-up: an intent for one crossing of the threshold, written before the card
    is charged.
    """

    __tablename__ = "auto_top_up"
    __table_args__ = (UniqueConstraint("customer", "crossing"),)

    customer: Mapped[Key]
    crossing: Mapped[int]
    amount_cents: Mapped[int]
    payment: Mapped[Key]
    state: Mapped[Key]
    created_us: Mapped[int]
