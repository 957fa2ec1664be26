"""Tables of accounts: customers, people, how they sign in, sessions, API keys."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
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
    address: Mapped[str] = mapped_column(server_default="")
    billing: Mapped[str]
    price_book: Mapped[Key]
    created_us: Mapped[int]


class Person(Row, Model):
    """Somebody who signs in: staff by their role, customers' people by their memberships.

    `login` is the e-mail that goes with a password; whoever comes through a provider has an
    identity there instead, and their e-mail says nothing about who they are. A staff role that an
    admin gave is `role_by_hand`; without, it follows the groups that the provider tells of.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint(
            "staff_role IN ('admin', 'billing', 'support')", name="staff_role_is_known"
        ),
        Index(None, "email"),
    )

    key: Mapped[Key] = mapped_column(unique=True)
    login: Mapped[Key | None] = mapped_column(unique=True)
    email: Mapped[Key]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    staff_role: Mapped[str | None]
    role_by_hand: Mapped[bool]
    totp_secret: Mapped[str | None]
    totp_step: Mapped[int]
    created_us: Mapped[int]
    closed_us: Mapped[int | None]


class Identity(Row, Model):
    """A person as a provider knows them: by (issuer, subject), never by e-mail."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    issuer: Mapped[Key]
    subject: Mapped[Key]
    email: Mapped[str]
    created_us: Mapped[int]
    seen_us: Mapped[int]


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


class Invitation(Row, Model):
    """A link that gives whoever follows it a role at a customer, once and for some days."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'viewer')", name="role_is_known"),
        Index(None, "customer_id"),
    )

    key: Mapped[Key] = mapped_column(unique=True)
    token: Mapped[Key] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    email: Mapped[str]
    role: Mapped[str]
    invited_by: Mapped[str]
    created_us: Mapped[int]
    expires_us: Mapped[int]
    accepted_us: Mapped[int | None]
    withdrawn_us: Mapped[int | None]


class EmailDomain(Row, Model):
    """People of this e-mail domain, as a provider vouches for it, belong to the customer."""

    __tablename__ = "email_domain"
    __table_args__ = (CheckConstraint("role IN ('owner', 'viewer')", name="role_is_known"),)

    domain: Mapped[Key] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    role: Mapped[str]


class AccessRequest(Row, Model):
    """Somebody unknown signed in and asks for access; staff grant or decline it."""

    __tablename__ = "access_request"
    __table_args__ = (
        CheckConstraint("outcome IN ('granted', 'declined')", name="outcome_is_known"),
        Index(None, "closed_us"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    note: Mapped[str]
    created_us: Mapped[int]
    closed_us: Mapped[int | None]
    outcome: Mapped[str | None]


class UserSession(Row, Model):
    """A signed-in browser. The row decides, not the cookie: an ended one is dead at once.

    `issuer`, `subject`, `sid` and the sealed `id_token` are those of the provider it came through.
    """

    __tablename__ = "user_session"
    __table_args__ = (Index(None, "person_id"), Index(None, "issuer", "sid"))

    key: Mapped[Key] = mapped_column(unique=True)
    token: Mapped[Key] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_us: Mapped[int]
    seen_us: Mapped[int]
    ended_us: Mapped[int | None]
    address: Mapped[str]
    agent: Mapped[str]
    issuer: Mapped[Key]
    subject: Mapped[Key]
    sid: Mapped[Key]
    id_token: Mapped[str | None] = mapped_column(Text)
    must_rotate: Mapped[bool]


class Viewing(Row, Model):
    """That a staff member looked at a customer's pages in a session: written once, and audited."""

    __tablename__ = "viewing"
    __table_args__ = (UniqueConstraint("session_id", "customer_id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("user_session.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    at_us: Mapped[int]


class LogoutToken(Row, Model):
    """A logout token of a provider that was obeyed: a second one of its id is a replay."""

    __tablename__ = "logout_token"
    __table_args__ = (UniqueConstraint("issuer", "jti"),)

    issuer: Mapped[Key]
    jti: Mapped[Key]
    received_us: Mapped[int]


class ResetLink(Row, Model):
    """A link to a new password, once and for half an hour."""

    __tablename__ = "reset_link"

    token: Mapped[Key] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_us: Mapped[int]
    expires_us: Mapped[int]
    used_us: Mapped[int | None]


class Device(Row, Model):
    """A browser in which a person once signed in with their password: others' wrong tries do not
    slow it down.
    """

    __tablename__ = "device"

    token: Mapped[Key] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_us: Mapped[int]


class ApiKey(Row, Model):
    """A program's key: only its fingerprint is kept."""

    __tablename__ = "api_key"
    __table_args__ = (Index(None, "customer_id"),)

    key: Mapped[Key] = mapped_column(unique=True)
    name: Mapped[str]
    fingerprint: Mapped[Key] = mapped_column(unique=True)
    scopes: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    made_by: Mapped[str]
    created_us: Mapped[int]
    last_used_us: Mapped[int | None]
    revoked_us: Mapped[int | None]
