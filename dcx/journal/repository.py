"""Every statement of the journal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update

from dcx.journal.models import AuditEntry, AuditHead, Heartbeat, Idempotency, JobRun, Throttle
from dcx.kit.sorting import Ask, Page
from dcx.repository.base import Repository, holds
from dcx.repository.pages import Sorted

JOB_RUN_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "started": JobRun.started_us.expression,
    "job": JobRun.job.expression,
    "result": JobRun.status.expression,
    "took": func.coalesce(JobRun.ended_us - JobRun.started_us, 0),
}


class JournalRepository(Repository):
    """Runs, heartbeats, answers and counts."""

    def claim_slot(self, job: str, slot: int, now_us: int) -> int | None:
        """Claim a slot; None where somebody has it."""
        query = self._insert(JobRun).values(
            job=job, slot=slot, started_us=now_us, status="running", counts="{}"
        )
        claimed: int | None = self.session.scalar(
            query.on_conflict_do_nothing().returning(JobRun.id)
        )
        return claimed

    def end_run(self, run_id: int, **facts: Any) -> None:
        self.session.execute(update(JobRun).where(JobRun.id == run_id).values(**facts))

    def runs(self, *, job: str | None, ask: Ask) -> Page[JobRun]:
        page = self._sorted_runs(job).page(self.session, ask)
        return replace(page, rows=[row[0] for row in page.rows])

    def every_run(self, *, job: str | None, ask: Ask) -> Iterator[JobRun]:
        """All runs of a job, or of all, streamed."""
        for (run,) in self._sorted_runs(job).every(self.session, ask):
            yield run

    def _sorted_runs(self, job: str | None) -> Sorted:
        query = select(JobRun)
        if job:
            query = query.where(JobRun.job == job)
        return Sorted(query, JOB_RUN_COLUMNS, JobRun.id.expression)

    def last_runs(self) -> Sequence[JobRun]:
        """The newest run of each job."""
        newest = select(func.max(JobRun.id)).group_by(JobRun.job)
        return self._all(select(JobRun).where(JobRun.id.in_(newest)))

    def forget_runs(self, before_us: int) -> int:
        """Delete runs that began before an instant, but for the last one of each job."""
        last = select(func.max(JobRun.id)).group_by(JobRun.job)
        old = delete(JobRun).where(JobRun.started_us < before_us, JobRun.id.not_in(last))
        return len(self.session.scalars(old.returning(JobRun.id)).all())

    def beat(self, name: str, now_us: int) -> None:
        query = self._insert(Heartbeat).values(name=name, at_us=now_us)
        self.session.execute(
            query.on_conflict_do_update(index_elements=["name"], set_={"at_us": now_us})
        )

    def last_beat(self, name: str) -> int | None:
        return self.session.scalar(select(Heartbeat.at_us).where(Heartbeat.name == name))

    def claim_key(self, caller: str, key: str, request: str, now_us: int) -> bool:
        query = self._insert(Idempotency).values(
            caller=caller, key=key, request=request, created_us=now_us
        )
        return (
            self.session.scalar(query.on_conflict_do_nothing().returning(Idempotency.id))
            is not None
        )

    def answer(self, caller: str, key: str) -> Idempotency | None:
        return self._one(
            select(Idempotency).where(Idempotency.caller == caller, Idempotency.key == key)
        )

    def release_key(self, caller: str, key: str) -> None:
        self.session.execute(
            delete(Idempotency).where(Idempotency.caller == caller, Idempotency.key == key)
        )

    def count(self, kind: str, subject: str, window_us: int) -> int:
        query = self._insert(Throttle).values(
            kind=kind, subject=subject, window_us=window_us, count=1
        )
        counted = query.on_conflict_do_update(
            index_elements=["kind", "subject", "window_us"], set_={"count": Throttle.count + 1}
        )
        return int(self.session.scalar(counted.returning(Throttle.count)) or 0)

    def counted(self, kind: str, subject: str, window_us: int) -> int:
        query = select(Throttle.count).where(
            Throttle.kind == kind, Throttle.subject == subject, Throttle.window_us == window_us
        )
        return self.session.scalar(query) or 0

    def forget(self, kind: str, subject: str) -> None:
        self.session.execute(
            delete(Throttle).where(Throttle.kind == kind, Throttle.subject == subject)
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of the audit: empty fields match all; `since_us` to `until_us` is half-open."""

    who: str = ""
    words: str = ""
    customer: str = ""
    since_us: int | None = None
    until_us: int | None = None


_SEARCHED = (
    AuditEntry.action, AuditEntry.subject, AuditEntry.who, AuditEntry.customer, AuditEntry.address,
    AuditEntry.before, AuditEntry.after,
)  # fmt: skip


class AuditRepository(Repository):
    """The chain of what was done."""

    def lock_head(self) -> AuditHead:
        """The chain's end, held until the transaction ends."""
        return self.session.scalars(select(AuditHead).with_for_update()).one()

    def head(self) -> AuditHead:
        return self.session.scalars(select(AuditHead)).one()

    def chain(self) -> Iterator[AuditEntry]:
        """All entries from the first on, streamed."""
        query = select(AuditEntry).order_by(AuditEntry.number)
        yield from self.session.scalars(query.execution_options(yield_per=1000))

    def entries(self, wanted: Wanted, *, before: int | None, limit: int) -> Sequence[AuditEntry]:
        query = self._matching(wanted).limit(limit)
        return self._all(query if before is None else query.where(AuditEntry.number < before))

    def every_entry(self, wanted: Wanted) -> Iterator[AuditEntry]:
        """All that match, newest first, streamed."""
        query = self._matching(wanted)
        yield from self.session.scalars(query.execution_options(yield_per=1000))

    def people(self) -> Sequence[str]:
        """Everybody who ever did something, by name: one look into the index for each of them."""
        first = select(func.min(AuditEntry.who).label("who")).cte(recursive=True)
        following = select(func.min(AuditEntry.who)).where(AuditEntry.who > first.c.who)
        step = select(following.scalar_subquery()).where(first.c.who.is_not(None))
        everybody = first.union_all(step)
        return self._all(select(everybody.c.who).where(everybody.c.who.is_not(None)))

    def _matching(self, wanted: Wanted) -> Select[AuditEntry]:
        query = select(AuditEntry).order_by(AuditEntry.number.desc())
        if wanted.who:
            query = query.where(AuditEntry.who == wanted.who)
        if wanted.customer:
            query = query.where(AuditEntry.customer == wanted.customer)
        if wanted.since_us is not None:
            query = query.where(AuditEntry.at_us >= wanted.since_us)
        if wanted.until_us is not None:
            query = query.where(AuditEntry.at_us < wanted.until_us)
        if wanted.words:
            query = query.where(or_(*(holds(column, wanted.words) for column in _SEARCHED)))
        return query
