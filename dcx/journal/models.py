"""Tables of the journal: the audit chain, job runs, idempotency keys, throttles."""

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dcx.repository.base import Key, Row
from dcx.repository.session import Model


class JobRun(Row, Model):
    """One run of a job in one slot of time: a slot is claimed once, whoever tries."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "slot"),)

    job: Mapped[Key]
    slot: Mapped[int]
    started_us: Mapped[int]
    ended_us: Mapped[int | None]
    status: Mapped[str]
    counts: Mapped[str] = mapped_column(Text)
    error: Mapped[str | None]


class Heartbeat(Row, Model):
    """When the scheduler last said that it lives."""

    __tablename__ = "heartbeat"

    name: Mapped[Key] = mapped_column(unique=True)
    at_us: Mapped[int]


class Idempotency(Row, Model):
    """The answer that was given to a key of a caller; None while the first call is under way."""

    __tablename__ = "idempotency"
    __table_args__ = (UniqueConstraint("caller", "key"),)

    caller: Mapped[Key]
    key: Mapped[Key]
    request: Mapped[str]
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(Text)
    created_us: Mapped[int]


class Throttle(Row, Model):
    """How often a subject tried something within a window of time."""

    __tablename__ = "throttle"
    __table_args__ = (UniqueConstraint("kind", "subject", "window_us"),)

    kind: Mapped[str]
    subject: Mapped[Key]
    window_us: Mapped[int]
    count: Mapped[int]


class AuditEntry(Row, Model):
    """One link of the chain of what was done. The database refuses to change or delete it."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "customer", "number"), Index(None, "who", "number"))

    number: Mapped[int] = mapped_column(unique=True)
    at_us: Mapped[int]
    who: Mapped[Key]
    as_customer: Mapped[Key]
    address: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    customer: Mapped[Key]
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    previous: Mapped[str]
    digest: Mapped[str]


class AuditHead(Row, Model):
    """The end of the chain, in one row that every writer of it takes in turn."""

    __tablename__ = "audit_head"

    number: Mapped[int]
    digest: Mapped[str]
