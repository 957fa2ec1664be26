"""Geometry of charts: amounts in, numbers for SVG attributes out."""

from collections.abc import Sequence
from dataclasses import dataclass

STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Frame:
    """The drawing area in CSS pixels: the plot lies between left and right, top and bottom."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int


WIDE = Frame(1040, 300, 64, 1030, 34, 262)
CARD = Frame(680, 280, 64, 672, 34, 242)
PHONE = Frame(350, 230, 56, 346, 30, 200)


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line: where, and the cents that it stands for."""

    y: float
    cents: int


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a stacked bar: its series (from 1), place and height."""

    series: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: its place, its parts from the bottom up, and its total in cents."""

    x: float
    width: float
    slot_x: float
    slot_width: float
    parts: tuple[Part, ...]
    cents: int


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar chart ready to draw."""

    frame: Frame
    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]


def ticks(most: int, frame: Frame) -> tuple[Tick, ...]:
    """Three to five grid lines at round cents, from zero."""
    step = _round_step(max(most, 100))
    count = max(-(-most // step), 1)
    span = frame.bottom - frame.top
    return tuple(
        Tick(round(frame.bottom - span * place / count, 1), place * step)
        for place in range(count + 1)
    )


def _round_step(most: int) -> int:
    unit = 1
    while True:
        for step in STEPS:
            cents = int(step * unit)
            if cents and most / cents <= 4:  # noqa: PLR2004
                return cents
        unit *= 10


def stacked_bars(days: Sequence[Sequence[int]], slots: int, frame: Frame) -> Bars:
    """Bars of stacked amounts in cents, one for each of `days`, in a plot with room for `slots`
    days.
    """
    grid = ticks(max((sum(day) for day in days), default=0), frame)
    top_cents = grid[-1].cents
    slot = (frame.right - frame.left) / max(slots, 1)
    bars = []
    for place, day in enumerate(days):
        x = frame.left + slot * place
        parts = _stack(day, top_cents, frame)
        bars.append(
            Bar(
                round(x + slot * 0.16, 1),
                round(slot * 0.68, 1),
                round(x, 1),
                round(slot, 1),
                parts,
                sum(day),
            )
        )
    return Bars(frame, grid, tuple(bars))


def _stack(day: Sequence[int], top_cents: int, frame: Frame) -> tuple[Part, ...]:
    span = frame.bottom - frame.top
    y = float(frame.bottom)
    parts = []
    for series, cents in enumerate(day, 1):
        height = max(cents, 0) * span / top_cents
        y -= height
        if height:
            parts.append(Part(series, round(y, 1), round(height, 1)))
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class Curve:
    """A running total: points for `polyline`, its last point, and its last amount."""

    points: str
    x: float
    y: float
    cents: int


@dataclass(frozen=True, slots=True)
class Lines:
    """A chart of running totals: this month, its forecast, last month."""

    frame: Frame
    ticks: tuple[Tick, ...]
    now: Curve
    forecast: Curve | None
    last: Curve | None
    area: str
    slot: float


def running_totals(
    days: Sequence[int], forecast_cents: int | None, last: Sequence[int], slots: int, frame: Frame
) -> Lines:
    """Lines of running totals over `slots` days; the forecast leads to the month's end."""
    most = max(sum(days), sum(last), forecast_cents or 0)
    grid = ticks(most, frame)
    slot = (frame.right - frame.left) / max(slots, 1)
    now = _curve(days, slot, grid, frame)
    area = f"{frame.left},{frame.bottom} {now.points} {now.x},{frame.bottom}"
    ahead = None
    if forecast_cents is not None and len(days) < slots:
        y = _y(forecast_cents, grid, frame)
        ahead = Curve(f"{now.x},{now.y} {frame.right},{y}", frame.right, y, forecast_cents)
    before = _curve(last[:slots], slot, grid, frame) if last else None
    return Lines(frame, grid, now, ahead, before, area, slot)


def _curve(days: Sequence[int], slot: float, grid: Sequence[Tick], frame: Frame) -> Curve:
    total = 0
    x, y = float(frame.left), float(frame.bottom)
    points = [f"{x},{y}"]
    for place, cents in enumerate(days, 1):
        total += cents
        x, y = round(frame.left + slot * place, 1), _y(total, grid, frame)
        points.append(f"{x},{y}")
    return Curve(" ".join(points), x, y, total)


def _y(cents: int, grid: Sequence[Tick], frame: Frame) -> float:
    return round(frame.bottom - (frame.bottom - frame.top) * cents / grid[-1].cents, 1)


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of time in a strip of segments."""

    x: float
    width: float
    y: float
    height: float


STRIP_WIDTH, STRIP_HEIGHT = 1000, 28


def time_strip(spans: Sequence[tuple[int, int, int]], starts_us: int, ends_us: int) -> list[Block]:
    """(starts, ends, size) drawn to time; the height follows the size."""
    whole = max(ends_us - starts_us, 1)
    largest = max((size for _, _, size in spans), default=0) or 1
    blocks = []
    for starts, ends, size in spans:
        x = (max(starts, starts_us) - starts_us) * STRIP_WIDTH / whole
        width = (min(ends, ends_us) - max(starts, starts_us)) * STRIP_WIDTH / whole
        height = max(STRIP_HEIGHT * size / largest, 4)
        blocks.append(
            Block(
                round(x, 2),
                round(max(width - 0.6, 0.4), 2),
                round(STRIP_HEIGHT - height, 1),
                round(height, 1),
            )
        )
    return blocks
