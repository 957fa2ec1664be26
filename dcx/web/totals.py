"""Geometry of running totals: a month so far, where it leads, and the month before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dcx.web.charts import DayLabel, Frame, Tick, ticks

WIDE = Frame(1040, 300, 64, 938, 24, 262)
PHONE = Frame(350, 220, 56, 342, 20, 190)
END_LABEL_PX = 32
FIVE_DAYS_PX = 60


@dataclass(frozen=True, slots=True)
class Curve:
    """A running total: points for `polyline`, its last point and amount, and where it is named."""

    points: str
    x: float
    y: float
    cents: int
    label_y: float


@dataclass(frozen=True, slots=True)
class Lines:
    """A chart of running totals: this month, its forecast within a band, last month."""

    frame: Frame
    ticks: tuple[Tick, ...]
    now: Curve
    forecast: Curve | None
    last: Curve | None
    area: str
    band: str
    labels: tuple[DayLabel, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """What a chart of running totals draws: cents a day, how many days are metered so far (23.8),
    the days of the month, what it comes to and between what and what.
    """

    days: Sequence[int]
    elapsed: float
    slots: int
    forecast_cents: int | None
    likely: tuple[int, int] | None
    last: Sequence[int]
    first: date


def running_totals(month: Running, frame: Frame) -> Lines:
    """Lines of running totals. The plot has room for the longer of the two months, so that each
    line ends where its month ends; each is named at its end, never one over the other.
    """
    room = max(month.slots, len(month.last))
    _, high = month.likely or (0, 0)
    most = max(sum(month.days), sum(month.last), month.forecast_cents or 0, high)
    grid = ticks(most, frame)
    slot = (frame.right - frame.left) / max(room, 1)
    now = _curve(month.days, slot, grid, frame, until=month.elapsed)
    area = f"{frame.left},{frame.bottom} {now.points} {now.x},{frame.bottom}"
    ahead, band = _ahead(month, now, slot, grid, frame)
    before = _curve(month.last, slot, grid, frame) if month.last else None
    if ahead and before:
        ahead, before = _apart(ahead, before, frame)
    labels = _days_named(month, slot, frame)
    return Lines(frame, grid, now, ahead, before, area, band, labels)


def _days_named(month: Running, slot: float, frame: Frame) -> tuple[DayLabel, ...]:
    """The first day, every fifth or tenth, and the last."""
    every = 5 if slot * 5 >= FIVE_DAYS_PX else 10
    between = range(every, month.slots - every // 2, every)
    return tuple(
        DayLabel(
            round(frame.left + slot * (day - 0.5), 1),
            month.first + timedelta(days=day - 1),
            has_month=day == 1,
        )
        for day in (1, *between, month.slots)
    )


def _ahead(
    month: Running, now: Curve, slot: float, grid: Sequence[Tick], frame: Frame
) -> tuple[Curve | None, str]:
    if month.forecast_cents is None or month.elapsed >= month.slots:
        return None, ""
    x, y = round(frame.left + slot * month.slots, 1), _y(month.forecast_cents, grid, frame)
    curve = Curve(f"{now.x},{now.y} {x},{y}", x, y, month.forecast_cents, y)
    if month.likely is None:
        return curve, ""
    low, high = (_y(cents, grid, frame) for cents in month.likely)
    return curve, f"{now.x},{now.y} {x},{low} {x},{high}"


def _apart(one: Curve, other: Curve, frame: Frame) -> tuple[Curve, Curve]:
    """The two with their labels so far apart that both can be read, in the order of their ends."""
    near = END_LABEL_PX - abs(one.label_y - other.label_y)
    if near <= 0:
        return one, other
    upper, lower = (one, other) if one.label_y < other.label_y else (other, one)
    top = max(upper.label_y - near / 2, frame.top)
    top = min(top, frame.bottom - END_LABEL_PX)
    moved = {
        upper: replace(upper, label_y=round(top, 1)),
        lower: replace(lower, label_y=round(top + END_LABEL_PX, 1)),
    }
    return moved[one], moved[other]


def _curve(
    days: Sequence[int],
    slot: float,
    grid: Sequence[Tick],
    frame: Frame,
    *,
    until: float | None = None,
) -> Curve:
    """The line of the days' running total; its last point stands at `until` days."""
    total = 0
    x, y = float(frame.left), float(frame.bottom)
    points = [f"{x},{y}"]
    for place, cents in enumerate(days, 1):
        total += cents
        at = place if until is None else min(place, until)
        x, y = round(frame.left + slot * at, 1), _y(total, grid, frame)
        points.append(f"{x},{y}")
    return Curve(" ".join(points), x, y, total, y)


def _y(cents: int, grid: Sequence[Tick], frame: Frame) -> float:
    return round(frame.bottom - (frame.bottom - frame.top) * cents / grid[-1].cents, 1)
