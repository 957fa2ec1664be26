"""Usage: segments summed over a period, exactly."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dcx.kit.errors import BadRequestError, NotFoundError
from dcx.kit.periods import Period, days_of, instant_text, parse_instant
from dcx.metering.repository import HALF_BITS, BronzeRepository, SegmentRepository
from dcx.pricing.service import Usage, quantity_text

GROUPS = ("customer", "resource", "meter", "tier", "day")


def metered_until(session: Session) -> int:
    """Usage counts up to here (microseconds); 0 before the first run."""
    return SegmentRepository(session).turn().metered_until_us


def usage_period(start: str, end: str) -> Period:
    """The period between two instants as text; BadRequestError where it is none or empty."""
    try:
        period = Period(parse_instant(start), parse_instant(end))
    except ValueError as error:
        raise BadRequestError(str(error)) from error
    if not period.length_us:
        raise BadRequestError(f"{start!r} is not before {end!r}: from must come first.")
    return period


def require_customer(main: Session, bronze: Session, key: str, *, known: frozenset[str]) -> None:
    """NotFoundError for a key that neither a customer has nor any log names: mostly a typo."""
    if key in known or SegmentRepository(main).names_customer(key):
        return
    if not BronzeRepository(bronze).is_customer_pending(key):
        raise NotFoundError(f"There is no customer {key!r}, and no log names it.")


def usage(session: Session, period: Period, *, customer: str | None = None) -> list[Usage]:
    """Usage within the period and what is metered, per resource and configuration: unit x
    microseconds.
    """
    clipped = period.clip(metered_until(session))
    if not clipped.length_us:
        return []
    rows = SegmentRepository(session).usage(clipped, customer)
    return [used for row in rows for used in _of_row(tuple(row))]


def customers_that_used(session: Session, period: Period) -> frozenset[str]:
    """The keys of all who used anything in the period, known or not."""
    return frozenset(SegmentRepository(session).customers_that_used(period))


def used_since(session: Session, customer: str | None) -> int | None:
    """When a customer's usage began, or anybody's; None where there was none yet."""
    return SegmentRepository(session).used_since(customer)


def usage_since(
    session: Session, customers: Sequence[str]
) -> dict[str, tuple[int, dict[str, int]]]:
    """Per customer that ever used something: (since when, quantity of each meter)."""
    found: dict[str, tuple[int, dict[str, int]]] = {}
    period = Period(0, metered_until(session))
    for since_us, *row in SegmentRepository(session).usage_of(period, customers):
        for used in _of_row(tuple(row)):
            first_us, sums = found.get(used.customer, (since_us, {}))
            sums[used.meter] = sums.get(used.meter, 0) + used.quantity
            found[used.customer] = (min(first_us, since_us), sums)
    return found


def usage_by_day(
    session: Session, period: Period, zone: ZoneInfo, *, customer: str | None = None
) -> list[tuple[date, Usage]]:
    """The same per calendar day of `zone`, over all resources together (their name is '')."""
    clipped = period.clip(metered_until(session))
    days = days_of(clipped, zone)
    borders = [part.starts_us for _, part in days] + [clipped.ends_us]
    rows = SegmentRepository(session).used_segments(clipped, customer)
    totals = _day_totals(rows, borders)
    return [
        (day, used)
        for place, (day, _) in enumerate(days)
        for keys in sorted(totals)
        if totals[keys][place][0]
        for used in _meters(keys, "", totals[keys][place])
    ]


def _day_totals(
    segments: Sequence[Any], borders: Sequence[int]
) -> dict[tuple[Any, ...], list[list[int]]]:
    """Per configuration, for each day between two borders: time, and sizes times time.

    Written for speed: it runs over every segment of a month on the home pages.
    """
    totals: dict[tuple[Any, ...], list[list[int]]] = {}
    first, last = borders[0], borders[-1]
    for *keys, _, starts, stops, vcpus, memory, size in segments:
        configuration = tuple(keys)
        sums = totals.get(configuration)
        if sums is None:
            sums = totals[configuration] = [[0, 0, 0, 0] for _ in borders[1:]]
        begins, ends = max(starts, first), min(stops, last)
        place = bisect_right(borders, begins)
        while begins < ends:
            border = borders[place]
            held = min(border, ends) - begins
            day = sums[place - 1]
            day[0] += held
            day[1] += held * vcpus
            day[2] += held * memory
            day[3] += held * size
            begins, place = border, place + 1
    return totals


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
