"""What a customer's disks and VMs were provisioned with, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from dcx.estimates.rules.forecast import MOST_DAYS
from dcx.estimates.rules.lives import Stage, sizes_at
from dcx.estimates.service.prices import Desk
from dcx.kit.errors import NotFoundError
from dcx.kit.periods import HOUR_US, Period, days_of
from dcx.metering import service as metering
from dcx.metering.service import Segment

MEASURES = {
    "tier": ("disk", "size_gib", 1, "GiB"), "disk": ("disk", "size_gib", 1, "GiB"),
    "memory": ("vm", "memory_mib", 1024, "GiB"), "vcpus": ("vm", "vcpus", 1, "vCPU"),
}  # fmt: skip
"""What can be forecast: the kind of resource, what of it, how many of that are one, of what."""
DAY_US = 24 * HOUR_US


@dataclass(frozen=True, slots=True)
class Subject:
    """What is forecast: `key` is tier/ssd, disk/KEY, memory/KEY or vcpus/KEY."""

    key: str
    words: str

    @property
    def what(self) -> str:
        return self.key.partition("/")[0]

    @property
    def name(self) -> str:
        return self.key.partition("/")[2]


@dataclass(frozen=True, slots=True)
class History:
    """Sizes at the end of each day from `first` on, in `unit`; `life` is what they are made of, and
    `until_us` up to when it is metered.
    """

    subject: Subject
    first: date
    sizes: Sequence[float]
    unit: str
    life: Sequence[Stage]
    until_us: int

    @property
    def present(self) -> list[Stage]:
        """What there is now."""
        return [stage for stage in self.life if stage.period.ends_us == self.until_us]


def subjects(session: Session, customer: str) -> list[Subject]:
    """All that a customer has now and that can be forecast: disks by tier, disks, VMs."""
    until_us = metering.metered_until(session)
    now = metering.segments(session, Period(until_us - 1, until_us), customer=customer)
    names = metering.resource_names(session, customer=customer)
    disks = [each for each in now if each.kind == "disk"]
    tiers = sorted({each.tier for each in disks})
    return [
        *(Subject(f"tier/{tier}", f"All disks of tier {tier or 'none'}") for tier in tiers),
        *(Subject(f"disk/{each.resource}", _named(each, names)) for each in disks),
        *(
            Subject(f"{what}/{each.resource}", f"{_named(each, names)}, {words}")
            for each in now
            if each.kind == "vm"
            for what, words in (("memory", "memory"), ("vcpus", "vCPU"))
        ),
    ]


def history(session: Session, customer: str, subject: Subject, desk: Desk) -> History:
    """A year of it at most; NotFoundError where the customer has none of it."""
    kind, measure, divisor, unit = MEASURES.get(subject.what, ("", "", 1, ""))
    until_us = metering.metered_until(session)
    year = Period(max(until_us - MOST_DAYS * DAY_US, 0), until_us)
    resource = None if subject.what == "tier" else subject.name
    found = metering.segments(session, year, customer=customer, kind=kind, resource=resource)
    life = [_stage(each) for each in found if resource or each.tier == subject.name]
    if not life:
        raise NotFoundError("This page does not exist, or it is not yours to see.")
    begins_us = min(stage.period.starts_us for stage in life)
    days = days_of(Period(begins_us, until_us), desk.zone)
    sums = sizes_at(life, [part.ends_us - 1 for _, part in days], measure)
    sizes = [size / divisor for size in sums]
    return History(subject, days[0][0], sizes, unit, life, until_us)


def resized(stages: Sequence[Stage], subject: Subject, size: float) -> list[Stage]:
    """The same with another size of what is forecast. A tier gets one disk more that makes up the
    difference.
    """
    _, measure, divisor, _ = MEASURES[subject.what]
    wanted = round(size * divisor)
    if subject.what != "tier":
        change: dict[str, Any] = {measure: wanted}
        return [replace(stage, **change) for stage in stages]
    more = wanted - sum(stage.size_gib for stage in stages)
    return [*stages, replace(stages[0], resource="more", size_gib=more)]


def _named(segment: Segment, names: dict[tuple[str, str], str]) -> str:
    name = names.get((segment.kind, segment.resource))
    return f"{name} ({segment.resource})" if name else segment.resource


def _stage(segment: Segment) -> Stage:
    return Stage(
        period=Period(segment.starts_us, segment.ends_us),
        kind=segment.kind,
        resource=segment.resource,
        vcpus=segment.vcpus,
        memory_mib=segment.memory_mib,
        size_gib=segment.size_gib,
        tier=segment.tier,
        region=segment.region,
        flavor=segment.flavor,
        os=segment.os,
        is_used=segment.is_used,
    )
