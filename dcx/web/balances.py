"""Geometry of a balance: day by day up to now, and where it leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dcx.web.charts import DayLabel, Frame, Tick, day_labels, round_step

WIDE = Frame(1040, 260, 72, 1026, 34, 222)
PHONE = Frame(350, 220, 64, 342, 30, 190)


@dataclass(frozen=True, slots=True)
class Trend:
    """What is drawn: the cents a balance begins with and ends each day with, how much of the last
    day is over (0.4), where the balance stands after `ahead_days` more, and what is warned of.
    """

    first: date
    opening: int
    days: Sequence[int]
    part: float
    ahead_days: float
    ahead_cents: int
    threshold: int | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A day of the drawing: where its balance stands, and the strip that answers to a pointer."""

    x: float
    y: float
    slot_x: float
    slot_width: float


@dataclass(frozen=True, slots=True)
class BalanceChart:
    """A balance ready to draw; `zero_y` is where nothing is left."""

    frame: Frame
    ticks: tuple[Tick, ...]
    labels: tuple[DayLabel, ...]
    points: str
    area: str
    spots: tuple[Spot, ...]
    ahead: str
    end: tuple[float, float]
    zero_y: float
    threshold_y: float | None


def balance_chart(trend: Trend, frame: Frame) -> BalanceChart:
    """Lines in a plot that has room for the days so far and those ahead, zero within it."""
    grid = _ticks([trend.opening, *trend.days, trend.ahead_cents, trend.threshold or 0], frame)
    slots = len(trend.days) + max(round(trend.ahead_days), 1)
    slot = (frame.right - frame.left) / slots
    last = len(trend.days) - 1
    spots = []
    for place, cents in enumerate(trend.days):
        x = frame.left + slot * (place + (trend.part if place == last else 1))
        left = frame.left + slot * place
        spots.append(Spot(round(x, 1), _y(cents, grid), round(left, 1), round(slot, 1)))
    start = f"{frame.left},{_y(trend.opening, grid)}"
    points = " ".join([start, *(f"{spot.x},{spot.y}" for spot in spots)])
    now, zero_y = spots[-1], _y(0, grid)
    end = (round(min(now.x + slot * trend.ahead_days, frame.right), 1), _y(trend.ahead_cents, grid))
    return BalanceChart(
        frame=frame,
        ticks=grid,
        labels=day_labels(trend.first, slots, frame),
        points=points,
        area=f"{frame.left},{zero_y} {points} {now.x},{zero_y}",
        spots=tuple(spots),
        ahead=f"{now.x},{now.y} {end[0]},{end[1]}",
        end=end,
        zero_y=zero_y,
        threshold_y=None if trend.threshold is None else _y(trend.threshold, grid),
    )


def _ticks(amounts: Sequence[int], frame: Frame) -> tuple[Tick, ...]:
    """Grid lines at round cents from below the least to above the most, zero among them."""
    least, most = min(0, *amounts), max(0, *amounts)
    step = round_step(max(most - least, 100))
    low, high = least // step, max(-(-most // step), least // step + 1)
    span = frame.bottom - frame.top
    return tuple(
        Tick(round(frame.bottom - span * (place - low) / (high - low), 1), place * step)
        for place in range(low, high + 1)
    )


def _y(cents: int, grid: Sequence[Tick]) -> float:
    bottom, top = grid[0], grid[-1]
    share = (cents - bottom.cents) / (top.cents - bottom.cents)
    return round(bottom.y - share * (bottom.y - top.y), 1)
