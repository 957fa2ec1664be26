"""Runs of jobs: a slot of time is claimed once, and how its run ended is on record."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from dcx.journal.models import JobRun
from dcx.journal.repository import JournalRepository

SCHEDULER = "scheduler"


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


def job_runs(
    session: Session, *, job: str | None = None, before: int | None = None, limit: int = 50
) -> Sequence[JobRun]:
    """Runs of jobs, newest first."""
    return JournalRepository(session).runs(job=job, before=before, limit=limit)


def last_job_runs(session: Session) -> dict[str, JobRun]:
    return {run.job: run for run in JournalRepository(session).last_runs()}


def beat(session: Session, *, now_us: int) -> None:
    """The scheduler says that it lives."""
    JournalRepository(session).beat(SCHEDULER, now_us)


def last_beat(session: Session) -> int | None:
    return JournalRepository(session).last_beat(SCHEDULER)
