"""The period of whole days that a page is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from dcx.kit.errors import FormError
from dcx.kit.periods import Period, day_period, month_period

MOST_DAYS = 366
_EXAMPLE = "Give a date, for example 2026-11-23."


@dataclass(frozen=True, slots=True)
class Span:
    """A period of whole days, from `first` to `last`, both in it; `month` names it if it is one."""

    period: Period
    first: date
    last: date
    month: str | None


def read_span(sent: Mapping[str, str], this_month: str, zone: ZoneInfo) -> Span:
    """`from` and `to`, both included, or `month`, or this month. FormError on bad dates,
    ValueError on what is no month.
    """
    if not sent.get("from") and not sent.get("to"):
        return _month_span(sent.get("month") or this_month, zone)
    faults: dict[str, str] = {}
    first, last = (_day(sent, name, faults) for name in ("from", "to"))
    if first and last and not faults:
        faults = _span_faults(first, last)
    if faults or not first or not last:
        raise FormError(faults)
    period = Period(day_period(first, zone).starts_us, day_period(last, zone).ends_us)
    month = f"{first:%Y-%m}"
    return Span(period, first, last, month if month_period(month, zone) == period else None)


def _month_span(month: str, zone: ZoneInfo) -> Span:
    period = month_period(month, zone)
    first = period.start.astimezone(zone).date()
    last = date.fromordinal(period.end.astimezone(zone).date().toordinal() - 1)
    return Span(period, first, last, month)


def _day(sent: Mapping[str, str], name: str, faults: dict[str, str]) -> date | None:
    text = sent.get(name, "").strip()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        faults[name] = _EXAMPLE
        return None
    if not 2000 <= day.year < 2100:  # noqa: PLR2004
        faults[name] = "Give a day from 2000 to 2099."
    return day


def _span_faults(first: date, last: date) -> dict[str, str]:
    if last < first:
        return {"to": "The last day comes before the first one."}
    if (last - first).days >= MOST_DAYS:
        return {"to": f"Choose at most {MOST_DAYS} days."}
    return {}
