"""Statements on main: segments, names, the turn, runs and usage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace as with_changes
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

from dcx.kit.periods import FOREVER, Period
from dcx.kit.sorting import Ask, Page
from dcx.metering.models import (
    LateChange,
    MeteringRun,
    Resource,
    Segment,
    Turn,
)
from dcx.metering.repository.values import chunks
from dcx.repository.base import Repository, holds, lowered
from dcx.repository.pages import Sorted

RUN_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "started": MeteringRun.started_us.expression,
    "by": lowered(MeteringRun.asked_by),
    "logs": MeteringRun.logs.expression,
    "segments": MeteringRun.segments.expression,
    "took": func.coalesce(MeteringRun.ended_us - MeteringRun.started_us, 0),
}
HALF_BITS = 13
_HALF_BITS: ColumnElement[int] = literal_column(str(HALF_BITS))
_HALF_MASK: ColumnElement[int] = literal_column(str((1 << HALF_BITS) - 1))
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


class SegmentRepository(Repository):
    """Segments, names, the turn and the runs."""

    def names_customer(self, key: str) -> bool:
        """Did any metered log ever name this customer?"""
        query = select(Segment.id).where(Segment.customer == key).limit(1)
        known = select(Resource.id).where(Resource.customer == key).limit(1)
        return self._one(query) is not None or self._one(known) is not None

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
        first = {"id": 1, "turn": 0, "metered_until_us": 0, "billed_until_us": 0}
        self.session.execute(self._insert(Turn).on_conflict_do_nothing(), [first])

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
        query = self._insert(Resource)
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

    def end_run(self, run_id: int, **facts: int | str | None) -> None:
        self.session.execute(update(MeteringRun).where(MeteringRun.id == run_id).values(**facts))

    def runs(self, *, before: int | None, limit: int) -> Sequence[MeteringRun]:
        query = select(MeteringRun).order_by(MeteringRun.id.desc()).limit(limit)
        return self._all(query if before is None else query.where(MeteringRun.id < before))

    def run_page(self, ask: Ask) -> Page[MeteringRun]:
        page = self._sorted_runs().page(self.session, ask)
        return with_changes(page, rows=[row[0] for row in page.rows])

    def every_run(self, ask: Ask) -> Iterator[MeteringRun]:
        """All runs, streamed."""
        for (run,) in self._sorted_runs().every(self.session, ask):
            yield run

    def _sorted_runs(self) -> Sorted:
        return Sorted(select(MeteringRun), RUN_COLUMNS, MeteringRun.id.expression)

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

    def names(self, customer: str | None) -> Sequence[Any]:
        """(kind, resource, name) of resources with a name, of one customer or of all."""
        query = select(Resource.kind, Resource.resource, Resource.name).where(Resource.name != "")
        if customer is not None:
            query = query.where(Resource.customer == customer)
        return self._cells(query)

    def find_resource(self, kind: str, resource: str) -> Resource | None:
        return self._one(
            select(Resource).where(Resource.kind == kind, Resource.resource == resource)
        )

    def search_resources(
        self, words: str, customers: Sequence[str] | None, limit: int
    ) -> Sequence[Resource]:
        """Resources whose id or name holds the words, by id."""
        query = select(Resource).where(
            or_(holds(Resource.resource, words), holds(Resource.name, words))
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
        return self._summed(self._used(period, customer), period)

    def usage_of(self, period: Period, customers: Sequence[str]) -> Sequence[Any]:
        """The same of several customers, each row led by the start of its first segment."""
        query = self._used(period, None).where(Segment.customer.in_(customers))
        return self._summed(query, period, func.min(Segment.starts_us))

    def _summed(
        self, used: Select[Any], period: Period, *first: ColumnElement[int]
    ) -> Sequence[Any]:
        held = self._held(period)
        parts = [Segment.vcpus, Segment.memory_mib, Segment.size_gib]
        sums = [
            func.sum(held * part)
            for size in parts
            for part in (size.op(">>")(_HALF_BITS), size.op("&")(_HALF_MASK))
        ]
        keys = (*_USAGE_KEYS, Segment.resource)
        query = used.with_only_columns(*first, *keys, func.sum(held), *sums)
        return self._cells(query.group_by(*keys).order_by(Segment.kind.desc(), Segment.resource))

    def customers_that_used(self, period: Period) -> Sequence[str]:
        query = self._used(period, None).with_only_columns(Segment.customer).distinct()
        return self.session.scalars(query).all()

    def used_since(self, customer: str | None) -> int | None:
        """When the first segment that used something began."""
        query = self._used(Period(-FOREVER, FOREVER), customer)
        return self.session.scalar(query.with_only_columns(func.min(Segment.starts_us)))

    def used_segments(self, period: Period, customer: str | None = None) -> Sequence[Any]:
        """Segments that used something in the period, whole."""
        columns = (*_USAGE_KEYS, *_SEGMENT_TIMES)
        return self._cells(self._used(period, customer).with_only_columns(*columns))

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
