"""How a live balance came about over the last days, and where it leads."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dcx.billing import service as billing
from dcx.billing.service import Desk
from dcx.kit.periods import Period, day_period, from_us
from dcx.prepaid.rules import running_balance
from dcx.prepaid.service.standing import Standing
from dcx.wallet import service as wallet

DAYS_BACK, DAYS_AHEAD = 30, 14


@dataclass(frozen=True, slots=True)
class Day:
    """A day: what came in, what was used (both with VAT), what was left at its end."""

    day: date
    in_cents: int
    used_cents: int
    left_cents: int


@dataclass(frozen=True, slots=True)
class History:
    """The last days up to now, and what was left before the first of them."""

    opening: int
    days: tuple[Day, ...]
    part: float
    """How much of today is over, between 0 and 1."""


def history(session: Session, found: Standing, desk: Desk, *, now_us: int) -> History:
    """A customer's live balance by day, worked back from what it is now."""
    today = _day(now_us, desk.zone)
    days = [today - timedelta(days=back) for back in range(DAYS_BACK - 1, -1, -1)]
    since_us = day_period(days[0], desk.zone).starts_us
    key = found.customer.key
    costs = billing.costs_by_day(session, key, Period(since_us, now_us), desk)
    came: defaultdict[date, int] = defaultdict(int)
    for booked_us, cents in wallet.changes(session, key, since_us):
        came[_day(booked_us, desk.zone)] += cents
    moved = [(came[day], costs.get(day, 0)) for day in days]
    left = running_balance(found.live_cents, moved)
    return History(
        opening=left[0] - moved[0][0] + moved[0][1],
        days=tuple(
            Day(day, *pair, cents) for day, pair, cents in zip(days, moved, left, strict=True)
        ),
        part=_part_of(today, now_us, desk.zone),
    )


def _day(us: int, zone: ZoneInfo) -> date:
    return from_us(us).astimezone(zone).date()


def _part_of(day: date, now_us: int, zone: ZoneInfo) -> float:
    period = day_period(day, zone)
    return (now_us - period.starts_us) / period.length_us
