"""Tables of notifications: the outbox."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from dcx.repository.base import Key, Row
from dcx.repository.session import Model


class Mail(Row, Model):
    """One mail to one address. Its Message-ID never changes, however often it is tried.

    `secret` is the part of its words that opens something; it is taken out once the mail is sent.
    """

    __tablename__ = "mail"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state_is_known"),
        Index(None, "state", "next_try_us"),
    )

    key: Mapped[Key] = mapped_column(unique=True)
    message_id: Mapped[Key] = mapped_column(unique=True)
    kind: Mapped[Key]
    to_address: Mapped[Key]
    subject: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    secret: Mapped[str | None]
    state: Mapped[str]
    tries: Mapped[int]
    created_us: Mapped[int]
    next_try_us: Mapped[int]
    sent_us: Mapped[int | None]
    error: Mapped[str | None]


class Attachment(Row, Model):
    """A file that goes with a mail."""

    __tablename__ = "mail_attachment"

    mail_id: Mapped[int] = mapped_column(ForeignKey("mail.id"), index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Suppression(Row, Model):
    """An address that mails bounce from: nothing is sent there until staff lift it."""

    __tablename__ = "suppression"

    address: Mapped[Key] = mapped_column(unique=True)
    reason: Mapped[str]
    since_us: Mapped[int]
