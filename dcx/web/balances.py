"""Geometry of a balance: day by day up to now, and where it leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dcx.web.charts import DayLabel, Frame, Tick, day_labels, round_step

WIDE = Frame(1040, 260, 72, 1026, 34, 222)
PHONE = Frame(350, 220, 64, 342, 30, 190)


@dataclass(frozen=True, slots=True)
class Trend:
    """What is drawn: the cents a balance begins with and ends each day with, what came in on each,
    how much of the last day is over (0.4), where the balance stands after `ahead_days` more, and
    what is warned of. There is room for `room` days ahead.
    """

    first: date
    opening: int
    days: Sequence[int]
    came_in: Sequence[int]
    part: float
    ahead_days: float
    ahead_cents: int
    threshold: int | None
    room: int


@dataclass(frozen=True, slots=True)
class Spot:
    """A day of the drawing: where its balance stands, the strip that answers to a pointer, and how
    high the balance rose by what came in, None where nothing did.
    """

    x: float
    y: float
    slot_x: float
    slot_width: float
    rise_y: float | None

    @property
    def points(self) -> str:
        rise = "" if self.rise_y is None else f"{self.slot_x},{self.rise_y} "
        return f"{rise}{self.x},{self.y}"


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
    rises = [before + came for before, came in zip(_begins(trend), trend.came_in, strict=True)]
    drawn = [trend.opening, *trend.days, *rises, trend.ahead_cents, trend.threshold or 0]
    grid = _ticks(drawn, frame)
    slots = len(trend.days) + trend.room
    slot = (frame.right - frame.left) / slots
    spots = _spots(trend, grid, slot, frame)
    start = f"{frame.left},{_y(trend.opening, grid)}"
    points = " ".join([start, *(spot.points for spot in spots)])
    now, zero_y = spots[-1], _y(0, grid)
    end = (round(min(now.x + slot * trend.ahead_days, frame.right), 1), _y(trend.ahead_cents, grid))
    return BalanceChart(
        frame=frame,
        ticks=grid,
        labels=day_labels(trend.first, slots, frame),
        points=points,
        area=f"{frame.left},{zero_y} {points} {now.x},{zero_y}",
        spots=spots,
        ahead=f"{now.x},{now.y} {end[0]},{end[1]}",
        end=end,
        zero_y=zero_y,
        threshold_y=None if trend.threshold is None else _y(trend.threshold, grid),
    )


def _begins(trend: Trend) -> list[int]:
    """What each day begins with."""
    return [trend.opening, *trend.days[:-1]]


def _spots(trend: Trend, grid: Sequence[Tick], slot: float, frame: Frame) -> tuple[Spot, ...]:
    last, found = len(trend.days) - 1, []
    for place, begins in enumerate(_begins(trend)):
        came, left = trend.came_in[place], frame.left + slot * place
        x = left + slot * (trend.part if place == last else 1)
        rise_y = _y(begins + came, grid) if came else None
        y = _y(trend.days[place], grid)
        found.append(Spot(round(x, 1), y, round(left, 1), round(slot, 1), rise_y))
    return tuple(found)


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
