"""Where a customer's disks and VMs are heading, and what it costs to resize them now or later."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.estimates.rules.costing import Spans
from dcx.estimates.rules.forecast import Ahead, Reached, Trend, reached, trend_of
from dcx.estimates.rules.lives import Stage, month_cost
from dcx.estimates.service.history import History, Subject, history, resized
from dcx.estimates.service.prices import Desk
from dcx.kit.periods import (
    FOREVER,
    Period,
    day_period,
    month_after,
    month_name,
    month_period,
)
from dcx.pricing import service as pricing

LEAST_MONTHS, MOST_MONTHS = 2, 13
SHOWN = (7, 30, 60, 90, 180, 365)
STEP = 10
"""Where nobody says a new size, it is the likely one rounded up to a multiple of this."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks: how far ahead, at which limit it is full, and what size comes next."""

    days: int
    limit: float | None = None
    size: float | None = None


@dataclass(frozen=True, slots=True)
class MonthCosts:
    """What a calendar month costs, in cents without VAT: left as it is, resized now, resized on the
    day on which the limit is likely reached (None: no such day).
    """

    month: str
    leave: int
    now: int
    later: int | None


@dataclass(frozen=True, slots=True)
class Costs:
    """The months from this one on; with `is_complete` false something of it has no price."""

    size: float
    months: Sequence[MonthCosts]
    is_complete: bool

    @property
    def saved(self) -> int:
        """What waiting saves in all of them, in cents."""
        return sum(each.now - each.later for each in self.months if each.later is not None)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast; without a trend there is not enough history."""

    past: History
    trend: Trend | None
    ahead: Sequence[Ahead]
    reached: Reached | None
    costs: Costs | None

    @property
    def today(self) -> date:
        return self.past.first + timedelta(days=len(self.past.sizes) - 1)

    def day(self, days: int) -> date:
        return self.today + timedelta(days=days)


def outlook(session: Session, customer: str, subject: Subject, wish: Wish, desk: Desk) -> Outlook:
    """The forecast of one subject; NotFoundError where the customer has none of it."""
    past = history(session, customer, subject, desk)
    trend = trend_of(past.sizes)
    if trend is None or not past.present:
        return Outlook(past, None, (), None, None)
    when = reached(trend, wish.limit) if wish.limit is not None else None
    rows = sorted({*(days for days in SHOWN if days < wish.days), wish.days})
    found = Outlook(past, trend, [trend.ahead(days) for days in rows], when, None)
    size = wish.size or _next_size(found.ahead[-1], past)
    if size <= trend.now and wish.size is None:
        return found
    return replace(found, costs=_costs(session, customer, found, size, desk))


def _next_size(last: Ahead, past: History) -> float:
    step = STEP if past.unit == "GiB" and past.subject.what in {"tier", "disk"} else 1
    return float(-(-round(last.likely) // step) * step)


def _costs(session: Session, customer: str, found: Outlook, size: float, desk: Desk) -> Costs:
    past, when = found.past, found.reached
    day = found.day(when.likely) if when and when.likely else None
    at_us = day_period(day, desk.zone).starts_us if day else None
    changes = (FOREVER, past.until_us, at_us)
    lives = [None if change is None else _life(past, change, size) for change in changes]
    names = _months(past.until_us, at_us, desk)
    whole = Period(_period(names[0], desk).starts_us, _period(names[-1], desk).ends_us)
    book = accounts.get_customer(session, customer).price_book
    spans = pricing.versions_in(session, book, whole, currency=desk.currency)
    months, complete = [], True
    for name in names:
        hours = pricing.month_hours(name, desk.zone)
        within = _within(spans, _period(name, desk))
        priced = [month_cost(life, within, hours) if life else None for life in lives]
        leave, now, later = [each.net_cents if each else None for each in priced]
        complete = complete and not any(each.unpriced for each in priced if each)
        months.append(MonthCosts(name, leave or 0, now or 0, later))
    return Costs(size, months, complete)


def _period(month: str, desk: Desk) -> Period:
    return month_period(month, desk.zone)


def _within(spans: Spans, period: Period) -> Spans:
    """The versions in force during a part of what they were looked up for."""
    parts = [
        (book, Period(max(span.starts_us, period.starts_us), min(span.ends_us, period.ends_us)))
        for book, span in spans
    ]
    return [(book, part) for book, part in parts if part.length_us]


def _life(past: History, change_us: int, size: float) -> list[Stage]:
    """What was goes on as it is until `change_us`, and is resized then."""
    change = max(change_us, past.until_us)
    same = [stage.at(Period(past.until_us, change)) for stage in past.present]
    then = [stage.at(Period(change, FOREVER)) for stage in past.present]
    return [*past.life, *same, *resized(then, past.subject, size)]


def _months(now_us: int, at_us: int | None, desk: Desk) -> list[str]:
    """This month and the next, and on to the one in which it is resized, for a year at most."""
    names = [month_name(now_us, desk.zone)]
    last = month_name(at_us, desk.zone) if at_us else ""
    while len(names) < LEAST_MONTHS or (names[-1] < last and len(names) < MOST_MONTHS):
        names.append(month_after(names[-1]))
    return names
