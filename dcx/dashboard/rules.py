"""Pure rules of the home pages: amounts over days, forecasts, what changed in a resource."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from dcx.kit.money import half_up

MOST_SERIES = 5
OTHER = "Other"
FIRST_METERS = ("vm.vcpu_hours", "vm.memory_gib_hours", "disk.gib_hours")
FEWEST_FULL_DAYS = 4


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart: its words, what it comes to, and its colour (1 to 5, 6 is Other)."""

    words: str
    cents: int
    colour: int


@dataclass(frozen=True, slots=True)
class DayCost:
    """One day: cents of each series, in the order of the series."""

    day: date
    parts: tuple[int, ...]

    @property
    def cents(self) -> int:
        return sum(self.parts)


def spread(amount: int, weights: Mapping[date, int]) -> dict[date, int]:
    """An amount over days by weight; the parts sum to the amount exactly."""
    whole = sum(weights.values())
    if not whole:
        return {}
    parts, seen, given = {}, 0, 0
    for day in sorted(weights):
        seen += weights[day]
        upto = half_up(amount * seen, whole)
        parts[day] = upto - given
        given = upto
    return parts


def meter_order(priced: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Meters with their tiers in the order of every chart: vCPU, memory, disks, the rest.

    Give them in the order in which books first priced them: what is new comes after what it
    resembles, so that a meter keeps its colour.
    """
    rank = {meter: place for place, meter in enumerate(FIRST_METERS)}
    return sorted(dict.fromkeys(priced), key=lambda pair: rank.get(pair[0], len(rank)))


def by_day(
    amounts: Mapping[str, Mapping[date, int]], days: Sequence[date], order: Sequence[str]
) -> tuple[list[Series], list[DayCost]]:
    """Amounts of words per day: the first five of `order` each in a colour of its own, whatever
    page shows them, and all else as Other.
    """
    merged: dict[str, tuple[int, Mapping[date, int]]] = {
        words: (colour, amounts[words])
        for colour, words in enumerate(order[:MOST_SERIES], 1)
        if words in amounts
    }
    rest = [parts for words, parts in amounts.items() if words not in merged]
    if rest:
        merged[OTHER] = (MOST_SERIES + 1, _summed(rest))
    series = [
        Series(words, sum(parts.values()), colour) for words, (colour, parts) in merged.items()
    ]
    costs = [DayCost(day, tuple(parts.get(day, 0) for _, parts in merged.values())) for day in days]
    return series, costs


def _summed(many: Sequence[Mapping[date, int]]) -> dict[date, int]:
    total: defaultdict[date, int] = defaultdict(int)
    for parts in many:
        for day, cents in parts.items():
            total[day] += cents
    return total


def forecast(so_far: int, elapsed_us: int, whole_us: int) -> int | None:
    """What a month comes to at the rate so far; None on its first hour."""
    if elapsed_us < 3_600_000_000:  # noqa: PLR2004
        return None
    return half_up(so_far * whole_us, min(elapsed_us, whole_us))


def likely_range(
    so_far: int, full_days: Sequence[int], elapsed: float, slots: int
) -> tuple[int, int] | None:
    """What a month comes to if each day left costs like its cheaper or like its dearer days (the
    quartiles of its full days); None before four days are full.
    """
    if len(full_days) < FEWEST_FULL_DAYS:
        return None
    ranked = sorted(full_days)
    left = slots - elapsed
    place = len(ranked) // 4
    return so_far + round(ranked[place] * left), so_far + round(ranked[-1 - place] * left)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a resource was during one stretch."""

    starts_us: int
    ends_us: int
    state: str
    is_used: bool
    sizes: tuple[tuple[str, int], ...]
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """How a stretch differs from the one before it: in a word, or in a size from before to after.

    `is_main` tells what a drawing names; the rest is left to its table.
    """

    words: str
    before: int | None = None
    after: int | None = None
    unit: str = ""
    is_main: bool = True


def changes(shapes: Sequence[Shape]) -> list[list[Change]]:
    """For each stretch, what changed at its beginning; nothing for the first."""
    found: list[list[Change]] = [[] for _ in shapes[:1]]
    last_used: Shape | None = shapes[0] if shapes and shapes[0].is_used else None
    for before, now in pairwise(shapes):
        found.append(_state_changes(before, now) + _size_changes(last_used, now))
        last_used = now if now.is_used else last_used
    return found


def _state_changes(before: Shape, now: Shape) -> list[Change]:
    if before.is_used and not now.is_used:
        return [Change(now.state.capitalize())]
    if now.is_used and not before.is_used:
        return [Change("Started")]
    if before.ends_us < now.starts_us:
        return [Change("Back after a gap")]
    return [Change(now.state.capitalize())] if before.state != now.state else []


def _size_changes(before: Shape | None, now: Shape) -> list[Change]:
    """Of one used stretch to the next used one; the first named size is the one a drawing names."""
    if before is None or not now.is_used:
        return []
    pairs = zip(before.sizes, now.sizes, strict=True)
    found = [
        Change("", old, new, unit, is_main=place == 0)
        for place, ((unit, old), (_, new)) in enumerate(pairs)
        if old != new
    ]
    if before.tier != now.tier:
        found.append(Change(f"{before.tier or 'No tier'} → {now.tier or 'no tier'}"))
    return found
