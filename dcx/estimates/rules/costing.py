"""What an ask uses, as the meters count it, and what that costs: by the one pricing function."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dcx.estimates.rules.asks import Ask, AskedLine
from dcx.estimates.rules.months import Month, length_within, stretches_on
from dcx.estimates.rules.policies import backup_e8, snapshots_e8
from dcx.kit.money import E8, half_up
from dcx.kit.periods import Period
from dcx.pricing.rules.books import Book
from dcx.pricing.rules.meters import Usage
from dcx.pricing.rules.rating import Priced, Stretch, price

Spans = Sequence[tuple[Book | None, Period]]
"""The versions of a book and when in the month each is in force."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a resource of an estimate comes from: the line of the ask and, of a VM's disks, which
    (1 is the first; 0: the line itself).
    """

    line: int
    disk: int


def cost(ask: Ask, month: Month, spans: Spans, zone: ZoneInfo) -> Priced:
    """Price what was asked for, each copy and each disk by itself, as the bill will. Pure."""
    limits = {(line.hours_e8, line.schedule): line for line in ask.lines}
    lengths = {limit: _lengths(line, month, spans, zone) for limit, line in limits.items()}
    stretches = [
        Stretch(
            book,
            [
                used
                for place, line in enumerate(ask.lines)
                for on_us in (lengths[line.hours_e8, line.schedule][number],)
                for used in _usage(line, place, part.length_us, on_us)
            ],
        )
        for number, (book, part) in enumerate(spans)
    ]
    return price(stretches, month.hours)


def origin_of(resource: str) -> Origin:
    """Where a priced line's resource comes from; of a stepped line's, -1."""
    if not resource:
        return Origin(-1, 0)
    line, _, disk = resource.partition("/")
    return Origin(int(line), int(disk or 0))


def _lengths(line: AskedLine, month: Month, spans: Spans, zone: ZoneInfo) -> list[int]:
    if line.hours_e8 is None and line.schedule is None:
        return [part.length_us for _, part in spans]
    on = stretches_on(line, month, zone)
    return [length_within(on, part) for _, part in spans]


def _usage(line: AskedLine, place: int, whole_us: int, on_us: int) -> Iterator[Usage]:
    """`on_us` of `whole_us` a limited line is on; the disks of a VM exist all along, and its
    operating system is licensed for the month. Source: contract.
    """
    key = f"{place:04d}"
    match line.kind:
        case "vm":
            yield from _vm_usage(line, key, whole_us, on_us)
        case "ip":
            yield _used(line, "ip", key, "ip.hours", on_us)
        case _:
            meter = f"{line.kind}.gib_hours"
            size_us = half_up(line.size_e8 * on_us, E8)
            yield _used(line, line.kind, key, meter, size_us, tier=line.tier)


def _vm_usage(line: AskedLine, key: str, whole_us: int, on_us: int) -> Iterator[Usage]:
    facets = {"flavor": line.flavor, "os": line.os}
    yield _used(line, "vm", key, "vm.hours", on_us, **facets)
    yield _used(line, "vm", key, "vm.vcpu_hours", line.vcpus * on_us, **facets)
    yield _used(line, "vm", key, "vm.memory_gib_hours", line.memory_mib * on_us, **facets)
    if line.os:
        yield _used(line, "vm", key, "os.hours", whole_us, **facets)
    for number, disk in enumerate(line.disks, 1):
        size_us = disk.size_gib * whole_us
        yield _used(line, "disk", f"{key}/{number}", "disk.gib_hours", size_us, tier=disk.tier)
    data = sum(disk.size_gib for disk in line.disks)
    for space_e8 in _kept(line, data):
        yield _used(line, "backup", key, "backup.gib_hours", half_up(space_e8 * whole_us, E8))


def _kept(line: AskedLine, data_gib: int) -> Iterator[int]:
    if line.backup:
        yield backup_e8(data_gib, line.backup)
    if line.snapshots:
        yield snapshots_e8(data_gib, line.snapshots)


def _used(
    line: AskedLine, kind: str, resource: str, meter: str, quantity: int, **facets: str
) -> Usage:
    known = {"tier": "", "flavor": "", "os": "", **facets}
    return Usage(
        customer="",
        kind=kind,
        resource=resource,
        meter=meter,
        tier=known["tier"],
        region=line.region,
        flavor=known["flavor"],
        os=known["os"],
        quantity=quantity,
        copies=line.count,
    )
