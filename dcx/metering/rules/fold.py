"""The fold: logs in order become runs of time. This is the definition of metering."""

from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import Any

from dcx.kit.periods import FOREVER

Log = tuple[Any, ...]
"""(at_us, then everything whose change begins a new run; the resource comes first of these)."""
Run = tuple[int, int, tuple[Any, ...]]

_NOBODY: Log = (FOREVER, None)


def fold(logs: Iterable[Log], max_gap_us: int) -> Iterator[Run]:
    """Logs in order of (resource, at, seq, event_id) -> (starts_us, ends_us, key), gaps left out.

    A log holds until the next one of its resource, or nothing where that is more than
    `max_gap_us` away; of several at one instant the last stands. An events source folds with
    FOREVER: its last log holds until then. Source of the rule: contract, metering rules 2 and 4.
    """
    starts = ends = key = None
    for log, after in pairwise(chain(logs, (_NOBODY,))):
        at = log[0]
        until = after[0] if after[1] == log[1] else FOREVER
        if not 0 < until - at <= max_gap_us:
            continue
        what = log[1:]
        if at == ends and what == key:
            ends = until
            continue
        if key:
            yield starts, ends, key  # type: ignore[misc]
        starts, ends, key = at, until, what
    if key:
        yield starts, ends, key  # type: ignore[misc]
