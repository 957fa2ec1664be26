"""A run: what came in is folded again around, and spliced into the segments."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from dcx.kit.periods import FOREVER
from dcx.metering.bronze import FOLDED, Stretch, latest_logs, read_stretch
from dcx.metering.models import LateChange, Turn
from dcx.metering.repository import BronzeRepository, SegmentRepository, chunks
from dcx.metering.rules.fold import Run, fold
from dcx.metering.rules.splice import changed_stretches, splice

PENDING_AT_ONCE = 5_000
SEGMENTS_AT_ONCE = 20_000
_CUSTOMER, _STATE = 1, 2
_EMPTY = {
    "vcpus": 0,
    "memory_mib": 0,
    "size_gib": 0,
    "tier": "",
    "region": "",
    "flavor": "",
    "os": "",
}


@dataclass(frozen=True, slots=True)
class Folded:
    """What [lo, hi) of one resource is now; `has_latest` where its newest log was among those
    read.
    """

    kind: str
    resource: str
    lo: int
    hi: int
    runs: list[Run]
    logs: int
    has_latest: bool


@dataclass(frozen=True, slots=True)
class Refolded:
    """One step of a run: pending rows read, and what became of the time around them."""

    pending_ids: list[int]
    stretches: list[Folded]
    latest: list[dict[str, Any]]

    @property
    def logs(self) -> int:
        return sum(folded.logs for folded in self.stretches)


def refold(bronze: Session) -> Refolded:
    """Fold around the oldest pending logs: one stretch per resource. Reads only; memory is
    bounded.
    """
    repository = BronzeRepository(bronze)
    rows = repository.pending(PENDING_AT_ONCE)
    done: list[int] = []
    stretches: list[Folded] = []
    segments = 0
    by_resource = attrgetter("kind", "resource")
    grouped = [
        (key, list(group)) for key, group in groupby(sorted(rows, key=by_resource), by_resource)
    ]
    gaps = {
        kind: repository.gaps(kind, [key[1] for key, _ in grouped if key[0] == kind])
        for kind in FOLDED
    }
    for (kind, resource), group in grouped:
        first, last = min(row.first_us for row in group), max(row.last_us for row in group)
        folded = _fold_stretch(bronze, Stretch(kind, resource, first, last), gaps[kind][resource])
        stretches.append(folded)
        done += [row.id for row in group]
        segments += len(folded.runs)
        if segments >= SEGMENTS_AT_ONCE:
            break
    return Refolded(done, stretches, _latest(bronze, stretches))


def _latest(bronze: Session, stretches: Sequence[Folded]) -> list[dict[str, Any]]:
    """What the newest logs say, where they may be new."""
    found = []
    for kind in FOLDED:
        names = (
            folded.resource for folded in stretches if folded.kind == kind and folded.has_latest
        )
        for chunk in chunks(names):
            found += latest_logs(bronze, kind, chunk)
    return found


def _fold_stretch(bronze: Session, stretch: Stretch, max_gap_us: int) -> Folded:
    seen = _Seen(stretch)
    logs = chain.from_iterable(seen.through(read_stretch(bronze, stretch)))
    runs = [run for run in fold(logs, max_gap_us) if run[2][_STATE] != "deleted"]
    hi = seen.last_us if seen.last_us > stretch.last_us else FOREVER
    return Folded(
        stretch.kind, stretch.resource, seen.first_us, hi, runs, seen.count, hi == FOREVER
    )


class _Seen:
    """Counts the logs that stream through in pieces, and where they begin and end."""

    def __init__(self, stretch: Stretch) -> None:
        self.count = 0
        self.first_us = stretch.first_us
        self.last_us = stretch.last_us

    def through(self, pieces: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        for piece in pieces:
            self.first_us = min(self.first_us, piece[0][0])
            self.last_us = max(self.last_us, piece[-1][0])
            self.count += len(piece)
            yield piece


def turn(main: Session) -> int:
    """The number of the last change to segments: read it before the logs."""
    return SegmentRepository(main).turn().turn


def splice_in(main: Session, step: Refolded, turn_read: int) -> int | None:
    """Write what changed of the segments; how many were added, moved or removed.

    None where another run wrote since `turn_read`: then nothing was written, fold again. Repeating
    it writes the same rows. What had been billed before and differs now is noted as a late change,
    so that the next invoice can carry the adjustment.
    """
    repository = SegmentRepository(main)
    turn = repository.take_turn(turn_read)
    if turn is None:
        return None
    changed = 0
    for kind in FOLDED:
        for chunk in chunks(folded for folded in step.stretches if folded.kind == kind):
            changed += _splice_chunk(repository, kind, chunk, turn)
    repository.know(step.latest)
    return changed


def _splice_chunk(repository: SegmentRepository, kind: str, chunk: list[Folded], turn: Turn) -> int:
    names = [folded.resource for folded in chunk]
    stored: dict[str, list[Any]] = {}
    for row in repository.touching(kind, names, min(folded.lo for folded in chunk)):
        stored.setdefault(row.resource, []).append(row)
    gone: list[int] = []
    ended: list[dict[str, int]] = []
    fresh: list[dict[str, Any]] = []
    late: list[dict[str, Any]] = []
    key_of = attrgetter(*FOLDED[kind])
    for folded in chunk:
        rows = {
            (row.starts_us, row.ends_us, key_of(row)): row.id
            for row in stored.get(folded.resource, ())
            if row.ends_us >= folded.lo and row.starts_us <= folded.hi
        }
        runs = splice(rows, folded.runs, folded.lo, folded.hi)
        _compare(kind, rows, runs, (gone, ended, fresh))
        late += _late(list(rows), runs, turn)
    repository.replace(gone, ended, fresh)
    repository.note_late(late)
    return len(gone) + len(ended) + len(fresh)


def _compare(
    kind: str, rows: dict[Run, int], runs: list[Run], lists: tuple[list[Any], ...]
) -> None:
    """Which stored rows go, which only end elsewhere, which runs are new."""
    gone, ended, fresh = lists
    beginnings = {(starts, key): row_id for (starts, _, key), row_id in rows.items()}
    kept = set()
    for run in runs:
        starts, ends, key = run
        row_id = rows.get(run)
        if row_id is None:
            row_id = beginnings.get((starts, key))
            if row_id is None:
                fresh.append(_as_row(kind, run))
            else:
                ended.append({"id": row_id, "ends_us": ends})
        kept.add(row_id)
    gone += [row_id for row_id in rows.values() if row_id not in kept]


def _as_row(kind: str, run: Run) -> dict[str, Any]:
    starts, ends, key = run
    return {
        **_EMPTY,
        "kind": kind,
        "starts_us": starts,
        "ends_us": ends,
        **dict(zip(FOLDED[kind], key, strict=True)),
    }


def _late(old: list[Run], new: list[Run], turn: Turn) -> list[dict[str, Any]]:
    billed_until = turn.billed_until_us
    if not any(starts < billed_until for starts, _, _ in (*old, *new)):
        return []
    return [
        {
            "customer": customer,
            "starts_us": starts,
            "ends_us": min(ends, billed_until),
            "turn": turn.turn,
        }
        for starts, ends, customer in changed_stretches(old, new)
        if starts < billed_until
    ]


def mark_billed(main: Session, until_us: int) -> None:
    """Say that usage before `until_us` is being billed: later changes to it are noted from now on.

    Call it first in the transaction that issues: it holds the row that every run must take.
    """
    SegmentRepository(main).raise_billed_until(until_us)


def late_changes(main: Session, customer: str | None = None) -> Sequence[LateChange]:
    """Stretches of time, billed before, whose usage a later run altered."""
    return SegmentRepository(main).late_changes(customer)


def forget(bronze: Session, pending_ids: Sequence[int]) -> None:
    """Delete the pending rows that were metered; those that came in since stay."""
    BronzeRepository(bronze).forget_pending(pending_ids)
