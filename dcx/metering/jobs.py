"""The clock's door to metering: pull what remote sources have, then meter what is pending."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.periods import instant_text, to_us
from dcx.metering import service
from dcx.metering.errors import FutureError, PullFailedError, RunRefusedError, SourceRefusedError
from dcx.repository.session import reading, transaction

TRIES = 20
BY_CLOCK = "Clock"


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run did."""

    logs: int
    segments: int
    resources: int
    until_us: int
    seconds: float
    faults: tuple[str, ...] = ()

    def require_whole(self) -> None:
        """PullFailedError where a source could not be read."""
        if self.faults:
            raise PullFailedError(self.faults)


def meter(
    *, until_us: int | None = None, asked_by: str = BY_CLOCK, actor: Actor | None = None
) -> Ran:
    """Turn pending logs into segments and move `metered_until` to `until_us` (default: now).

    Safe to repeat, to end at any point and to run beside itself. Records the run; raises what
    went wrong after recording it. A remote source that fails stops nothing but itself: it is among
    the run's faults, and the door says so by `require_whole`. FutureError where `until_us` is one.
    The audit says which `actor` asked for it; the clock's own runs have none and are not audited:
    they come every few minutes and stand in `job_run`.
    """
    began = time.monotonic()
    started_us = to_us(datetime.now(UTC))
    _require_past(until_us, started_us)
    with transaction() as session:
        run = service.start_run(session, started_us=started_us, asked_by=asked_by)
        if actor:
            _note(session, actor, run, until_us, started_us)
    try:
        faults = _pull_all(started_us)
        counts = _fold_all()
    except Exception as error:
        with transaction() as session:
            service.fail_run(session, run, ended_us=to_us(datetime.now(UTC)), error=_words(error))
        raise
    until = started_us if until_us is None else until_us
    with transaction() as session:
        service.finish_run(
            session,
            run,
            counts,
            until_us=until,
            ended_us=to_us(datetime.now(UTC)),
            error=" ".join(faults) or None,
        )
    return Ran(*counts, until, time.monotonic() - began, faults)


def _note(session: Session, actor: Actor, run: int, until_us: int | None, started_us: int) -> None:
    facts = {"until": instant_text(until_us)} if until_us is not None else None
    deed = Deed("metering run started", f"run {run}", after=facts)
    journal.record(session, actor, deed, now_us=started_us)


def _require_past(until_us: int | None, now_us: int) -> None:
    if until_us is not None and until_us > now_us:
        raise FutureError(
            f"--until {instant_text(until_us)} is later than now, {instant_text(now_us)}:"
            " usage cannot count what has not happened."
        )


def _pull_all(now_us: int) -> tuple[str, ...]:
    """Bring in what remote sources have: nothing is read inside the transaction that stores it but
    them. What failed, by source.
    """
    with reading("bronze") as session:
        remotes = service.remote_sources(session)
    if not remotes:
        return ()
    with reading() as session:
        customers = accounts.customer_keys(session)
    faults = []
    for source in remotes:
        try:
            _pull(source, service.Delivery(source.name, "pull", customers, now_us))
        except SourceRefusedError as error:
            faults.append(f"The source {source.name} could not be read: {error.message}")
    return tuple(faults)


def _pull(source: service.RemoteSource, delivery: service.Delivery) -> None:
    with service.pull_source(source) as (rows, cursor), transaction("bronze") as session:
        service.ingest(session, delivery, rows)
        service.set_cursor(session, source, cursor)


def _fold_all() -> tuple[int, int, int]:
    """Fold step by step until nothing is pending: (logs read, segments changed, resources
    touched).
    """
    logs = segments = resources = lost = 0
    while True:
        with reading() as session:
            turn = service.turn(session)
        with reading("bronze") as session:
            step = service.refold(session)
        if not step.pending_ids:
            return logs, segments, resources
        with transaction() as session:
            changed = service.splice_in(session, step, turn)
        if changed is None:
            lost += 1
            if lost > TRIES:
                raise RunRefusedError(
                    "Other runs kept changing the segments. The next run does this one's work."
                )
            continue
        with transaction("bronze") as session:
            service.forget(session, step.pending_ids)
        logs, segments, resources = (
            logs + step.logs,
            segments + changed,
            resources + len(step.stretches),
        )


def _words(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
