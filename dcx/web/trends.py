"""Geometry of a size over days: what was, what is likely ahead, and between what and what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from dcx.web.charts import DayLabel, Frame, day_labels, round_step


@dataclass(frozen=True, slots=True)
class Level:
    """A grid line: where, and the size that it stands for."""

    y: float
    size: int


@dataclass(frozen=True, slots=True)
class TrendChart:
    """A chart ready to draw: points for polylines and polygons; `now` and `end` are (x, y)."""

    frame: Frame
    levels: tuple[Level, ...]
    line: str
    dash: str
    band: str
    now: tuple[float, float]
    end: tuple[float, float]
    limit_y: float | None
    labels: tuple[DayLabel, ...]


def trend_chart(
    past: Sequence[float],
    ahead: Sequence[tuple[float, float, float]],
    first: date,
    limit: float | None,
    frame: Frame,
) -> TrendChart:
    """`past` at the end of each day from `first` on; `ahead` of it (low, likely, high) of each day.
    A limit far above everything is left out: it would press the rest flat.
    """
    most = max(*past, *(high for _, _, high in ahead), 1)
    shown = limit if limit is not None and limit <= 3 * most else None
    levels = _levels(max(most, shown or 0), frame)
    slot = (frame.right - frame.left) / max(len(past) + len(ahead), 1)

    def point(place: int, size: float) -> tuple[float, float]:
        height = (frame.bottom - frame.top) * size / levels[-1].size
        return round(frame.left + slot * (place + 0.5), 1), round(frame.bottom - height, 1)

    before = [point(place, size) for place, size in enumerate(past)]
    lows, likely, highs = (
        [point(len(past) + place, day[side]) for place, day in enumerate(ahead)]
        for side in range(3)
    )
    now = before[-1]
    return TrendChart(
        frame=frame,
        levels=levels,
        line=_points(_steps(before)),
        dash=_points([now, *likely]),
        band=_points([now, *highs, *reversed(lows)]),
        now=now,
        end=likely[-1] if likely else now,
        limit_y=point(0, shown)[1] if shown is not None else None,
        labels=day_labels(first, len(past) + len(ahead), frame),
    )


def _levels(most: float, frame: Frame) -> tuple[Level, ...]:
    step = round_step(ceil(most))
    count = max(ceil(most / step), 1)
    span = frame.bottom - frame.top
    return tuple(
        Level(round(frame.bottom - span * place / count, 1), place * step)
        for place in range(count + 1)
    )


def _steps(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Only the points at which a line turns: a size that stays is one stroke."""
    last = len(points) - 1
    return [
        point
        for place, point in enumerate(points)
        if place in {0, last}
        or not points[place - 1][1] == point[1] == points[min(place + 1, last)][1]
    ]


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
