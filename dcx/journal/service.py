"""What every room may write: counts of tries, runs of jobs, answers to repeated requests."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from dcx.journal.models import Idempotency, JobRun
from dcx.journal.repository import JournalRepository
from dcx.kit.errors import DomainError

WINDOW_US = 15 * 60_000_000
SCHEDULER = "scheduler"


class KeyReusedError(DomainError):
    """The same Idempotency-Key with another request, or while the first one is under way."""

    code = "idempotency_key_reused"


def count(session: Session, kind: str, subject: str, *, now_us: int) -> int:
    """Count one more try of a subject in this quarter of an hour, shared by all workers."""
    return JournalRepository(session).count(kind, subject[:200], now_us - now_us % WINDOW_US)


def forget(session: Session, kind: str, subject: str) -> None:
    """Start counting anew, after a success."""
    JournalRepository(session).forget(kind, subject[:200])


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


def claim_request(
    session: Session, caller: str, key: str, request: str, *, now_us: int
) -> Idempotency | None:
    """Claim an Idempotency-Key in a transaction of its own, before the work.

    None: do the work, then `keep_answer`. A row: the answer that was given. KeyReusedError where
    the key came with another request or its first one is not answered yet.
    """
    repository = JournalRepository(session)
    if repository.claim_key(caller, key, request, now_us):
        return None
    known = repository.answer(caller, key)
    if known is None or known.request != request:
        raise KeyReusedError("This Idempotency-Key was used with another request.")
    if known.status is None:
        raise KeyReusedError("The first request with this Idempotency-Key is still under way.")
    return known


def keep_answer(session: Session, caller: str, key: str, *, status: int, body: str) -> None:
    """Remember the answer in the transaction of the work or after it."""
    known = JournalRepository(session).answer(caller, key)
    if known is not None:
        known.status, known.body = status, body


def release_request(session: Session, caller: str, key: str) -> None:
    """The work failed: the key may be used again."""
    JournalRepository(session).release_key(caller, key)
