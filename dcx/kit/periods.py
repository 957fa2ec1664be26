"""Instants as integer microseconds of UTC, and half-open periods between them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
FOREVER = 253_402_214_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MONTH = re.compile(r"^(20\d\d)-(0[1-9]|1[0-2])$")


@dataclass(frozen=True, slots=True)
class Period:
    """The stretch [starts_us, ends_us): its end belongs to the next one."""

    starts_us: int
    ends_us: int

    @classmethod
    def between(cls, start: datetime, end: datetime) -> Self:
        return cls(to_us(start), to_us(end))

    @property
    def start(self) -> datetime:
        return from_us(self.starts_us)

    @property
    def end(self) -> datetime:
        return from_us(self.ends_us)

    @property
    def length_us(self) -> int:
        return max(self.ends_us - self.starts_us, 0)

    def clip(self, until_us: int) -> "Period":
        """The part before `until_us`, possibly empty."""
        return Period(self.starts_us, max(self.starts_us, min(self.ends_us, until_us)))


def to_us(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant; a naive one is a ValueError."""
    if instant.tzinfo is None:
        raise ValueError("A time needs an offset.")
    return (instant - EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    """The aware UTC instant."""
    return EPOCH + timedelta(microseconds=us)


def parse_instant(text: str) -> int:
    """Read ISO 8601 with an offset; ValueError says what is missing."""
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(
            f"{text!r} is not a time, for example 2026-11-23T19:10:00+02:00."
        ) from error
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} needs an offset, for example 2026-11-23T19:10:00+02:00.")
    return to_us(instant)


def instant_text(us: int) -> str:
    """ISO 8601 in UTC with Z, microseconds only where there are any."""
    return from_us(us).isoformat().replace("+00:00", "Z")


def month_period(name: str, zone: ZoneInfo) -> Period:
    """The calendar month "2026-07" as it is lived in `zone`; ValueError for anything else."""
    if not _MONTH.match(name):
        raise ValueError(f"{name!r} is not a month, for example 2026-07.")
    first = date.fromisoformat(f"{name}-01")
    return Period.between(_midnight(first, zone), _midnight(_next_month(first), zone))


def day_period(day: date, zone: ZoneInfo) -> Period:
    """The calendar day as it is lived in `zone`; OverflowError at the ends of the calendar."""
    return Period.between(_midnight(day, zone), _midnight(day + timedelta(days=1), zone))


def month_name(us: int, zone: ZoneInfo) -> str:
    """The calendar month of an instant, for example "2026-07"."""
    return from_us(us).astimezone(zone).strftime("%Y-%m")


def month_before(name: str) -> str:
    first = date.fromisoformat(f"{name}-01")
    return (first - timedelta(days=1)).strftime("%Y-%m")


def month_after(name: str) -> str:
    return _next_month(date.fromisoformat(f"{name}-01")).strftime("%Y-%m")


def months_of(period: Period, zone: ZoneInfo) -> list[str]:
    """Every calendar month of `zone` that the period touches, in order."""
    names = []
    name = month_name(period.starts_us, zone)
    while month_period(name, zone).starts_us < period.ends_us:
        names.append(name)
        name = month_after(name)
    return names


def days_of(period: Period, zone: ZoneInfo) -> list[tuple[date, Period]]:
    """Every calendar day of `zone` that the period touches, clipped to it, in order."""
    days = []
    day = period.start.astimezone(zone).date()
    starts_us = period.starts_us
    while starts_us < period.ends_us:
        ends_us = min(to_us(_midnight(day + timedelta(days=1), zone)), period.ends_us)
        days.append((day, Period(starts_us, ends_us)))
        starts_us, day = ends_us, day + timedelta(days=1)
    return days


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _next_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
