"""Growth over months, compound or by a fixed amount, and how long until something is reached."""

import math
from fractions import Fraction

from dcx.estimates.errors import AskRefusedError
from dcx.estimates.rules.disks.answers import Step, step
from dcx.estimates.rules.disks.inputs import Given, Input, share, size

MOST_MONTHS_AHEAD = 1_200
"""A century: what takes longer is not said."""
USUAL_GROWTH = Fraction(2, 100)


def growth_inputs() -> tuple[Input, Input]:
    return (
        share(
            "growth", "Growth a month", "", unit="% a month",
            example="0.02", hint="Compound, 2 % where nothing is said; 0 for none.",
        ),
        size(
            "growth_gib", "Or growth by so much", "", unit="GiB a month", least=Fraction(0),
            hint="Instead of percent: the same amount each month.",
        ),
    )  # fmt: skip


def growth_of(given: Given) -> tuple[Fraction, Fraction]:
    """(share, GiB) a month; AskRefusedError where both are said."""
    if "growth_gib" in given and given.number("growth_gib"):
        if "growth" in given and given.number("growth"):
            raise AskRefusedError({"given.growth_gib": "Say growth or growth_gib, not both."})
        return Fraction(0), given.number("growth_gib")
    return (given.number("growth") if "growth" in given else USUAL_GROWTH), Fraction(0)


def grown(now: Fraction, growth: tuple[Fraction, Fraction], months: int) -> Fraction:
    """now x (1 + share)^months + GiB x months"""
    by_share, by_gib = growth
    return now * (1 + by_share) ** months + by_gib * months


def grown_step(now: Fraction, growth: tuple[Fraction, Fraction], months: int) -> Step:
    by_share, by_gib = growth
    then = grown(now, growth, months)
    if by_gib:
        return step("In {} months: {} + {} x {} = {} GiB", months, now, by_gib, months, then)
    return step("In {} months: {} x (1 + {} %)^{} = {} GiB",
                months, now, by_share * 100, months, then)  # fmt: skip


def months_to_reach(now: Fraction, goal: Fraction, growth: tuple[Fraction, Fraction]) -> int | None:
    """The first whole month at whose end `goal` is reached, exactly: 0 where it is reached already,
    None where it never is, or not within a century.
    """
    if now >= goal:
        return 0
    by_share, by_gib = growth
    if by_gib:
        months = math.ceil((goal - now) / by_gib)
    elif by_share and now:
        months = _compound_months(now, goal, by_share)
    else:
        return None
    return months if months <= MOST_MONTHS_AHEAD else None


def months_exactly(now: Fraction, goal: Fraction, growth: tuple[Fraction, Fraction]) -> Fraction:
    """The same with what is left of a month, to 2 decimals: ln(goal / now) / ln(1 + share)."""
    by_share, by_gib = growth
    if by_gib:
        return Fraction(round((goal - now) / by_gib, 2))
    return Fraction(round(_logarithms(now, goal, by_share), 2)).limit_denominator(100)


def _compound_months(now: Fraction, goal: Fraction, by_share: Fraction) -> int:
    """Near what logarithms say, then exactly: at a border they may be wrong by one."""
    months = max(math.floor(_logarithms(now, goal, by_share)) - 1, 0)
    while months <= MOST_MONTHS_AHEAD and now * (1 + by_share) ** months < goal:
        months += 1
    return months


def _logarithms(now: Fraction, goal: Fraction, by_share: Fraction) -> float:
    return math.log(goal / now) / math.log1p(by_share)
