"""Why one amount became another: more of them, longer, larger, dearer. Exact until the end."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from dcx.kit.money import half_up

REASONS = (
    "count", "hours", "size", "use", "price", "step", "unmetered", "unused", "unasked", "rounding",
)  # fmt: skip
NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Part:
    """So many cents of a difference, for one of REASONS."""

    reason: str
    cents: int


@dataclass(frozen=True, slots=True)
class Side:
    """So many of something, hours and size of each, and cents for one of its size and an hour."""

    count: int
    hours: Fraction
    size: Fraction
    price: Fraction

    @classmethod
    def of(cls, count: int, hours: Fraction, quantity: Fraction, cents: Fraction) -> "Side":
        """From sums: all hours, all sizes times hours, and all cents before rounding."""
        return cls(
            count,
            hours / count if count else NOTHING,
            quantity / hours if hours else NOTHING,
            cents / quantity if quantity else NOTHING,
        )

    @property
    def cents(self) -> Fraction:
        return self.count * self.hours * self.size * self.price


def split(asked: Side, actual: Side) -> dict[str, Fraction]:
    """The difference of two sides by reason, one thing changed after another: how many, how long,
    how large, at which price. Sums to it exactly.
    """
    if not asked.count or not actual.count:
        return {"count": actual.cents - asked.cents}
    if not actual.hours:
        actual = replace(actual, size=asked.size, price=asked.price)
    if not asked.hours:
        asked = replace(asked, size=actual.size, price=actual.price)
    counted = replace(asked, count=actual.count)
    lasted = replace(counted, hours=actual.hours)
    sized = replace(lasted, size=actual.size)
    return {
        "count": counted.cents - asked.cents,
        "hours": lasted.cents - counted.cents,
        "size": sized.cents - lasted.cents,
        "price": actual.cents - sized.cents,
    }


def rounded(reasons: Iterable[tuple[str, Fraction]]) -> list[Part]:
    """Each reason's sum, rounded half up to the cent once."""
    sums: defaultdict[str, Fraction] = defaultdict(Fraction)
    for reason, cents in reasons:
        sums[reason] += cents
    return [
        Part(reason, half_up(cents.numerator, cents.denominator)) for reason, cents in sums.items()
    ]


def summed(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts of each reason together, in the order of REASONS, none of zero."""
    sums: defaultdict[str, int] = defaultdict(int)
    for part in parts:
        sums[part.reason] += part.cents
    return tuple(Part(reason, sums[reason]) for reason in REASONS if sums[reason])
