"""Tables of metering: raw logs in bronze, usage segments in main."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dcx.repository.base import Key, Row
from dcx.repository.session import Model


class Source(Row, Model):
    """A collector, or somebody else's log database, that says what was true of resources."""

    __tablename__ = "source"
    __bind_key__ = "bronze"
    __table_args__ = (CheckConstraint("mode IN ('samples', 'events')", name="mode_is_known"),)

    name: Mapped[Key] = mapped_column(unique=True)
    mode: Mapped[str]
    max_gap_us: Mapped[int]
    url: Mapped[str | None]
    mapping: Mapped[str | None] = mapped_column(Text)
    cursor: Mapped[str | None]
    created_us: Mapped[int]


class Batch(Row, Model):
    """One file, one request or one pull: what came in together, and what became of it."""

    __tablename__ = "batch"
    __bind_key__ = "bronze"
    __table_args__ = (Index(None, "source_id", "received_us"),)

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    name: Mapped[str]
    received_us: Mapped[int]
    rows: Mapped[int]
    stored: Mapped[int]
    duplicates: Mapped[int]
    conflicts: Mapped[int]
    quarantined: Mapped[int]
    held: Mapped[int]
    ignored: Mapped[int]


class ResourceOwner(Row, Model):
    """The source that reported a resource first; only it may speak of that resource."""

    __tablename__ = "resource_owner"
    __bind_key__ = "bronze"
    __table_args__ = (UniqueConstraint("kind", "resource"),)

    kind: Mapped[str]
    resource: Mapped[Key]
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))


class _Log(Row):
    """What every raw log says, whatever it is about."""

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    event_id: Mapped[Key]
    at_us: Mapped[int]
    offset_minutes: Mapped[int]
    seq: Mapped[int]
    resource: Mapped[Key]
    customer: Mapped[Key]
    state: Mapped[str]
    name: Mapped[str]
    region: Mapped[str]
    extra: Mapped[str] = mapped_column(Text)


class VmLog(_Log, Model):
    """A VM was so from this instant on. Never changed, never deleted."""

    __tablename__ = "vm_log"
    __bind_key__ = "bronze"
    __table_args__ = (
        UniqueConstraint("source_id", "event_id"),
        Index(None, "resource", "at_us", "seq", "event_id"),
    )

    vcpus: Mapped[int]
    memory_mib: Mapped[int]
    flavor: Mapped[str]
    os: Mapped[str]


class DiskLog(_Log, Model):
    """A disk was so from this instant on. Never changed, never deleted."""

    __tablename__ = "disk_log"
    __bind_key__ = "bronze"
    __table_args__ = (
        UniqueConstraint("source_id", "event_id"),
        Index(None, "resource", "at_us", "seq", "event_id"),
    )

    size_gib: Mapped[int]
    tier: Mapped[str]
    vm_id: Mapped[str]


class Pending(Row, Model):
    """Logs of a resource that were stored and not metered yet. Deleted by the exact ids read."""

    __tablename__ = "pending"
    __bind_key__ = "bronze"

    kind: Mapped[str]
    resource: Mapped[Key]
    first_us: Mapped[int]
    last_us: Mapped[int]


class Conflict(Row, Model):
    """A log whose event id was already taken by one with other content; the first one stands."""

    __tablename__ = "conflict"
    __bind_key__ = "bronze"
    __table_args__ = (UniqueConstraint("source_id", "kind", "event_id", "digest"),)

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    kind: Mapped[str]
    event_id: Mapped[Key]
    digest: Mapped[str]
    content: Mapped[str] = mapped_column(Text)
    received_us: Mapped[int]
    closed_us: Mapped[int | None]


class Quarantined(Row, Model):
    """A row that could not be taken as a log, with its reason and its raw text."""

    __tablename__ = "quarantine"
    __bind_key__ = "bronze"
    __table_args__ = (
        UniqueConstraint("source_id", "digest"),
        CheckConstraint("outcome IN ('waiting', 'replayed', 'dismissed')", name="outcome_is_known"),
        Index(None, "outcome", "id"),
    )

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    row: Mapped[int]
    reason: Mapped[str]
    resource: Mapped[str]
    raw: Mapped[str] = mapped_column(Text)
    digest: Mapped[str]
    received_us: Mapped[int]
    outcome: Mapped[str]
    closed_us: Mapped[int | None]


class Segment(Row, Model):
    """One resource in one configuration during [starts_us, ends_us); open ones end at FOREVER."""

    __tablename__ = "usage_segment"
    __table_args__ = (
        UniqueConstraint("kind", "resource", "starts_us"),
        CheckConstraint("starts_us < ends_us", name="has_length"),
        Index(None, "customer", "ends_us"),
        Index(None, "ends_us"),
    )

    kind: Mapped[str]
    resource: Mapped[Key]
    starts_us: Mapped[int]
    ends_us: Mapped[int]
    customer: Mapped[Key]
    state: Mapped[str]
    vcpus: Mapped[int]
    memory_mib: Mapped[int]
    size_gib: Mapped[int]
    tier: Mapped[str]
    region: Mapped[str]
    flavor: Mapped[str]
    os: Mapped[str]


class Resource(Row, Model):
    """What is known of a resource by its latest log: its name and where it belongs."""

    __tablename__ = "resource"
    __table_args__ = (UniqueConstraint("kind", "resource"), Index(None, "customer"))

    kind: Mapped[str]
    resource: Mapped[Key]
    customer: Mapped[Key]
    name: Mapped[str]
    vm_id: Mapped[str]
    latest_us: Mapped[int]


class Turn(Row, Model):
    """One row: the number of the last change to segments, and how far usage counts."""

    __tablename__ = "metering_turn"

    turn: Mapped[int]
    metered_until_us: Mapped[int]
    billed_until_us: Mapped[int]


class LateChange(Row, Model):
    """A stretch, billed before, in which a later run altered a customer's usage."""

    __tablename__ = "late_change"
    __table_args__ = (Index(None, "customer", "starts_us"),)

    customer: Mapped[Key]
    starts_us: Mapped[int]
    ends_us: Mapped[int]
    turn: Mapped[int]


class MeteringRun(Row, Model):
    """One run: who asked, what it did, how long it took, and what went wrong."""

    __tablename__ = "metering_run"

    started_us: Mapped[int]
    ended_us: Mapped[int | None]
    asked_by: Mapped[str]
    logs: Mapped[int]
    segments: Mapped[int]
    resources: Mapped[int]
    metered_until_us: Mapped[int | None]
    error: Mapped[str | None]
