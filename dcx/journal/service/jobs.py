"""Runs of jobs: a slot of time is claimed once, and how its run ended is on record."""

import json
from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session

from dcx.journal.models import JobRun
from dcx.journal.repository import JOB_RUN_COLUMNS, JournalRepository
from dcx.kit.periods import HOUR_US
from dcx.kit.sorting import Ask, Page, Sort

SCHEDULER = "scheduler"
KEPT_US = 30 * 24 * HOUR_US
NEWEST = Ask(Sort("started", down=True))
__all__ = [
    "JOB_RUN_COLUMNS", "beat", "claim_slot", "end_job", "every_job_run", "forget_runs", "job_runs",
    "last_beat", "last_job_runs",
]  # fmt: skip


def claim_slot(session: Session, job: str, slot: int, *, now_us: int) -> int | None:
    """Claim a job's slot of time; None where it was claimed before: then do nothing."""
    return JournalRepository(session).claim_slot(job, slot, now_us)


def end_job(
    session: Session,
    run: int,
    *,
    now_us: int,
    counts: Mapping[str, object] | None = None,
    error: str | None = None,
) -> None:
    """Record how a run of a job ended."""
    JournalRepository(session).end_run(
        run,
        ended_us=now_us,
        status="failed" if error else "done",
        counts=json.dumps(counts or {}),
        error=error,
    )


def job_runs(session: Session, *, job: str | None = None, ask: Ask = NEWEST) -> Page[JobRun]:
    """Runs of a job, or of all, newest first unless asked otherwise."""
    return JournalRepository(session).runs(job=job, ask=ask)


def every_job_run(session: Session, *, job: str | None, ask: Ask) -> Iterator[JobRun]:
    """All that a filter shows, streamed."""
    return JournalRepository(session).every_run(job=job, ask=ask)


def forget_runs(session: Session, *, now_us: int) -> int:
    """Delete the runs of more than 30 days ago, but for the last one of each job; how many."""
    return JournalRepository(session).forget_runs(now_us - KEPT_US)


def last_job_runs(session: Session) -> dict[str, JobRun]:
    return {run.job: run for run in JournalRepository(session).last_runs()}


def beat(session: Session, *, now_us: int) -> None:
    """The scheduler says that it lives."""
    JournalRepository(session).beat(SCHEDULER, now_us)


def last_beat(session: Session) -> int | None:
    return JournalRepository(session).last_beat(SCHEDULER)
