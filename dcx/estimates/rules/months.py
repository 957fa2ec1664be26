"""The month of an estimate: its hours, and how long of it a line is on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dcx.estimates.rules.asks import HOURS_OF_WEEK, AskedLine, Schedule
from dcx.kit.money import E8, half_up
from dcx.kit.periods import HOUR_US, Period, days_of, month_period, to_us


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month as it is lived, or so many hours of no month in particular."""

    name: str
    period: Period
    is_calendar: bool

    @property
    def hours(self) -> int:
        return self.period.length_us // HOUR_US


def month_of(name: str, zone: ZoneInfo) -> Month:
    """ "2026-08" or a number of hours like "730"; ValueError for a month that is none."""
    if name.isdigit():
        return Month(name, Period(0, int(name) * HOUR_US), is_calendar=False)
    return Month(name, month_period(name, zone), is_calendar=True)


def stretches_on(line: AskedLine, month: Month, zone: ZoneInfo) -> list[Period]:
    """When a line with hours or a schedule is on. Hours count from the start of the month; in a
    month of so many hours a schedule has its share of them.
    """
    begins = month.period.starts_us
    if line.schedule and month.is_calendar:
        return _scheduled(line.schedule, month.period, zone)
    length = month.period.length_us
    if line.schedule:
        length = half_up(line.schedule.week_us * month.hours, HOURS_OF_WEEK)
    elif line.hours_e8 is not None:
        length = min(half_up(line.hours_e8 * HOUR_US, E8), length)
    return [Period(begins, begins + length)]


def length_within(on: list[Period], part: Period) -> int:
    """Microseconds of `on` that fall into `part`."""
    return sum(
        Period(max(each.starts_us, part.starts_us), min(each.ends_us, part.ends_us)).length_us
        for each in on
    )


def _scheduled(schedule: Schedule, period: Period, zone: ZoneInfo) -> list[Period]:
    """By the clock on the wall: a day on which clocks change is an hour longer or shorter."""
    return [
        Period(_at(day, schedule.from_minute, zone), _at(day, schedule.to_minute, zone))
        for day, _ in days_of(period, zone)
        if day.weekday() in schedule.days
    ]


def _at(day: date, minute: int, zone: ZoneInfo) -> int:
    """The clock on the wall moves by `minute`: so does an aware time of one zone in Python."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return to_us(midnight + timedelta(minutes=minute))
