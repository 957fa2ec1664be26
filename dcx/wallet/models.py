"""Tables of the ledger: accounts, bookings and their entries, credits, holds, adjustments."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dcx.repository.base import Key, Row
from dcx.repository.session import Model


class Account(Row, Model):
    """A pot of money: a customer's, or the provider's where `customer` is "".

    Credits are positive, debits negative: a wallet of R150 stands at 15000, the same money at the
    gateway at -15000. A customer's pot keeps its balance, moved with each entry under the row's
    lock; the provider's keep none, since every booking touches them, and are summed.
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("customer", "kind", "tag"),
        CheckConstraint(
            "kind NOT IN ('held', 'credit') OR balance_cents >= 0", name="is_not_overdrawn"
        ),
        CheckConstraint("(customer = '') = (balance_cents IS NULL)", name="balance_is_customers"),
    )

    customer: Mapped[Key]
    kind: Mapped[Key]
    tag: Mapped[Key]
    balance_cents: Mapped[int | None]
    created_us: Mapped[int]


class Booking(Row, Model):
    """One act of money, booked once: `source` names what caused it. Its entries sum to zero."""

    __tablename__ = "booking"
    __table_args__ = (Index(None, "customer", "id"),)

    key: Mapped[Key] = mapped_column(unique=True)
    source: Mapped[Key] = mapped_column(unique=True)
    kind: Mapped[Key]
    customer: Mapped[Key]
    words: Mapped[str]
    booked_by: Mapped[str]
    booked_us: Mapped[int]


class Entry(Row, Model):
    """What a booking adds to an account, in one entry. `document` is the invoice that it is about,
    or "".

    `balance_cents` is what a customer's account holds after it.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount_cents <> 0", name="moves_something"),
        UniqueConstraint("booking_id", "account_id"),
        Index(None, "account_id", "booking_id"),
        Index(None, "account_id", "booked_us", "amount_cents"),
        Index(None, "document", "account_id"),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    amount_cents: Mapped[int]
    balance_cents: Mapped[int | None]
    document: Mapped[Key]
    booked_us: Mapped[int]


class Credit(Row, Model):
    """Promotional credit: money that pays invoices only, in an account of its own (tag = key).

    Used by priority (lowest first), then by expiry, then by age.
    """

    __tablename__ = "credit"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="is_something"),
        Index(None, "customer", "expires_us"),
    )

    key: Mapped[Key] = mapped_column(unique=True)
    customer: Mapped[Key]
    amount_cents: Mapped[int]
    priority: Mapped[int]
    expires_us: Mapped[int | None]
    reason: Mapped[str]
    given_by: Mapped[str]
    created_us: Mapped[int]


class Hold(Row, Model):
    """Money of a wallet set aside for an order, until it is released or used."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="is_something"),
        CheckConstraint("state IN ('held', 'released', 'used')", name="state_is_known"),
        Index(None, "customer", "state"),
    )

    key: Mapped[Key] = mapped_column(unique=True)
    source: Mapped[Key] = mapped_column(unique=True)
    customer: Mapped[Key]
    amount_cents: Mapped[int]
    words: Mapped[str]
    state: Mapped[str]
    created_us: Mapped[int]
    ended_us: Mapped[int | None]


class Adjustment(Row, Model):
    """Money that staff move by hand, with a reason; above a limit a second person decides."""

    __tablename__ = "adjustment"
    __table_args__ = (
        CheckConstraint("amount_cents <> 0", name="moves_something"),
        CheckConstraint("state IN ('waiting', 'booked', 'declined')", name="state_is_known"),
        CheckConstraint("state = 'waiting' OR decided_by IS NOT NULL", name="somebody_decided"),
        Index(None, "state", "id"),
        Index(None, "customer", "id"),
    )

    key: Mapped[Key] = mapped_column(unique=True)
    form_key: Mapped[Key] = mapped_column(unique=True)
    customer: Mapped[Key]
    kind: Mapped[Key]
    amount_cents: Mapped[int]
    document: Mapped[Key]
    reason: Mapped[str]
    priority: Mapped[int]
    expires_us: Mapped[int | None]
    state: Mapped[str]
    asked_by: Mapped[str]
    asked_us: Mapped[int]
    decided_by: Mapped[str | None]
    decided_us: Mapped[int | None]
