"""The life of resources over time, past and future, and what a month of it costs: by the one
pricing function.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from dcx.estimates.rules.costing import Spans
from dcx.kit.periods import Period
from dcx.pricing.rules.meters import Usage
from dcx.pricing.rules.rating import Priced, Stretch, price


@dataclass(frozen=True, slots=True)
class Stage:
    """One resource in one configuration during a period, as metering counts it."""

    period: Period
    kind: str
    resource: str
    vcpus: int
    memory_mib: int
    size_gib: int
    tier: str
    region: str
    flavor: str
    os: str
    is_used: bool = True

    def at(self, period: Period) -> "Stage":
        return replace(self, period=period)


def month_cost(life: Sequence[Stage], spans: Spans, hours: int) -> Priced:
    """What a month of so many hours costs, each version of the book while it is in force."""
    stretches = [
        Stretch(book, [used for stage in life for used in _usage(stage, part)])
        for book, part in spans
    ]
    return price(stretches, hours)


def sizes_at(life: Sequence[Stage], instants: Sequence[int], measure: str) -> list[int]:
    """The sum of `measure` (size_gib, vcpus, memory_mib) at each instant, in order of time."""
    changes = [0] * (len(instants) + 1)
    for stage in life:
        size = getattr(stage, measure)
        changes[bisect_left(instants, stage.period.starts_us)] += size
        changes[bisect_left(instants, stage.period.ends_us)] -= size
    return list(accumulate(changes))[:-1]


def _usage(stage: Stage, part: Period) -> Iterator[Usage]:
    within = Period(
        max(stage.period.starts_us, part.starts_us), min(stage.period.ends_us, part.ends_us)
    )
    if not within.length_us or not stage.is_used:
        return
    if stage.kind == "disk":
        yield _used(stage, "disk.gib_hours", stage.size_gib * within.length_us)
        return
    yield _used(stage, "vm.hours", within.length_us)
    yield _used(stage, "vm.vcpu_hours", stage.vcpus * within.length_us)
    yield _used(stage, "vm.memory_gib_hours", stage.memory_mib * within.length_us)


def _used(stage: Stage, meter: str, quantity: int) -> Usage:
    return Usage(
        customer="",
        kind=stage.kind,
        resource=stage.resource,
        meter=meter,
        tier=stage.tier,
        region=stage.region,
        flavor=stage.flavor,
        os=stage.os,
        quantity=quantity,
    )
