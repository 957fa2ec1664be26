"""Charts draw what is so: ends, names and colours stand where they belong."""

import itertools
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from dcx.web import totals
from dcx.web.charts import CARD, PHONE, WIDE, day_labels, stacked_bars, ticks

FRAMES = st.sampled_from([WIDE, CARD, PHONE])
NOVEMBER = date(2026, 11, 1)


def running(**changed: object) -> totals.Running:
    facts: dict[str, object] = {
        "days": [10_000] * 24, "elapsed": 23.5, "slots": 30, "forecast_cents": 306_383,
        "likely": (300_000, 310_000), "last": [10_000] * 31, "first": NOVEMBER, **changed,
    }  # fmt: skip
    return totals.Running(**facts)  # type: ignore[arg-type]


def last_day(points: str) -> float:
    return float(points.rsplit(maxsplit=1)[-1].split(",", maxsplit=1)[0])


@settings(deadline=None)
@given(most=st.integers(0, 10**12), frame=FRAMES)
def test_grid_lines_are_three_to_five_at_round_amounts_from_zero(most: int, frame: object) -> None:
    grid = ticks(most, frame)  # type: ignore[arg-type]

    assert 2 <= len(grid) <= 5
    assert grid[0].cents == 0
    assert grid[-1].cents >= most
    assert len({after.cents - before.cents for before, after in itertools.pairwise(grid)}) == 1


def test_a_month_is_named_to_its_end_though_its_days_have_not_come() -> None:
    bars = stacked_bars([[100], [200]], 30, CARD, first=NOVEMBER)

    assert [label.day.day for label in bars.labels] == [1, 4, 7, 10, 13, 16, 19, 22, 25, 28]
    assert [label.has_month for label in bars.labels] == [True] + [False] * 9


@settings(deadline=None)
@given(slots=st.integers(1, 366), frame=FRAMES)
def test_names_of_days_never_touch(slots: int, frame: object) -> None:
    labels = day_labels(NOVEMBER, slots, frame)  # type: ignore[arg-type]

    gaps = [after.x - before.x for before, after in itertools.pairwise(labels)]
    assert all(gap >= 24 for gap in gaps)


def test_a_part_keeps_the_colour_of_its_meter() -> None:
    bars = stacked_bars([[100, 0, 300]], 30, WIDE, colours=[2, 3, 5])

    assert [part.series for part in bars.bars[0].parts] == [2, 5]


def test_a_longer_last_month_is_drawn_to_its_last_day() -> None:
    chart = totals.running_totals(running(), totals.WIDE)

    assert chart.last
    assert chart.last.cents == 310_000
    assert last_day(chart.last.points) == totals.WIDE.right
    assert chart.forecast
    assert last_day(chart.forecast.points) < totals.WIDE.right


def test_a_shorter_last_month_ends_before_this_one() -> None:
    chart = totals.running_totals(running(slots=31, last=[10_000] * 28), totals.WIDE)

    assert chart.last
    assert chart.forecast
    assert last_day(chart.last.points) < last_day(chart.forecast.points) == totals.WIDE.right


def test_today_stands_at_its_hour_not_at_the_end_of_its_day() -> None:
    chart = totals.running_totals(running(last=[]), totals.WIDE)

    slot = (totals.WIDE.right - totals.WIDE.left) / 30
    assert abs(chart.now.x - (totals.WIDE.left + 23.5 * slot)) < 0.1


@settings(deadline=None)
@given(forecast=st.integers(0, 10**9), last=st.integers(0, 10**7))
def test_the_two_ends_are_named_one_below_the_other(forecast: int, last: int) -> None:
    chart = totals.running_totals(running(forecast_cents=forecast, last=[last] * 31), totals.WIDE)

    assert chart.forecast
    assert chart.last
    names = sorted((chart.forecast.label_y, chart.last.label_y))
    assert names[1] - names[0] >= totals.END_LABEL_PX - 0.2
    assert names[0] >= totals.WIDE.top
    assert names[1] <= totals.WIDE.bottom
    above = chart.forecast.y < chart.last.y
    assert (
        above == (chart.forecast.label_y < chart.last.label_y) or chart.forecast.y == chart.last.y
    )


def test_a_month_names_its_first_fifth_and_last_days() -> None:
    def named(slots: int, frame: object) -> list[int]:
        october = running(slots=slots, last=[], first=date(2026, 10, 1))
        chart = totals.running_totals(october, frame)  # type: ignore[arg-type]
        return [label.day.day for label in chart.labels]

    assert named(30, totals.WIDE) == [1, 5, 10, 15, 20, 25, 30]
    assert named(31, totals.WIDE) == [1, 5, 10, 15, 20, 25, 31]
    assert named(30, totals.PHONE) == [1, 10, 20, 30]


def test_a_month_that_is_over_has_no_forecast() -> None:
    chart = totals.running_totals(running(days=[1] * 30, elapsed=30.0), totals.WIDE)

    assert chart.forecast is None
    assert chart.band == ""
