"""The laws of the fold: order, repetition and borders never matter, segments partition time."""

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dcx.kit.periods import FOREVER
from dcx.metering.rules.fold import fold
from dcx.metering.rules.splice import splice
from tests.support.counts import count

LOGS = st.lists(
    st.tuples(
        st.integers(0, 40), st.integers(0, 2), st.sampled_from("ab"), st.sampled_from(["on", "off"])
    ),
    max_size=14,
    unique_by=lambda log: (log[0], log[1]),
)
GAPS = st.sampled_from([3, 10, FOREVER])


def in_order(logs: list[Any]) -> list[tuple[Any, ...]]:
    """(at, resource, customer, state), by instant and sequence."""
    return [(at, "vm-1", customer, state) for at, _, customer, state in sorted(logs)]


def tick_by_tick(logs: list[Any], max_gap: int, ticks: int) -> dict[int, tuple[Any, ...]]:
    """The definition, said plainly: what is true in [tick, tick + 1)."""
    ordered = in_order(logs)
    truth = {}
    for tick in range(ticks):
        standing = [log for log in ordered if log[0] <= tick]
        later = [log[0] for log in ordered if log[0] > tick]
        if standing:
            until = later[0] if later else FOREVER
            if until - standing[-1][0] <= max_gap:
                truth[tick] = standing[-1][1:]
    return truth


def as_ticks(runs: list[Any], ticks: int) -> dict[int, tuple[Any, ...]]:
    return {tick: key for starts, ends, key in runs for tick in range(starts, min(ends, ticks))}


@settings(max_examples=count(200, 1500), deadline=None)
@given(LOGS, GAPS)
def test_the_fold_says_what_was_true_at_every_tick(logs: list[Any], gap: int) -> None:
    runs = list(fold(in_order(logs), gap))

    assert as_ticks(runs, 45) == tick_by_tick(logs, gap, 45)


@settings(max_examples=count(200, 1500), deadline=None)
@given(LOGS, GAPS)
def test_segments_partition_time_and_equal_neighbours_are_one(logs: list[Any], gap: int) -> None:
    runs = list(fold(in_order(logs), gap))

    for (starts, ends, key), (after, _, other) in pairwise(runs):
        assert starts < ends <= after
        assert ends < after or key != other


@settings(max_examples=count(300, 2000), deadline=None)
@given(LOGS, GAPS, st.lists(st.integers(1, 5), max_size=8), st.randoms())
def test_runs_over_batches_in_any_order_equal_one_run_over_everything(
    logs: list[Any], gap: int, sizes: list[int], luck: Any
) -> None:
    arriving = list(logs)
    luck.shuffle(arriving)
    known: list[Any] = []
    segments: list[Any] = []
    while arriving:
        size = sizes.pop() if sizes else len(arriving)
        batch, arriving = arriving[:size], arriving[size:]
        known += batch
        first, last = min(log[0] for log in batch), max(log[0] for log in batch)
        lo = max((log[0] for log in known if log[0] < first), default=first)
        hi = min((log[0] for log in known if log[0] > last), default=FOREVER)
        around = [log for log in known if lo <= log[0] <= hi]
        touching = [run for run in segments if run[1] >= lo and run[0] <= hi]
        rest = [run for run in segments if run not in touching]
        segments = sorted(rest + splice(touching, fold(in_order(around), gap), lo, hi))

    assert segments == list(fold(in_order(logs), gap))
