"""Pure rules of the home pages: amounts over days, forecasts, comparisons."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dcx.kit.money import half_up

MOST_SERIES = 5
OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart: its words and what it comes to."""

    words: str
    cents: int


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


def by_day(
    amounts: Mapping[str, Mapping[date, int]], days: Sequence[date]
) -> tuple[list[Series], list[DayCost]]:
    """Amounts of words per day as at most five series and Other, the largest first."""
    totals = {words: sum(parts.values()) for words, parts in amounts.items()}
    ranked = sorted(totals, key=lambda words: (-totals[words], words))
    kept, rest = ranked[:MOST_SERIES], ranked[MOST_SERIES:]
    merged: dict[str, Mapping[date, int]] = {words: amounts[words] for words in kept}
    if rest:
        merged[OTHER] = _summed([amounts[words] for words in rest])
    series = [Series(words, sum(parts.values())) for words, parts in merged.items()]
    costs = [DayCost(day, tuple(parts.get(day, 0) for parts in merged.values())) for day in days]
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
