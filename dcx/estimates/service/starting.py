"""Estimates that begin with what a customer has: a machine of theirs, or a month's usage."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.estimates.errors import AskRefusedError
from dcx.estimates.rules.asks import Ask, AskedDisk, AskedLine
from dcx.estimates.rules.reading import LONGEST_TEXT, MOST_LINES
from dcx.estimates.service.prices import Desk
from dcx.kit.errors import NotFoundError
from dcx.kit.money import E8, half_up
from dcx.kit.periods import HOUR_US, Period, month_period
from dcx.kit.words import bent, counted
from dcx.metering import service as metering
from dcx.metering.service import Segment

Named = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Begun:
    """An ask that was made of usage, and what to know about it."""

    ask: Ask
    note: str


@dataclass(frozen=True, slots=True)
class Thing:
    """A machine or a free disk that a customer has now."""

    kind: str
    resource: str
    name: str
    vcpus: int
    memory_mib: int
    size_gib: int
    tier: str


def things_of(session: Session, customer: str) -> list[Thing]:
    """What a customer has now, by name; disks of machines go with their machines."""
    names = metering.resource_names(session, customer=customer)
    hosts = _hosts(session, customer)
    found = [
        Thing(
            each.kind,
            each.resource,
            names.get((each.kind, each.resource), each.resource),
            each.vcpus,
            each.memory_mib,
            each.size_gib,
            each.tier,
        )
        for each in _latest(session, customer)
        if each.kind == "vm" or not hosts.get(each.resource)
    ]
    return sorted(found, key=lambda thing: (thing.kind != "vm", thing.name.lower()))


def like_resource(session: Session, customer: str, kind: str, resource: str, desk: Desk) -> Begun:
    """An ask for what a resource is now, with a machine's disks; NotFoundError where the customer
    has no such thing now.
    """
    now = _latest(session, customer)
    wanted = next((each for each in now if (each.kind, each.resource) == (kind, resource)), None)
    if wanted is None:
        raise NotFoundError("There is no such machine or disk now, or it is not yours to see.")
    line = _line_of(wanted, metering.resource_names(session, customer=customer))
    if kind == "vm":
        hosts = _hosts(session, customer)
        line = _with_disks(
            line, [each for each in now if each.kind == "disk" and hosts[each.resource] == resource]
        )
    ask = _ask(session, customer, line.name, desk.this_month, [line])
    return Begun(ask, f"{line.name} as it is now. Change what you like: nothing happens to it.")


def _hosts(session: Session, customer: str) -> Mapping[str, str]:
    """Of each disk, the machine that it belongs to; '' of a free one."""
    return defaultdict(
        str, {each.resource: each.vm_id for each in metering.resources(session, customer)}
    )


def _latest(session: Session, customer: str) -> list[Segment]:
    """Each resource as it was metered last within the hour, stopped machines too."""
    until_us = metering.metered_until(session)
    period = Period(max(until_us - HOUR_US, 0), until_us)
    found = metering.segments(session, period, customer=customer)
    latest = {(each.kind, each.resource): each for each in found}
    return list(latest.values())


def _line_of(segment: Segment, names: Named) -> AskedLine:
    name = names.get((segment.kind, segment.resource), "") or segment.resource
    is_vm = segment.kind == "vm"
    return AskedLine(
        kind=segment.kind,
        name="".join(filter(str.isprintable, name)).strip()[:LONGEST_TEXT],
        vcpus=segment.vcpus if is_vm else 0,
        memory_mib=segment.memory_mib if is_vm else 0,
        tier="" if is_vm else segment.tier,
        size_e8=0 if is_vm else segment.size_gib * E8,
        os=segment.os if is_vm else "",
        region=segment.region,
        flavor=segment.flavor if is_vm else "",
        resources=(segment.resource,),
    )


def _with_disks(line: AskedLine, disks: Sequence[Segment]) -> AskedLine:
    return replace(
        line,
        disks=tuple(AskedDisk(each.tier, each.size_gib) for each in disks),
        resources=(*line.resources, *(each.resource for each in disks)),
    )


def like_month(session: Session, customer: str, month: str, desk: Desk) -> Begun:
    """An ask for what a customer used in a month: a line for each resource in each of its sizes,
    with the hours that it was on. AskRefusedError where nothing was used.
    """
    period = month_period(month, desk.zone)
    used: dict[Segment, int] = defaultdict(int)
    for each in metering.segments(session, period, customer=customer):
        if each.is_used and (each.kind == "vm" or each.size_gib):
            used[_timeless(each)] += each.ends_us - each.starts_us
    if not used:
        raise AskRefusedError({"": "Nothing was used in that month."})
    if len(used) > MOST_LINES:
        raise AskRefusedError({"": f"More than {MOST_LINES} lines: this month is too large."})
    names = metering.resource_names(session, customer=customer)
    lines = [
        replace(_line_of(each, names), hours_e8=_hours(length_us, period))
        for each, length_us in used.items()
    ]
    sizes = Counter((each.kind, each.resource) for each in used)
    changed = sum(count > 1 for count in sizes.values())
    ask = _ask(session, customer, "", month, lines)
    return Begun(ask, _month_note(len(sizes), changed))


def _timeless(segment: Segment) -> Segment:
    """The same whenever it was and whatever a disk hung on: what a line of an estimate is about."""
    return replace(segment, id=0, starts_us=0, ends_us=0, state="")


def _hours(length_us: int, period: Period) -> int | None:
    """Hours x 10^8; None: the whole month."""
    return None if length_us == period.length_us else half_up(length_us * E8, HOUR_US)


def _month_note(resources: int, changed: int) -> str:
    says = f"{counted(resources, 'machine or disk', 'machines and disks')} with the hours used."
    if changed:
        says += (
            f" {changed} changed in the month and {bent(changed, 'is', 'are')} several lines, each"
            " rounded by itself: the sum may differ from the bill by cents."
        )
    return f"{says} Where prices changed within the month, the bill knows when each was on."


def _ask(session: Session, customer: str, name: str, month: str, lines: Sequence[AskedLine]) -> Ask:
    book = accounts.get_customer(session, customer).price_book
    return Ask(name, book, month, tuple(lines))
