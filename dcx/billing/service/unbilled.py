"""What was used and stands on no invoice yet, and what usage costs in any period or day by day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.accounts.service import Customer
from dcx.billing.repository import InvoiceRepository
from dcx.billing.rules import BillLine, add_up, less, summed
from dcx.billing.service.drafts import Desk, Draft, bill_lines, draft, period_of, priced
from dcx.billing.service.remembered import remembered_drafts
from dcx.kit.money import E8, half_up
from dcx.kit.periods import Period, days_of, month_name, months_of
from dcx.metering import service as metering
from dcx.pricing import service as pricing
from dcx.pricing.service import Book, Stretch, Usage


def unbilled(
    session: Session, desk: Desk, *, customer: str | None = None, now_us: int
) -> dict[str, list[Draft]]:
    """Per customer the drafts of all months that have no invoice yet, oldest first. They sum to
    what the customer will still be invoiced for up to now.

    The number of statements grows with the months that are open, never with customers.
    """
    issued: defaultdict[str, set[str]] = defaultdict(set)
    for key, period in InvoiceRepository(session).invoiced(customer):
        issued[period].add(key)
    found: defaultdict[str, list[Draft]] = defaultdict(list)
    for month in _open_months(session, desk, customer, issued, now_us):
        for bill in _drafts(session, month, desk, customer):
            if bill.customer.key not in issued[month]:
                found[bill.customer.key].append(bill)
    return {key: _corrected_once(session, bills) for key, bills in found.items()}


def _open_months(
    session: Session,
    desk: Desk,
    customer: str | None,
    issued: Mapping[str, set[str]],
    now_us: int,
) -> list[str]:
    """The present month, and those before it in which somebody used something not invoiced."""
    since_us = metering.used_since(session, customer)
    this = month_name(now_us, desk.zone)
    if since_us is None or since_us >= now_us:
        return [this]
    known = frozenset([customer]) if customer else accounts.customer_keys(session)
    return [
        month
        for month in months_of(Period(since_us, now_us), desk.zone)
        if month == this or _is_open(session, month, desk, known - issued.get(month, set()))
    ]


def _is_open(session: Session, month: str, desk: Desk, left: frozenset[str]) -> bool:
    return bool(left and left & metering.customers_that_used(session, period_of(month, desk)))


def _drafts(session: Session, month: str, desk: Desk, customer: str | None) -> Sequence[Draft]:
    if customer is None:
        return remembered_drafts(session, month, desk)
    return [draft(session, customer, month, desk)]


def _corrected_once(session: Session, bills: list[Draft]) -> list[Draft]:
    """Every draft corrects the old months that changed since; of several, only the first does."""
    seen: set[str] = set()
    found = []
    for bill in bills:
        own = {line.adjusts for line in bill.lines if line.adjusts}
        found.append(_without(session, bill, own & seen) if own & seen else bill)
        seen |= own
    return found


def _without(session: Session, bill: Draft, months: set[str]) -> Draft:
    invoices = InvoiceRepository(session).periods_of([bill.customer.key])
    rates = {invoice.period: invoice.vat_rate_e8 for invoice in invoices}
    lines = [line for line in bill.lines if line.adjusts not in months]
    return replace(bill, lines=lines, sums=add_up(lines, {**rates, "": bill.vat_rate_e8}))


@dataclass(frozen=True, slots=True)
class Used:
    """What a customer used in a period, priced. `total_cents` has VAT in it."""

    lines: Sequence[BillLine]
    total_cents: int


def used_within(
    session: Session, period: Period, desk: Desk, *, customer: str | None = None
) -> dict[str, Used]:
    """Per customer what any period costs, by the function that prices their invoices. What
    corrects old months is no part of it.
    """
    who = [accounts.get_customer(session, customer)] if customer else accounts.customers(session)
    names = metering.resource_names(session, customer=customer)
    lines: defaultdict[str, list[BillLine]] = defaultdict(list)
    for month in months_of(period, desk.zone):
        whole, hours = period_of(month, desk), pricing.month_hours(month, desk.zone)
        ends_us, starts_us = (
            min(whole.ends_us, period.ends_us),
            max(whole.starts_us, period.starts_us),
        )
        upto, before = (
            priced(session, who, Period(whole.starts_us, end_us), hours, desk, customer)
            for end_us in (ends_us, starts_us)
        )
        for each in who:
            pair = (bill_lines(costs[each.key], names) for costs in (upto, before))
            lines[each.key] += less(*pair)
    rate = pricing.vat_rate_at(session, period.ends_us - 1)
    return {each.key: _used(summed(lines[each.key]), rate) for each in who}


def _used(lines: list[BillLine], rate_e8: int) -> Used:
    return Used(lines, add_up(lines, {"": rate_e8}).total_cents)


def costs_by_day(session: Session, customer: str, period: Period, desk: Desk) -> dict[date, int]:
    """What each day of a period costs a customer, with VAT, as far as it is metered."""
    who = accounts.get_customer(session, customer)
    clipped = period.clip(metering.metered_until(session))
    wanted = {day for day, _ in days_of(clipped, desk.zone)}
    costs: dict[date, int] = {}
    for month in months_of(clipped, desk.zone) if wanted else ():
        costs |= _costs_of_days(session, who, month, desk)
    return {day: costs.get(day, 0) for day in sorted(wanted)}


_Kind = tuple[str, str, str, str, str, str]


def _costs_of_days(session: Session, who: Customer, month: str, desk: Desk) -> dict[date, int]:
    """Steps count from the first of the month on: a day costs what the month comes to with it, less
    what it came to without.
    """
    whole, hours = period_of(month, desk), pricing.month_hours(month, desk.zone)
    versions = pricing.versions_in(session, who.price_book, whole, currency=desk.currency)
    starts = {day: part.starts_us for day, part in days_of(whole, desk.zone)}
    rate = pricing.vat_rate_at(session, whole.ends_us - 1)
    used: defaultdict[date, list[Usage]] = defaultdict(list)
    for day, usage in metering.usage_by_day(session, whole, desk.zone, customer=who.key):
        used[day].append(usage)
    so_far: list[dict[_Kind, Usage]] = [{} for _ in versions]
    costs, before = {}, 0
    for day in sorted(used):
        _add(so_far[_place_of(versions, starts[day])], used[day])
        stretches = [
            Stretch(version, list(sums.values()))
            for (version, _), sums in zip(versions, so_far, strict=True)
        ]
        net = pricing.price(stretches, hours).net_cents
        total = net + half_up(net * rate, E8)
        costs[day], before = total - before, total
    return costs


def _add(sums: dict[_Kind, Usage], used: Sequence[Usage]) -> None:
    for one in used:
        kind = (one.kind, one.meter, one.tier, one.region, one.flavor, one.os)
        known = sums.get(kind)
        sums[kind] = replace(one, quantity=one.quantity + known.quantity) if known else one


def _place_of(versions: Sequence[tuple[Book | None, Period]], instant_us: int) -> int:
    return next(
        place
        for place, (_, part) in enumerate(versions)
        if part.starts_us <= instant_us < part.ends_us
    )
