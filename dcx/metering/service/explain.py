"""What stands behind a number: segments, their raw logs, and names of resources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from dcx.kit.periods import FOREVER, Period
from dcx.metering.bronze import log_at, logs_between
from dcx.metering.errors import UnknownLogError
from dcx.metering.models import Resource
from dcx.metering.repository import SegmentRepository
from dcx.metering.rules.logs import as_sent
from dcx.metering.service.usage import metered_until


@dataclass(frozen=True, slots=True)
class Segment:
    """One resource in one configuration during [starts_us, ends_us), clipped to what was asked."""

    id: int
    kind: str
    resource: str
    customer: str
    starts_us: int
    ends_us: int
    state: str
    vcpus: int
    memory_mib: int
    size_gib: int
    tier: str
    region: str
    flavor: str
    os: str

    @property
    def is_used(self) -> bool:
        """Does it count as usage? Stopped VMs do not; disks do until they are deleted."""
        return self.kind == "disk" or self.state == "running"


@dataclass(frozen=True, slots=True)
class RawLog:
    """A raw log as its collector sent it, and what of it never changes."""

    id: int
    source: str
    batch: str
    received_us: int
    event_id: str
    at_us: int
    kind: str
    resource: str
    customer: str
    sent: Mapping[str, Any]


def segments(
    main: Session,
    period: Period,
    *,
    customer: str | None = None,
    kind: str | None = None,
    resource: str | None = None,
) -> list[Segment]:
    """Segments that touch the period, in order of resource and time, clipped to it and to what is
    metered.
    """
    clipped = period.clip(metered_until(main))
    rows = SegmentRepository(main).segments(
        clipped, customer=customer, kind=kind, resource=resource
    )
    return [_clipped(row, clipped) for row in rows]


def _clipped(row: Any, period: Period) -> Segment:
    facts = {name: getattr(row, name) for name in Segment.__slots__}
    facts["starts_us"] = max(row.starts_us, period.starts_us)
    facts["ends_us"] = min(row.ends_us, period.ends_us)
    return Segment(**facts)


def resource_names(main: Session, *, customer: str | None = None) -> dict[tuple[str, str], str]:
    """The latest names of resources, those with one."""
    rows = SegmentRepository(main).names(customer)
    return {(kind, resource): name for kind, resource, name in rows}


def resources(main: Session, customer: str) -> Sequence[Resource]:
    """What a customer has or had."""
    return SegmentRepository(main).resources(customer)


def find_resource(main: Session, kind: str, resource: str) -> Resource | None:
    return SegmentRepository(main).find_resource(kind, resource)


def search_resources(
    main: Session, words: str, *, customers: Sequence[str] | None, limit: int
) -> Sequence[Resource]:
    """Resources whose key or name holds the words, of these customers (None: all)."""
    return SegmentRepository(main).search_resources(words, customers, limit)


def raw_logs(
    bronze: Session, kind: str, resource: str, period: Period, *, limit: int
) -> tuple[list[RawLog], int]:
    """The first raw logs of a resource within a period, in order, and how many there are."""
    rows, count = logs_between(bronze, (kind, resource), period, limit)
    return [_raw(kind, row) for row in rows], count


def raw_log(bronze: Session, kind: str, source: str, event_id: str) -> RawLog:
    """One raw log by its natural key; UnknownLogError otherwise."""
    row = log_at(bronze, kind, source, event_id)
    if row is None:
        raise UnknownLogError("There is no such log.")
    return _raw(kind, row)


def _raw(kind: str, row: Any) -> RawLog:
    return RawLog(
        id=row["id"],
        source=row["source"],
        batch=row["batch"],
        received_us=row["received_us"],
        event_id=row["event_id"],
        at_us=row["at_us"],
        kind=kind,
        resource=row["resource"],
        customer=row["customer"],
        sent=as_sent(kind, row),
    )


def segments_fed_by(main: Session, log: RawLog) -> list[Segment]:
    """The segments that a raw log begins, prolongs or ends: those that touch its instant."""
    rows = SegmentRepository(main).segments(
        Period(log.at_us - 1, log.at_us + 1), customer=None, kind=log.kind, resource=log.resource
    )
    return [_clipped(row, Period(0, FOREVER)) for row in rows]


def resource_counts(main: Session) -> dict[str, int]:
    """How many resources each customer's key has or had."""
    return SegmentRepository(main).resources_per_customer()


def held_customers(main: Session, known: frozenset[str]) -> dict[str, int]:
    """Keys that logs name but no customer has, each with the number of its resources."""
    counts = SegmentRepository(main).resources_per_customer()
    return {key: count for key, count in counts.items() if key not in known}
