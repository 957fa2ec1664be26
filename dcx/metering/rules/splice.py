"""The splice: put a re-folded stretch of one resource into its stored segments."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from dcx.metering.rules.fold import Run


def splice(stored: Iterable[Run], folded: Iterable[Run], lo: int, hi: int) -> list[Run]:
    """The segments of one resource once [lo, hi) is as `folded` says.

    `stored` are those that touch [lo, hi]: what lies left of lo and right of hi is kept, and
    equal neighbours that meet become one. The result covers the same stretch of time.
    """
    before = [(starts, min(ends, lo), key) for starts, ends, key in stored if starts < lo]
    between = [(starts, min(ends, hi), key) for starts, ends, key in folded if starts < hi]
    after = [(max(starts, hi), ends, key) for starts, ends, key in stored if ends > hi]
    return _merged([*before, *between, *after])


def _merged(runs: Sequence[Run]) -> list[Run]:
    merged: list[Run] = []
    for starts, ends, key in runs:
        if merged and merged[-1][1] == starts and merged[-1][2] == key:
            merged[-1] = (merged[-1][0], ends, key)
        else:
            merged.append((starts, ends, key))
    return merged


def changed_stretches(old: Sequence[Run], new: Sequence[Run]) -> list[tuple[int, int, str]]:
    """(starts, ends, customer) of every stretch whose usage differs between two lists of runs."""
    instants = sorted({instant for run in (*old, *new) for instant in run[:2]})
    stretches = []
    for starts, ends in pairwise(instants):
        was, now = _at(old, starts), _at(new, starts)
        if was != now:
            stretches += [(starts, ends, str(key[1])) for key in {was, now} if key is not None]
    return stretches


def _at(runs: Sequence[Run], instant: int) -> tuple[object, ...] | None:
    return next((key for starts, ends, key in runs if starts <= instant < ends), None)
