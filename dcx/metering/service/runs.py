"""Runs on record: what each did, how long it took, and what went wrong."""

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from dcx.kit.sorting import Ask, Page
from dcx.metering.models import MeteringRun
from dcx.metering.repository import RUN_COLUMNS, SegmentRepository

__all__ = [
    "RUN_COLUMNS", "every_run", "fail_run", "finish_run", "run_page", "runs", "start_run",
]  # fmt: skip


def start_run(main: Session, *, started_us: int, asked_by: str) -> int:
    """Put a run on record before it begins; answers its row for `finish_run` or `fail_run`."""
    run = MeteringRun(
        started_us=started_us,
        ended_us=None,
        asked_by=asked_by,
        logs=0,
        segments=0,
        resources=0,
        metered_until_us=None,
        error=None,
    )
    SegmentRepository(main).add(run)
    return run.id


def finish_run(
    main: Session,
    run: int,
    counts: tuple[int, int, int],
    *,
    until_us: int,
    ended_us: int,
    error: str | None = None,
) -> None:
    """Record what a run did and move `metered_until`, together. `error`: what of it failed."""
    repository = SegmentRepository(main)
    repository.set_metered_until(until_us)
    logs, segments, resources = counts
    repository.end_run(
        run,
        logs=logs,
        segments=segments,
        resources=resources,
        metered_until_us=until_us,
        ended_us=ended_us,
        error=error,
    )


def fail_run(main: Session, run: int, *, ended_us: int, error: str) -> None:
    SegmentRepository(main).end_run(run, ended_us=ended_us, error=error)


def runs(main: Session, *, before: int | None = None, limit: int = 20) -> Sequence[MeteringRun]:
    """The last runs, newest first; pass the last id seen to turn the page."""
    return SegmentRepository(main).runs(before=before, limit=limit)


def run_page(main: Session, ask: Ask) -> Page[MeteringRun]:
    """Runs as they are asked for."""
    return SegmentRepository(main).run_page(ask)


def every_run(main: Session, ask: Ask) -> Iterator[MeteringRun]:
    """All runs in the order asked for, streamed."""
    return SegmentRepository(main).every_run(ask)
