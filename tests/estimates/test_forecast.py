"""Forecasts are tried on histories whose future is known: near the truth, and honest about how near
they are.
"""

import math
from collections.abc import Callable, Sequence
from random import Random
from statistics import mean

import pytest

from dcx.estimates.rules.forecast import LEAST_DAYS, reached, trend_of
from tests.support.counts import count

HISTORIES, AHEAD = count(40, 400), 90
Past = Callable[[Random, int], Sequence[float]]


def linear(chance: Random, days: int) -> list[float]:
    """Grows by the same each day, with noise of up to a twentieth."""
    first = chance.uniform(50, 2_000)
    a_day, noise = first * chance.uniform(0, 0.005), first * chance.uniform(0.005, 0.05)
    return [first + a_day * day + chance.gauss(0, noise) for day in range(days)]


def bought_in_steps(chance: Random, days: int) -> list[float]:
    """Provisioned in whole steps as the need grows."""
    first = chance.uniform(50, 2_000)
    a_day, step = first * chance.uniform(0.0005, 0.005), chance.choice([10, 20, 50, 100])
    found, now = [], 0.0
    for day in range(days):
        need = first + a_day * day + chance.gauss(0, first * 0.01)
        now = max(now, math.ceil(need / step) * step)
        found.append(now)
    return found


def resized_now_and_then(chance: Random, days: int) -> list[float]:
    """One disk, made larger on a day that nobody foresaw by a size that nobody foresaw."""
    size, often = chance.uniform(50, 2_000), chance.uniform(0.02, 0.3)
    jump, found = size * chance.uniform(0.005, 0.05), []
    for _ in range(days):
        if chance.random() < often:
            size += math.ceil(jump * chance.uniform(0.3, 1.7))
        found.append(size)
    return found


def fleet(chance: Random, days: int) -> list[float]:
    """Many disks in sum: some are added, a few deleted."""
    size, found = chance.uniform(500, 5_000), []
    for _ in range(days):
        size += sum(chance.choice([10, 20, 50, 100]) for _ in range(3) if chance.random() < 0.1)
        size -= chance.choice([20, 50]) if chance.random() < 0.05 else 0
        found.append(size)
    return found


def tried(past: Past, days: int) -> tuple[float, float]:
    """(mean error, share of truths within the band) of forecasts 90 days ahead."""
    errors, held = [], []
    for seed in range(HISTORIES):
        life = past(Random(f"{past.__name__} {seed}"), days + AHEAD)
        trend = trend_of(life[:days])
        assert trend
        ahead, truth = trend.ahead(AHEAD), life[-1]
        errors.append(abs(ahead.likely / truth - 1))
        held.append(math.floor(ahead.low) <= truth <= math.ceil(ahead.high))
    return mean(errors), mean(held)


@pytest.mark.parametrize("days", [60, 180, 365])
def test_ninety_days_of_linear_growth_are_foreseen_within_a_tenth(days: int) -> None:
    for past in (linear, bought_in_steps):
        error, _ = tried(past, days)
        assert error <= 0.10, past.__name__


def test_the_band_holds_the_truth_in_seventy_to_ninety_of_a_hundred_cases() -> None:
    pasts = (linear, bought_in_steps, resized_now_and_then, fleet)
    found = {past.__name__: mean(tried(past, days)[1] for days in (60, 180, 365)) for past in pasts}
    assert 0.70 <= mean(found.values()) <= 0.90, found
    assert all(0.60 <= held <= 0.95 for held in found.values()), found
    assert 0.70 <= found["linear"] <= 0.90, found


def test_less_than_two_weeks_say_nothing() -> None:
    assert trend_of([100.0] * (LEAST_DAYS - 1)) is None
    assert trend_of([100.0] * LEAST_DAYS) is not None


def test_what_never_changed_stays_and_reaches_no_limit() -> None:
    trend = trend_of([250.0] * 100)
    assert trend
    ahead = trend.ahead(365)
    assert (ahead.low, ahead.likely, ahead.high) == (250, 250, 250)
    assert reached(trend, 251).likely is None
    assert reached(trend, 250).likely == 0


def test_a_limit_is_reached_when_the_line_gets_there_and_the_band_around_it() -> None:
    steady = trend_of([100.0 + day for day in range(100)])
    assert steady
    assert reached(steady, 249).likely == 50
    chance = Random(7)
    noisy = trend_of([100.0 + day + chance.gauss(0, 5) for day in range(100)])
    assert noisy
    found = reached(noisy, 249)
    assert 30 < (found.earliest or 0) < (found.likely or 0) < (found.latest or 0) < 70


def test_what_never_shrank_is_not_expected_to() -> None:
    trend = trend_of([100.0] * 50 + [400.0] * 50)
    assert trend
    assert not trend.has_shrunk
    assert trend.ahead(30).low >= 400


def test_what_lasts_goes_on_from_the_size_of_today_and_what_passes_returns_to_the_line() -> None:
    trends = [trend_of(resized_now_and_then(Random(seed), 300)) for seed in range(20)]
    lasting = [trend for trend in trends if trend and trend.lasting == 1]
    assert len(lasting) > len(trends) / 4
    assert all(
        abs(trend.ahead(1).likely - trend.now) <= 2 * trend.a_day + 1e-6 for trend in lasting
    )
    chance = Random(3)
    noisy = trend_of([500 + day + chance.gauss(0, 5) for day in range(300)] + [900.0])
    assert noisy
    assert noisy.lasting == 0
    assert noisy.ahead(1).likely < 820
