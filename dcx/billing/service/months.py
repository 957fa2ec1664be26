"""Which month is to be issued, and whether it can be yet; and months cut to any period."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.accounts.service import Customer
from dcx.billing.rules import BillLine, less
from dcx.billing.service.drafts import Desk, bill_lines, period_of, priced
from dcx.billing.service.invoices import invoices_of_period
from dcx.kit.periods import Period, month_before, month_name, months_of
from dcx.metering import service as metering
from dcx.pricing import service as pricing
from dcx.pricing.service import Unpriced


@dataclass(frozen=True, slots=True)
class Readiness:
    """May a month be issued? It must be over, and metered to its end."""

    ends_us: int
    metered_until_us: int
    is_over: bool

    @property
    def is_metered(self) -> bool:
        return self.metered_until_us >= self.ends_us

    @property
    def may_issue(self) -> bool:
        return self.is_over and self.is_metered


def readiness(session: Session, month: str, desk: Desk, *, now_us: int) -> Readiness:
    """Whether the month is over and metered; NotAMonthError."""
    ends_us = period_of(month, desk).ends_us
    return Readiness(ends_us, metering.metered_until(session), is_over=now_us >= ends_us)


def month_to_issue(session: Session, desk: Desk, *, now_us: int) -> str:
    """The month that staff look at next: the last one while a customer's usage of it has no
    invoice, then the present one.
    """
    this = month_name(now_us, desk.zone)
    last = month_before(this)
    used = metering.customers_that_used(session, period_of(last, desk))
    open_ones = (used & accounts.customer_keys(session)) - invoices_of_period(session, last).keys()
    return last if open_ones else this


@dataclass(frozen=True, slots=True)
class MonthPart:
    """What a customer used in a part of a calendar month, priced; what corrects old months is no
    part of it.
    """

    customer: Customer
    month: str
    period: Period
    lines: list[BillLine]
    unpriced: list[Unpriced]


def parts(session: Session, customer: str, period: Period, desk: Desk) -> list[MonthPart]:
    """Any period of a customer, cut at the borders of calendar months. UnknownCustomerError.

    Monthly prices are spread over the hours of their calendar month, and steps count from its
    first day on, so the parts of a month sum to it but for a cent of rounding a line.
    """
    who = accounts.get_customer(session, customer)
    return [_part(session, who, month, period, desk) for month in months_of(period, desk.zone)]


def _part(session: Session, who: Customer, month: str, period: Period, desk: Desk) -> MonthPart:
    whole = period_of(month, desk)
    starts_us = max(whole.starts_us, period.starts_us)
    part = Period(starts_us, min(whole.ends_us, period.ends_us))
    lines, unpriced = _costs(session, who, month, part, desk)
    if any(line.step for line in lines) and whole.starts_us < starts_us:
        upto, before = (
            _costs(session, who, month, Period(whole.starts_us, ends_us), desk)[0]
            for ends_us in (part.ends_us, starts_us)
        )
        lines = [line for line in lines if not line.step] + less(_stepped(upto), _stepped(before))
    return MonthPart(who, month, part, lines, unpriced)


def _costs(
    session: Session, who: Customer, month: str, period: Period, desk: Desk
) -> tuple[list[BillLine], list[Unpriced]]:
    hours = pricing.month_hours(month, desk.zone)
    costs = priced(session, [who], period, hours, desk, who.key)[who.key]
    names = metering.resource_names(session, customer=who.key)
    return bill_lines(costs, names), costs.unpriced


def _stepped(lines: list[BillLine]) -> list[BillLine]:
    return [line for line in lines if line.step]
