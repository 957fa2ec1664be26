"""Tables of accounts: customers, persons, memberships, sessions, API keys."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dcx.repository.base import Key, Row
from dcx.repository.session import Model


class Customer(Row, Model):
    """Who is billed. The key is what collectors send as `customer`."""

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint("billing IN ('invoice', 'prepaid')", name="billing_is_known"),
    )

    key: Mapped[Key] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str]
    vat_number: Mapped[str]
    billing: Mapped[str]
    price_book: Mapped[Key]
    created_us: Mapped[int]


class Person(Row, Model):
    """Somebody who signs in: staff by their role, customers' people by their memberships."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint(
            "staff_role IN ('admin', 'billing', 'support')", name="staff_role_is_known"
        ),
    )

    email: Mapped[Key] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    staff_role: Mapped[str | None]
    created_us: Mapped[int]


class Membership(Row, Model):
    """A person's role at a customer."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("person_id", "customer_id"),
        CheckConstraint("role IN ('owner', 'viewer')", name="role_is_known"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    role: Mapped[str]


class UserSession(Row, Model):
    """A signed-in browser. The row decides, not the cookie: an ended one is dead at once."""

    __tablename__ = "user_session"
    __table_args__ = (Index(None, "person_id"),)

    token: Mapped[Key] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_us: Mapped[int]
    seen_us: Mapped[int]
    ended_us: Mapped[int | None]
    address: Mapped[str]
    agent: Mapped[str]


class ApiKey(Row, Model):
    """A program's key: only its fingerprint is kept."""

    __tablename__ = "api_key"

    name: Mapped[str]
    fingerprint: Mapped[Key] = mapped_column(unique=True)
    scopes: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    created_us: Mapped[int]
    last_used_us: Mapped[int | None]
    revoked_us: Mapped[int | None]
