"""Statements on bronze: sources, owners, pending, quarantine and conflicts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, select, tuple_, update

from dcx.kit.sorting import Ask, Page
from dcx.metering.models import (
    Batch,
    Conflict,
    DiskLog,
    Pending,
    Quarantined,
    ResourceOwner,
    Source,
    VmLog,
)
from dcx.metering.repository.values import chunks
from dcx.repository.base import Repository, lowered
from dcx.repository.pages import Sorted

QUARANTINE_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "received": Quarantined.received_us.expression,
    "reason": lowered(Quarantined.reason),
    "resource": Quarantined.resource.expression,
    "source": Source.name.expression,
}
CONFLICT_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "received": Conflict.received_us.expression,
    "event": Conflict.event_id.expression,
    "source": Source.name.expression,
}


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

    def is_customer_pending(self, key: str) -> bool:
        """Does a log that is not metered yet name this customer?"""
        for log, kind in ((VmLog, "vm"), (DiskLog, "disk")):
            waiting = select(Pending.resource).where(Pending.kind == kind)
            query = select(log.id).where(log.resource.in_(waiting), log.customer == key)
            if self._one(query.limit(1)) is not None:
                return True
        return False

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

    def quarantined(self, *, source: str | None, reason: str | None, ask: Ask) -> Page[Any]:
        """Waiting rows: (row, source name, batch name)."""
        return self._waiting(source, reason).page(self.session, ask)

    def every_quarantined(
        self, *, source: str | None, reason: str | None, ask: Ask
    ) -> Iterator[Any]:
        """All that wait, streamed."""
        return self._waiting(source, reason).every(self.session, ask)

    def _waiting(self, source: str | None, reason: str | None) -> Sorted:
        query = (
            select(Quarantined, Source.name, Batch.name)
            .join(Source, Source.id == Quarantined.source_id)
            .join(Batch, Batch.id == Quarantined.batch_id)
            .where(Quarantined.outcome == "waiting")
        )
        if source:
            query = query.where(Source.name == source)
        if reason:
            query = query.where(Quarantined.reason == reason)
        return Sorted(query, QUARANTINE_COLUMNS, Quarantined.id.expression)

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

    def conflicts(self, ask: Ask) -> Page[Any]:
        """Open conflicts: (conflict, source name)."""
        return self._open_conflicts().page(self.session, ask)

    def every_conflict(self, ask: Ask) -> Iterator[Any]:
        """All open conflicts, streamed."""
        return self._open_conflicts().every(self.session, ask)

    def _open_conflicts(self) -> Sorted:
        query = (
            select(Conflict, Source.name)
            .join(Source, Source.id == Conflict.source_id)
            .where(Conflict.closed_us.is_(None))
        )
        return Sorted(query, CONFLICT_COLUMNS, Conflict.id.expression)

    def logs_of(self, kind: str, keys: Sequence[tuple[int, str]]) -> Sequence[Any]:
        """The logs that stand under these (source, event id)."""
        log: Any = VmLog if kind == "vm" else DiskLog
        named = tuple_(log.source_id, log.event_id).in_(keys)
        return self._all(select(log).where(named)) if keys else ()

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
        self.session.execute(self._insert(model).on_conflict_do_nothing(), rows)
