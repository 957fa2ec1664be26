"""Geometry of a resource's life: its stretches drawn to time, its sizes as heights, its changes
named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dcx.web.charts import LABEL_PX, NUMBER_PX, DayLabel, Frame, days_between_labels

WIDE_PX, PHONE_PX = 1040, 326
LANE_PX, LANES = 17, 3
BAND_PX, BAND_HEAD_PX, BAND_GAP_PX = 34, 20, 8
AXIS_PX = 24
LEAST_PX, SLIVER_PX = 3, 3
CHARACTER_PX = 6.4


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch to draw: one size for each band, 0 where it was not used."""

    starts_us: int
    ends_us: int
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Words about an instant."""

    at_us: int
    words: str


@dataclass(frozen=True, slots=True)
class Face:
    """What a block shows in one band."""

    band: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class TimeBlock:
    """One stretch, or several too thin to be told apart: the first one's place in the spans."""

    place: int
    x: float
    width: float
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A note with its place: a thin line at `at_x` from `y` down to the bands."""

    words: str
    at_x: float
    x: float
    y: float
    is_left: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """A timeline ready to draw."""

    frame: Frame
    heads: tuple[float, ...]
    blocks: tuple[TimeBlock, ...]
    marks: tuple[Mark, ...]
    labels: tuple[DayLabel, ...]


def timeline(
    spans: Sequence[Span],
    notes: Sequence[Note],
    bounds: tuple[int, int],
    days: tuple[date, int],
    width: int,
) -> Timeline:
    """Spans within the bounds (microseconds) over (first day, how many).

    A block is as high as its size is of the band's largest. Notes stand above in lanes; one that
    finds no room is left out, so the table beside it must say it too.
    """
    starts_us, ends_us = bounds
    scale = width / max(ends_us - starts_us, 1)
    bands = len(spans[0].sizes) if spans else 1
    places = [((note.at_us - starts_us) * scale, note.words) for note in notes]
    marks, lanes = _marks(places, width)
    top = lanes * LANE_PX
    bottom = top + bands * (BAND_HEAD_PX + BAND_PX + BAND_GAP_PX)
    frame = Frame(width, bottom + AXIS_PX, 0, width, top, bottom)
    heads = tuple(
        float(top + band * (BAND_HEAD_PX + BAND_PX + BAND_GAP_PX) + 14) for band in range(bands)
    )
    ranges = [
        ((max(span.starts_us, starts_us) - starts_us) * scale,
         (min(span.ends_us, ends_us) - starts_us) * scale)
        for span in spans
    ]  # fmt: skip
    blocks = _blocks(spans, ranges, top)
    return Timeline(frame, heads, blocks, marks, _ticks(*days, width))


def _ticks(first: date, count: int, width: int) -> tuple[DayLabel, ...]:
    """Where days begin, and where the last one ends, which is named by its own date."""
    slot = width / max(count, 1)
    every = days_between_labels(slot, count)
    begun = [
        DayLabel(round(slot * place, 1), first + timedelta(days=place), place == 0)
        for place in range(0, count, every)
        if place == 0 or LABEL_PX <= slot * place <= width - LABEL_PX - NUMBER_PX / 2
    ]
    return (*begun, DayLabel(float(width), first + timedelta(days=count - 1), has_month=True))


def _blocks(
    spans: Sequence[Span], ranges: Sequence[tuple[float, float]], top: int
) -> tuple[TimeBlock, ...]:
    largest = [max(sizes) or 1 for sizes in zip(*(span.sizes for span in spans), strict=True)]
    blocks = []
    for first, last in _runs(ranges):
        x, end = ranges[first][0], ranges[last][1]
        sizes = [max(span.sizes[band] for span in spans[first : last + 1])
                 for band in range(len(largest))]  # fmt: skip
        faces = tuple(_face(band, size / largest[band], top) for band, size in enumerate(sizes))
        blocks.append(TimeBlock(first, round(x, 1), round(max(end - x - 0.6, 0.6), 1), faces))
    return tuple(blocks)


def _runs(ranges: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    """(first, last) of the spans that share a block: neighbours too thin to be seen alone."""
    runs: list[tuple[int, int]] = []
    for place, (x, end) in enumerate(ranges):
        first = runs[-1][0] if runs else place
        is_thin = end - x < SLIVER_PX
        joins = runs and is_thin and end - ranges[first][0] < SLIVER_PX
        if joins:
            runs[-1] = (first, place)
        else:
            runs.append((place, place))
    return runs


def _face(band: int, share: float, top: int) -> Face:
    base = top + band * (BAND_HEAD_PX + BAND_PX + BAND_GAP_PX) + BAND_HEAD_PX + BAND_PX
    height = round(max(BAND_PX * share, LEAST_PX), 1)
    return Face(band, round(base - height, 1), height)


def _marks(places: Sequence[tuple[float, str]], width: int) -> tuple[tuple[Mark, ...], int]:
    """Notes in lanes, lowest first, none over another; and how many lanes are taken."""
    taken: list[list[tuple[float, float]]] = []
    found = []
    for at, words in places:
        long = len(words) * CHARACTER_PX
        is_left = at + long + 6 > width
        begins = at - long - 6 if is_left else at
        if begins < 0:
            continue
        lane = _lane(taken, begins, begins + long + 12)
        if lane is not None:
            found.append((lane, at, is_left, words))
    lanes = len(taken)
    return tuple(
        Mark(words, round(at, 1), round(at + (-5 if is_left else 5), 1),
             float((lanes - 1 - lane) * LANE_PX + 12), is_left)
        for lane, at, is_left, words in found
    ), lanes  # fmt: skip


def _lane(taken: list[list[tuple[float, float]]], begins: float, ends: float) -> int | None:
    for lane, used in enumerate(taken):
        if all(ends <= start or begins >= end for start, end in used):
            used.append((begins, ends))
            return lane
    if len(taken) == LANES:
        return None
    taken.append([(begins, ends)])
    return len(taken) - 1
