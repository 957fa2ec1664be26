"""Invariants of metering: segments never overlap, and are what the raw logs fold into."""

from collections.abc import Iterator
from itertools import chain

from sqlalchemy.orm import Session

from dcx.kit.periods import FOREVER
from dcx.metering.bronze import FOLDED, Stretch, read_stretch
from dcx.metering.repository import BronzeRepository, SegmentRepository
from dcx.metering.rules.fold import Run, fold


def breaches(main: Session, bronze: Session) -> Iterator[str]:
    """Every broken promise of metering, one sentence each, naming the resource.

    Folds all logs again, one resource at a time; resources with pending logs are left to the next
    run.
    """
    yield from _overlaps(main)
    repository, stored = BronzeRepository(bronze), SegmentRepository(main)
    waiting = repository.pending_resources()
    for kind in FOLDED:
        for resource, max_gap_us in repository.all_gaps(kind):
            if (kind, resource) in waiting:
                continue
            segments = stored.runs_of(kind, resource, FOLDED[kind])
            if segments != _folded(bronze, kind, resource, max_gap_us):
                yield f"{kind} {resource}: its segments are not what its logs fold into"


def _overlaps(main: Session) -> Iterator[str]:
    for kind, resource, starts_us in SegmentRepository(main).overlaps():
        yield f"{kind} {resource}: the segment from {starts_us} overlaps the one before it"


def _folded(bronze: Session, kind: str, resource: str, max_gap_us: int) -> list[Run]:
    logs = chain.from_iterable(read_stretch(bronze, Stretch(kind, resource, 0, FOREVER)))
    return [run for run in fold(logs, max_gap_us) if run[2][2] != "deleted"]
