"""Usage: segments summed over a period, exactly."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dcx.kit.periods import Period, days_of, instant_text
from dcx.metering.repository import HALF_BITS, SegmentRepository
from dcx.pricing.service import Usage, quantity_text

GROUPS = ("customer", "resource", "meter", "tier", "day")


def metered_until(session: Session) -> int:
    """Usage counts up to here (microseconds); 0 before the first run."""
    return SegmentRepository(session).turn().metered_until_us


def usage(session: Session, period: Period, *, customer: str | None = None) -> list[Usage]:
    """Usage within the period and what is metered, per resource and configuration: unit x
    microseconds.
    """
    clipped = period.clip(metered_until(session))
    if not clipped.length_us:
        return []
    rows = SegmentRepository(session).usage(clipped, customer)
    return [used for row in rows for used in _of_row(tuple(row))]


def usage_by_day(
    session: Session, period: Period, zone: ZoneInfo, *, customer: str | None = None
) -> list[tuple[date, Usage]]:
    """The same per calendar day of `zone`, over all resources together (their name is '')."""
    clipped = period.clip(metered_until(session))
    days = days_of(clipped, zone)
    totals: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in SegmentRepository(session).used_segments(clipped, customer):
        *keys, _, starts, ends, vcpus, memory, size = row
        for day, part in _days_touched(days, starts, ends):
            held = min(ends, part.ends_us) - max(starts, part.starts_us)
            sums = totals[day, *keys]
            sums[0] += held
            sums[1] += held * vcpus
            sums[2] += held * memory
            sums[3] += held * size
    return [
        (day, used)
        for (day, *keys), sums in sorted(totals.items())
        for used in _meters(tuple(keys), "", sums)
    ]


def _days_touched(
    days: Sequence[tuple[date, Period]], starts: int, ends: int
) -> Iterator[tuple[date, Period]]:
    """The days between two instants; days are of nearly equal length, so the first is found at
    once.
    """
    if not days:
        return
    length = max(days[0][1].length_us, days[-1][1].length_us, days[len(days) // 2][1].length_us)
    first = max((starts - days[0][1].ends_us) // length, 0)
    for day, part in days[first:]:
        if part.starts_us >= ends:
            return
        if part.ends_us > starts:
            yield day, part


def _of_row(row: tuple[Any, ...]) -> Iterator[Usage]:
    *keys, resource, held, vcpus_hi, vcpus_lo, memory_hi, memory_lo, size_hi, size_lo = row
    halves = ((vcpus_hi, vcpus_lo), (memory_hi, memory_lo), (size_hi, size_lo))
    sums = [int(held), *((int(high) << HALF_BITS) + int(low) for high, low in halves)]
    return _meters(tuple(keys), resource, sums)


def _meters(keys: tuple[Any, ...], resource: str, sums: Sequence[int]) -> Iterator[Usage]:
    customer, kind, tier, region, flavor, os = keys
    held, vcpus, memory, size = sums
    quantities = (
        {"disk.gib_hours": size}
        if kind == "disk"
        else {"vm.hours": held, "vm.vcpu_hours": vcpus, "vm.memory_gib_hours": memory}
    )
    for meter, quantity in quantities.items():
        yield Usage(customer, kind, resource, meter, tier, region, flavor, os, quantity)


def usage_rows(
    session: Session, period: Period, zone: ZoneInfo, *, customer: str | None, by: Sequence[str]
) -> list[tuple[dict[str, str], str, int]]:
    """(the asked keys, meter, quantity) of each group, in order. Every meter is kept apart."""
    totals: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for day, used in _dated(session, period, zone, customer, by):
        facts = {
            "customer": used.customer,
            "resource": used.resource,
            "meter": used.meter,
            "tier": used.tier,
            "day": day,
        }
        totals[(*(facts[group] for group in by), used.meter)] += used.quantity
    return [
        (dict(zip(by, keys[:-1], strict=True)), keys[-1], quantity)
        for keys, quantity in sorted(totals.items())
    ]


def _dated(
    session: Session, period: Period, zone: ZoneInfo, customer: str | None, by: Sequence[str]
) -> Iterator[tuple[str, Usage]]:
    if "day" not in by:
        yield from (("", used) for used in usage(session, period, customer=customer))
    elif "resource" not in by:
        for day, used in usage_by_day(session, period, zone, customer=customer):
            yield day.isoformat(), used
    else:
        for day, part in days_of(period.clip(metered_until(session)), zone):
            for used in usage(session, part, customer=customer):
                yield day.isoformat(), used


def usage_answer(
    session: Session, period: Period, zone: ZoneInfo, *, customer: str | None, by: Sequence[str]
) -> dict[str, object]:
    """Usage as the contract's command and API answer it: quantities as text of 6 decimals."""
    asked = by or ("customer", "meter")
    keys = [group for group in asked if group != "meter"]
    rows = [
        {**facts, "meter": meter, "quantity": quantity_text(quantity, meter)}
        for facts, meter, quantity in usage_rows(session, period, zone, customer=customer, by=keys)
    ]
    return {
        "from": instant_text(period.starts_us),
        "to": instant_text(period.ends_us),
        "rows": rows,
    }
