"""Geometry of charts: amounts in, numbers for SVG attributes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

STEPS = (1, 2, 2.5, 5, 10)
LABEL_PX, NUMBER_PX = 44, 24
EVERY = (2, 3, 5, 7, 10, 15, 30, 60, 90, 180, 366)


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
CARD = Frame(680, 272, 64, 672, 34, 242)
PHONE = Frame(350, 230, 56, 346, 30, 200)


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line: where, and the cents that it stands for."""

    y: float
    cents: int


@dataclass(frozen=True, slots=True)
class DayLabel:
    """A day named under a chart; the first, and the first of a month, with its month."""

    x: float
    day: date
    has_month: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a stacked bar: its colour (from 1), place and height."""

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
    labels: tuple[DayLabel, ...] = ()


def ticks(most: int, frame: Frame) -> tuple[Tick, ...]:
    """Three to five grid lines at round cents, from zero."""
    step = round_step(max(most, 100))
    count = max(-(-most // step), 1)
    span = frame.bottom - frame.top
    return tuple(
        Tick(round(frame.bottom - span * place / count, 1), place * step)
        for place in range(count + 1)
    )


def round_step(most: int) -> int:
    """The smallest round step of which at most four reach `most`."""
    unit = 1
    while True:
        for step in STEPS:
            cents = int(step * unit)
            if cents and most / cents <= 4:  # noqa: PLR2004
                return cents
        unit *= 10


def day_labels(first: date, slots: int, frame: Frame) -> tuple[DayLabel, ...]:
    """Days named under a plot of `slots` days, as many as there is room for, to its very end."""
    slot = (frame.right - frame.left) / max(slots, 1)
    every = days_between_labels(slot, slots)
    found: list[DayLabel] = []
    for place in range(0, slots, every):
        day = first + timedelta(days=place)
        has_month = not found or found[-1].day.month != day.month
        found.append(DayLabel(round(frame.left + slot * (place + 0.5), 1), day, has_month))
    return tuple(found)


def days_between_labels(slot: float, slots: int) -> int:
    """How many days apart labels stand, so that none touches the next."""
    if slot >= NUMBER_PX:
        return 1
    return next((step for step in EVERY if step * slot >= LABEL_PX), max(slots, 1))


def stacked_bars(
    days: Sequence[Sequence[int]],
    slots: int,
    frame: Frame,
    *,
    colours: Sequence[int] = (),
    first: date | None = None,
) -> Bars:
    """Bars of stacked amounts in cents, one for each of `days`, in a plot with room for `slots`
    days from `first`; `colours` are those of the amounts, else they count from 1.
    """
    grid = ticks(max((sum(day) for day in days), default=0), frame)
    top_cents = grid[-1].cents
    slot = (frame.right - frame.left) / max(slots, 1)
    bars = []
    for place, day in enumerate(days):
        x = frame.left + slot * place
        parts = _stack(day, colours or range(1, len(day) + 1), top_cents, frame)
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
    labels = day_labels(first, slots, frame) if first else ()
    return Bars(frame, grid, tuple(bars), labels)


def _stack(
    day: Sequence[int], colours: Sequence[int], top_cents: int, frame: Frame
) -> tuple[Part, ...]:
    span = frame.bottom - frame.top
    y = float(frame.bottom)
    parts = []
    for series, cents in zip(colours, day, strict=False):
        height = max(cents, 0) * span / top_cents
        y -= height
        if height:
            parts.append(Part(series, round(y, 1), round(height, 1)))
    return tuple(parts)


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
