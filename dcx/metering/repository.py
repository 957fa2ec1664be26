"""Every statement of metering but the bulk ones of bronze.py."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from dcx.kit.periods import Period
from dcx.metering.models import (
    Batch,
    Conflict,
    LateChange,
    MeteringRun,
    Pending,
    Quarantined,
    Resource,
    ResourceOwner,
    Segment,
    Source,
    Turn,
)
from dcx.repository.base import Repository

HALF_BITS = 13
_HALF_BITS: ColumnElement[int] = literal_column(str(HALF_BITS))
_HALF_MASK: ColumnElement[int] = literal_column(str((1 << HALF_BITS) - 1))
_CHUNK = 500
_USAGE_KEYS = (
    Segment.customer,
    Segment.kind,
    Segment.tier,
    Segment.region,
    Segment.flavor,
    Segment.os,
)
_SEGMENT_TIMES = (
    Segment.resource,
    Segment.starts_us,
    Segment.ends_us,
    Segment.vcpus,
    Segment.memory_mib,
    Segment.size_gib,
)


def chunks(items: Iterable[Any], size: int = _CHUNK) -> Iterable[list[Any]]:
    """Lists of at most `size`, so that no statement carries too many values."""
    stream = iter(items)
    while chunk := list(islice(stream, size)):
        yield chunk


class BronzeRepository(Repository):
    """Sources, batches, owners, pending, quarantine and conflicts."""

    def find_source(self, name: str) -> Source | None:
        return self._one(select(Source).where(Source.name == name))

    def sources(self) -> Sequence[Source]:
        return self._all(select(Source).order_by(Source.name))

    def open_batch(self, source_id: int, name: str, now_us: int) -> Batch:
        """A batch whose counts are filled in when it is through."""
        counts = dict.fromkeys(
            ("rows", "stored", "duplicates", "conflicts", "quarantined", "held", "ignored"), 0
        )
        batch = Batch(source_id=source_id, name=name, received_us=now_us, **counts)
        self.add(batch)
        return batch

    def owners(self, kind: str, resources: Iterable[str]) -> dict[str, int]:
        """The source that each of these resources belongs to."""
        found: dict[str, int] = {}
        for chunk in chunks(resources):
            query = select(ResourceOwner.resource, ResourceOwner.source_id).where(
                ResourceOwner.kind == kind, ResourceOwner.resource.in_(chunk)
            )
            found.update(self._rows(query))
        return found

    def claim(self, kind: str, resources: Iterable[str], source_id: int) -> None:
        """Give resources that nobody reported yet to this source; of two at once the first wins."""
        rows = [
            {"kind": kind, "resource": key, "source_id": source_id} for key in sorted(resources)
        ]
        self._insert_new(ResourceOwner, rows)

    def pending(self, limit: int) -> Sequence[Any]:
        query = select(
            Pending.id, Pending.kind, Pending.resource, Pending.first_us, Pending.last_us
        )
        return self._rows(query.order_by(Pending.id).limit(limit))

    def forget_pending(self, ids: Sequence[int]) -> None:
        """Delete exactly these: what came in meanwhile stays."""
        for chunk in chunks(ids):
            self.session.execute(delete(Pending).where(Pending.id.in_(chunk)))

    def gaps(self, kind: str, resources: Iterable[str]) -> dict[str, int]:
        """The longest time, in microseconds, that a log of each resource may hold."""
        found: dict[str, int] = {}
        for chunk in chunks(resources):
            query = (
                select(ResourceOwner.resource, Source.max_gap_us)
                .join(Source, Source.id == ResourceOwner.source_id)
                .where(ResourceOwner.kind == kind, ResourceOwner.resource.in_(chunk))
            )
            found.update(self._rows(query))
        return found

    def seen(self, since_us: int) -> dict[int, tuple[int, int, int]]:
        """Per source: when it last sent anything, and what it sent since."""
        fresh = case((Batch.received_us >= since_us, 1), else_=0)
        query = select(
            Batch.source_id,
            func.max(Batch.received_us),
            func.sum(Batch.stored * fresh),
            func.sum(Batch.quarantined * fresh),
        ).group_by(Batch.source_id)
        return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in self._rows(query)}

    def quarantined(
        self, *, source: str | None, reason: str | None, after: int | None, limit: int
    ) -> Sequence[Any]:
        """Waiting rows, newest first: (row, source name, batch name)."""
        query = (
            select(Quarantined, Source.name, Batch.name)
            .join(Source, Source.id == Quarantined.source_id)
            .join(Batch, Batch.id == Quarantined.batch_id)
            .where(Quarantined.outcome == "waiting")
            .order_by(Quarantined.id.desc())
            .limit(limit)
        )
        if source:
            query = query.where(Source.name == source)
        if reason:
            query = query.where(Quarantined.reason == reason)
        return self._rows(query if after is None else query.where(Quarantined.id < after))

    def waiting_reasons(self) -> Sequence[Any]:
        """(source name, reason, count) of what waits in quarantine."""
        query = (
            select(Source.name, Quarantined.reason, func.count())
            .join(Source, Source.id == Quarantined.source_id)
            .where(Quarantined.outcome == "waiting")
            .group_by(Source.name, Quarantined.reason)
            .order_by(func.count().desc())
        )
        return self._rows(query)

    def quarantined_rows(self, ids: Sequence[int]) -> Sequence[Any]:
        query = (
            select(Quarantined, Source.name)
            .join(Source, Source.id == Quarantined.source_id)
            .where(Quarantined.id.in_(ids), Quarantined.outcome == "waiting")
        )
        return self._rows(query.order_by(Quarantined.id))

    def close_quarantined(self, ids: Sequence[int], outcome: str, now_us: int) -> int:
        query = update(Quarantined).where(Quarantined.id.in_(ids), Quarantined.outcome == "waiting")
        done = self.session.execute(query.values(outcome=outcome, closed_us=now_us))
        return int(done.rowcount)  # type: ignore[attr-defined]

    def conflicts(self, *, after: int | None, limit: int) -> Sequence[Any]:
        """Open conflicts, newest first: (conflict, source name)."""
        query = (
            select(Conflict, Source.name)
            .join(Source, Source.id == Conflict.source_id)
            .where(Conflict.closed_us.is_(None))
            .order_by(Conflict.id.desc())
            .limit(limit)
        )
        return self._rows(query if after is None else query.where(Conflict.id < after))

    def close_conflicts(self, ids: Sequence[int], now_us: int) -> int:
        query = update(Conflict).where(Conflict.id.in_(ids), Conflict.closed_us.is_(None))
        return int(self.session.execute(query.values(closed_us=now_us)).rowcount)  # type: ignore[attr-defined]

    def waiting_counts(self) -> tuple[int, int, int]:
        """(quarantined rows, conflicts, pending resources) that wait."""
        query = select(
            select(func.count()).where(Quarantined.outcome == "waiting").scalar_subquery(),
            select(func.count()).where(Conflict.closed_us.is_(None)).scalar_subquery(),
            select(func.count()).select_from(Pending).scalar_subquery(),
        )
        quarantined, conflicts, pending = self.session.execute(query).one()
        return int(quarantined), int(conflicts), int(pending)

    def pending_resources(self) -> set[tuple[str, str]]:
        query = select(Pending.kind, Pending.resource).distinct()
        return {(kind, resource) for kind, resource in self._rows(query)}

    def all_gaps(self, kind: str) -> Sequence[Any]:
        """(resource, max_gap_us) of every resource of a kind."""
        query = (
            select(ResourceOwner.resource, Source.max_gap_us)
            .join(Source, Source.id == ResourceOwner.source_id)
            .where(ResourceOwner.kind == kind)
        )
        return self._rows(query.order_by(ResourceOwner.resource))

    def set_cursor(self, source_id: int, cursor: str | None) -> None:
        self.session.execute(update(Source).where(Source.id == source_id).values(cursor=cursor))

    def quarantine(self, rows: list[dict[str, Any]]) -> None:
        """Keep each raw row once, however often it is sent."""
        self._insert_new(Quarantined, rows)

    def keep_conflicts(self, rows: list[dict[str, Any]]) -> None:
        self._insert_new(Conflict, rows)

    def _insert_new(self, model: Any, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        dialect = sqlite if self.session.get_bind().dialect.name == "sqlite" else postgresql
        self.session.execute(dialect.insert(model.__table__).on_conflict_do_nothing(), rows)


class SegmentRepository(Repository):
    """Segments, names, the turn and the runs."""

    def turn(self) -> Turn:
        """The one row that every run compares and sets."""
        turn = self._one(select(Turn))
        if turn is None:
            turn = Turn(turn=0, metered_until_us=0, billed_until_us=0)
        return turn

    def take_turn(self, read: int) -> Turn | None:
        """Count the turn on where it still is `read`; None where another run was faster."""
        self._ensure_turn()
        query = update(Turn).where(Turn.turn == read).values(turn=read + 1).returning(Turn)
        return self.session.scalars(query).one_or_none()

    def set_metered_until(self, until_us: int) -> None:
        self._ensure_turn()
        self.session.execute(update(Turn).values(metered_until_us=until_us))

    def raise_billed_until(self, until_us: int) -> None:
        self._ensure_turn()
        query = update(Turn).where(Turn.billed_until_us < until_us).values(billed_until_us=until_us)
        self.session.execute(query)

    def _ensure_turn(self) -> None:
        dialect = sqlite if self.session.get_bind().dialect.name == "sqlite" else postgresql
        first = {"id": 1, "turn": 0, "metered_until_us": 0, "billed_until_us": 0}
        self.session.execute(dialect.insert(Turn.__table__).on_conflict_do_nothing(), [first])

    def touching(self, kind: str, resources: Sequence[str], lo: int) -> Sequence[Any]:
        """Stored segments of these resources that end at or after `lo`, in order."""
        query = (
            select(*Segment.__table__.columns)
            .where(Segment.kind == kind, Segment.resource.in_(resources), Segment.ends_us >= lo)
            .order_by(Segment.resource, Segment.starts_us)
        )
        return self._rows(query)

    def replace(
        self, gone: Sequence[int], ended: list[dict[str, int]], fresh: list[dict[str, Any]]
    ) -> None:
        """Delete, move the ends of, and add segments, in this order."""
        for chunk in chunks(gone):
            self.session.execute(delete(Segment).where(Segment.id.in_(chunk)))
        if ended:
            self.session.execute(update(Segment), ended)
        if fresh:
            self.session.execute(insert(Segment.__table__), fresh)  # type: ignore[arg-type]

    def know(self, rows: list[dict[str, Any]]) -> None:
        """Remember the latest name and place of each resource; an older log changes nothing."""
        if not rows:
            return
        dialect = sqlite if self.session.get_bind().dialect.name == "sqlite" else postgresql
        query = dialect.insert(Resource.__table__)
        newer = {name: query.excluded[name] for name in ("customer", "name", "vm_id", "latest_us")}
        self.session.execute(
            query.on_conflict_do_update(
                index_elements=["kind", "resource"],
                set_=newer,
                where=Resource.latest_us <= query.excluded.latest_us,
            ),
            rows,
        )

    def note_late(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.session.execute(insert(LateChange.__table__), rows)  # type: ignore[arg-type]

    def late_changes(self, customer: str | None) -> Sequence[LateChange]:
        query = select(LateChange).order_by(LateChange.starts_us)
        if customer is not None:
            query = query.where(LateChange.customer == customer)
        return self._all(query)

    def end_run(self, run_id: int, **facts: int | str) -> None:
        self.session.execute(update(MeteringRun).where(MeteringRun.id == run_id).values(**facts))

    def runs(self, *, before: int | None, limit: int) -> Sequence[MeteringRun]:
        query = select(MeteringRun).order_by(MeteringRun.id.desc()).limit(limit)
        return self._all(query if before is None else query.where(MeteringRun.id < before))

    def overlaps(self) -> Sequence[Any]:
        """(kind, resource, starts_us) of segments that begin before their forerunner ends."""
        before = func.lag(Segment.ends_us).over(
            partition_by=(Segment.kind, Segment.resource), order_by=Segment.starts_us
        )
        inner = select(
            Segment.kind, Segment.resource, Segment.starts_us, before.label("before_us")
        ).subquery()
        query = select(inner.c.kind, inner.c.resource, inner.c.starts_us)
        return self._rows(query.where(inner.c.before_us > inner.c.starts_us))

    def runs_of(self, kind: str, resource: str, names: Sequence[str]) -> list[Any]:
        """(starts, ends, key) of a resource's segments, in order."""
        columns = [Segment.__table__.columns[name] for name in names]
        query = select(Segment.starts_us, Segment.ends_us, *columns).where(
            Segment.kind == kind, Segment.resource == resource
        )
        rows = self._rows(query.order_by(Segment.starts_us))
        return [(row[0], row[1], tuple(row[2:])) for row in rows]

    def segments(
        self, period: Period, *, customer: str | None, kind: str | None, resource: str | None
    ) -> Sequence[Any]:
        """Segments that touch a period, whole, in order of resource and time."""
        query = select(*Segment.__table__.columns).where(
            Segment.starts_us < period.ends_us, Segment.ends_us > period.starts_us
        )
        filters = ((Segment.customer, customer), (Segment.kind, kind), (Segment.resource, resource))
        for column, value in filters:
            if value is not None:
                query = query.where(column == value)
        return self._rows(query.order_by(Segment.kind.desc(), Segment.resource, Segment.starts_us))

    def resources(self, customer: str | None) -> Sequence[Resource]:
        query = select(Resource).order_by(Resource.kind.desc(), Resource.resource)
        return self._all(query if customer is None else query.where(Resource.customer == customer))

    def find_resource(self, kind: str, resource: str) -> Resource | None:
        return self._one(
            select(Resource).where(Resource.kind == kind, Resource.resource == resource)
        )

    def search_resources(
        self, words: str, customers: Sequence[str] | None, limit: int
    ) -> Sequence[Resource]:
        pattern = f"%{words.lower()}%"
        query = select(Resource).where(
            or_(
                func.lower(Resource.resource).like(pattern),
                func.lower(Resource.name).like(pattern),
            )
        )
        if customers is not None:
            query = query.where(Resource.customer.in_(customers))
        return self._all(query.order_by(Resource.resource).limit(limit))

    def resources_per_customer(self) -> dict[str, int]:
        query = select(Resource.customer, func.count()).group_by(Resource.customer)
        return {customer: int(count) for customer, count in self._rows(query)}

    def usage(self, period: Period, customer: str | None) -> Sequence[Any]:
        """Running time and sizes times time, summed per resource and configuration.

        Sizes are summed in two halves (upper, lower 13 bits): GiB or MiB times microseconds of
        one resource over years would overflow 64 bits.
        """
        held = self._held(period)
        parts = [Segment.vcpus, Segment.memory_mib, Segment.size_gib]
        sums = [
            func.sum(held * part)
            for size in parts
            for part in (size.op(">>")(_HALF_BITS), size.op("&")(_HALF_MASK))
        ]
        keys = (*_USAGE_KEYS, Segment.resource)
        query = self._used(period, customer).with_only_columns(*keys, func.sum(held), *sums)
        return self._rows(query.group_by(*keys).order_by(Segment.kind.desc(), Segment.resource))

    def used_segments(self, period: Period, customer: str | None = None) -> Sequence[Any]:
        """Segments that used something in the period, whole."""
        columns = (*_USAGE_KEYS, *_SEGMENT_TIMES)
        return self._rows(self._used(period, customer).with_only_columns(*columns))

    def _used(self, period: Period, customer: str | None) -> Select[Any]:
        query = select(Segment).where(
            Segment.starts_us < period.ends_us,
            Segment.ends_us > period.starts_us,
            or_(Segment.kind == "disk", Segment.state == "running"),
        )
        return query if customer is None else query.where(Segment.customer == customer)

    def _held(self, period: Period) -> ColumnElement[int]:
        """Microseconds of a segment within the period."""
        ends = case((Segment.ends_us < period.ends_us, Segment.ends_us), else_=period.ends_us)
        starts = case(
            (Segment.starts_us > period.starts_us, Segment.starts_us), else_=period.starts_us
        )
        return ends - starts
