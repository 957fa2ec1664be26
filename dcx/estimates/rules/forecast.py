"""Where a size is heading: its trend, and a band that holds four futures of five.

A straight line by least squares over the days so far. How far off it may be is learnt from the past
itself: where deviations pass, the band stays about as wide as they were; where each one lasts, as
with disks that are resized now and then, it widens with the days ahead, from the size it has now.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

LEAST_DAYS, MOST_DAYS = 14, 365
"""Under two weeks say too little, and what was a year ago says nothing of next month."""
MOST_AHEAD = 5 * 365
_TENTH = 1.4
"""Of a walk: a little more than the 1.28 deviations beyond which a tenth lies, because how far its
steps go is itself only estimated.
"""
_PASSES, _LASTS = 0.25, 0.70
"""Below the one deviations pass, above the other they last."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """So many days from now: what is likely, and between what and what."""

    days: int
    likely: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Trend:
    """What the past says. `lasting` is 0 where deviations from the line pass, 1 where they last."""

    days: int
    now: float
    level: float
    a_day: float
    lasting: float
    below: float
    above: float
    step: float
    has_shrunk: bool

    def ahead(self, days: int) -> Ahead:
        """The size in so many days; what never shrank is not expected to."""
        likely = self.level + self.a_day * days
        walk = self.lasting * _TENTH**2 * self.step * (days + 1.2 * days**2 / self.days)
        pass_on = (1 - self.lasting) * self._unsure(days)
        low = likely - math.sqrt(self.below**2 * pass_on + walk)
        high = likely + math.sqrt(self.above**2 * pass_on + walk)
        floor = 0 if self.has_shrunk else self.now
        return Ahead(days, max(likely, floor), max(low, floor), max(high, floor))

    def _unsure(self, days: int) -> float:
        """How much wider than the past's own deviations: the line itself is only estimated."""
        from_middle = (self.days - 1) / 2 + days
        spread = self.days * (self.days**2 - 1) / 12
        return 1 + 1 / self.days + from_middle**2 / spread


@dataclass(frozen=True, slots=True)
class Reached:
    """In how many days a limit is reached: likely, at the earliest and at the latest; None: not
    within five years. 0: it is reached.
    """

    likely: int | None
    earliest: int | None
    latest: int | None


def trend_of(sizes: Sequence[float]) -> Trend | None:
    """The trend of the size at the end of each day; None: not enough history."""
    known = sizes[-MOST_DAYS:]
    days = len(known)
    if days < LEAST_DAYS:
        return None
    a_day = _slope(known)
    level = median(size - a_day * day for day, size in enumerate(known))
    rests = [size - level - a_day * day for day, size in enumerate(known)]
    lasting, step = _lasting(rests)
    return Trend(
        days=days,
        now=known[-1],
        level=level + a_day * (days - 1) + lasting * rests[-1],
        a_day=a_day,
        lasting=lasting,
        below=_quantile(rests, 0.1),
        above=_quantile(rests, 0.9),
        step=step,
        has_shrunk=any(after < before for before, after in pairwise(known)),
    )


def reached(trend: Trend, limit: float) -> Reached:
    """When a limit is reached: at the earliest by the band's upper edge, at the latest by its lower
    one.
    """
    if trend.now >= limit:
        return Reached(0, 0, 0)
    found: dict[str, int] = {}
    for days in range(1, MOST_AHEAD + 1):
        ahead = trend.ahead(days)
        for name in ("likely", "high", "low"):
            if name not in found and getattr(ahead, name) >= limit:
                found[name] = days
        if "low" in found:
            break
    return Reached(found.get("likely"), found.get("high"), found.get("low"))


def _slope(sizes: Sequence[float]) -> float:
    middle = (len(sizes) - 1) / 2
    spread = len(sizes) * (len(sizes) ** 2 - 1) / 12
    return sum((day - middle) * size for day, size in enumerate(sizes)) / spread


def _lasting(rests: Sequence[float]) -> tuple[float, float]:
    """(how much of a deviation lasts, the mean square of a day's step): differences over a long
    stretch are larger than over a short one only where deviations last. Both are of a line fitted
    to the same days, which takes a part of each stretch away.
    """
    days = len(rests)
    long = max(days // 4, 4)
    short = max(long // 4, 1)
    far, near = _mean_square(rests, long), _mean_square(rests, short)
    reach_far, reach_near = long * (1 - long / days), short * (1 - short / days)
    if near <= 0 or far <= near:
        return 0.0, 0.0
    power = math.log(far / near) / math.log(reach_far / reach_near)
    lasting = min(max((power - _PASSES) / (_LASTS - _PASSES), 0.0), 1.0)
    return lasting, max(far / reach_far, near / reach_near)


def _mean_square(rests: Sequence[float], apart: int) -> float:
    pairs = list(zip(rests, rests[apart:], strict=False))
    return sum((after - before) ** 2 for before, after in pairs) / len(pairs)


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
