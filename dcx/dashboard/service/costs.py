"""Costs of a month: by day, by resource, by customer."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.accounts.service import Customer
from dcx.billing import service as billing
from dcx.billing.service import BillLine, Desk, Draft, MonthPart
from dcx.dashboard.rules import (
    MOST_SERIES,
    DayCost,
    Series,
    by_day,
    forecast,
    likely_range,
    meter_order,
    spread,
)
from dcx.kit.memo import Memo
from dcx.kit.periods import Period, days_of, months_of
from dcx.metering import service as metering
from dcx.pricing import service as pricing
from dcx.pricing.service import METERS, Book, Unpriced

Bill = Draft | MonthPart


@dataclass(frozen=True, slots=True)
class MonthCosts:
    """A month's drafts and how they spread over its days."""

    month: str
    period: Period
    drafts: Sequence[Draft]
    series: list[Series]
    days: list[DayCost]
    slots: int
    metered_until_us: int
    forecast_cents: int | None

    @property
    def net_cents(self) -> int:
        return sum(draft.sums.net_cents for draft in self.drafts)

    @property
    def is_running(self) -> bool:
        return self.metered_until_us < self.period.ends_us

    @property
    def elapsed_days(self) -> float:
        """How much of the period is metered, in its days: 23.8 of 30."""
        metered_us = self.period.clip(self.metered_until_us).length_us
        return self.slots * metered_us / self.period.length_us

    @property
    def likely(self) -> tuple[int, int] | None:
        """Between what and what the whole period comes to; None while too little is known."""
        full = [day.cents for day in self.days[:-1]]
        return likely_range(self.net_cents, full, self.elapsed_days, self.slots)

    def ahead(self, so_far: int) -> int | None:
        """What an amount of this period comes to by its end, at the rate so far."""
        metered_us = self.period.clip(self.metered_until_us).length_us
        return forecast(so_far, metered_us, self.period.length_us)


_KEPT: Memo[MonthCosts] = Memo(4)


@dataclass(frozen=True, slots=True)
class ResourceCost:
    """A resource's lines and what they come to."""

    kind: str
    resource: str
    name: str
    lines: list[BillLine]
    cents: int


def month_costs(
    session: Session, month: str, desk: Desk, *, customer: str | None = None
) -> MonthCosts:
    """The month's drafts and their amounts by day: of one customer, or of all. Those of all are
    remembered until something changes.
    """
    if customer:
        drafts = [billing.draft(session, customer, month, desk)]
        return _month_costs(session, month, desk, drafts, customer)
    key = (billing.state_of(session), month, desk)
    return _KEPT.recall(
        key,
        lambda: _month_costs(
            session, month, desk, billing.remembered_drafts(session, month, desk), None
        ),
    )


def _month_costs(
    session: Session, month: str, desk: Desk, drafts: Sequence[Draft], customer: str | None
) -> MonthCosts:
    period = drafts[0].period if drafts else billing.period_of(month, desk)
    until_us = metering.metered_until(session)
    days = [day for day, _ in days_of(period.clip(until_us), desk.zone)]
    order = list(colours(session, desk.currency))
    series, costs = by_day(_daily(session, drafts, period, desk, customer), days, order)
    elapsed = period.clip(until_us).length_us
    ahead = forecast(sum(draft.sums.net_cents for draft in drafts), elapsed, period.length_us)
    slots = len(days_of(period, desk.zone))
    return MonthCosts(month, period, drafts, series, costs, slots, until_us, ahead)


def colours(session: Session, currency: str) -> dict[str, int]:
    """The words of every priced meter in the order of charts, each with its colour."""
    rows = sorted(pricing.books(session), key=lambda row: row.id)
    priced = (
        (price.meter, price.where.get("tier", ""))
        for row in rows
        for price in pricing.prices_of(row, currency)
        if price.steps
    )
    words = [words_for(meter, tier) for meter, tier in meter_order(priced)]
    return {each: min(place, MOST_SERIES + 1) for place, each in enumerate(words, 1)}


def left_cents(
    session: Session, month: str, desk: Desk, issued: Mapping[str, billing.Invoice]
) -> int:
    """What a past month still comes to for customers without its invoice."""
    if accounts.customer_keys(session) <= issued.keys():
        return 0
    drafts = billing.remembered_drafts(session, month, desk)
    return sum(draft.sums.net_cents for draft in drafts if draft.customer.key not in issued)


@dataclass(frozen=True, slots=True)
class PeriodCosts:
    """What a customer used in any period, priced, and how it spreads over the days."""

    period: Period
    lines: list[BillLine]
    unpriced: list[Unpriced]
    series: list[Series]
    days: list[DayCost]
    slots: int
    metered_until_us: int

    @property
    def net_cents(self) -> int:
        return sum(line.amount_cents for line in self.lines)

    @property
    def is_running(self) -> bool:
        return self.metered_until_us < self.period.ends_us


def period_costs(session: Session, customer: str, period: Period, desk: Desk) -> PeriodCosts:
    """Any period of a customer, priced month by month: a calendar month by its draft, which also
    corrects invoiced months; a part of one by what was used in it.
    """
    months = months_of(period, desk.zone)
    bills: Sequence[Bill] = (
        [billing.draft(session, customer, months[0], desk)]
        if period == billing.period_of(months[0], desk)
        else billing.parts(session, customer, period, desk)
    )
    until_us = metering.metered_until(session)
    amounts: defaultdict[str, dict[date, int]] = defaultdict(dict)
    for bill in bills:
        for words, parts in _daily(session, [bill], bill.period, desk, customer).items():
            amounts[words] |= parts
    days = [day for day, _ in days_of(period.clip(until_us), desk.zone)]
    series, costs = by_day(amounts, days, list(colours(session, desk.currency)))
    lines = billing.summed(line for bill in bills for line in bill.lines)
    unpriced = [entry for bill in bills for entry in bill.unpriced]
    slots = len(days_of(period, desk.zone))
    return PeriodCosts(period, lines, unpriced, series, costs, slots, until_us)


_Slot = tuple[str, int, int]


def _daily(
    session: Session,
    drafts: Sequence[Draft | MonthPart],
    period: Period,
    desk: Desk,
    customer: str | None,
) -> dict[str, dict[date, int]]:
    """Cents per words and day: every line spread over the days by the usage that it prices."""
    weights: defaultdict[_Slot, defaultdict[date, int]] = defaultdict(lambda: defaultdict(int))
    books = {draft.customer.key: draft.customer.price_book for draft in drafts}
    versions = {
        book: pricing.versions_in(session, book, period, currency=desk.currency)
        for book in set(books.values())
    }
    starts = {day: part.starts_us for day, part in days_of(period, desk.zone)}
    for day, used in metering.usage_by_day(session, period, desk.zone, customer=customer):
        version = _version_at(versions.get(books.get(used.customer, ""), ()), starts[day])
        found = version.price_of(used) if version else None
        if version and found:
            weights[used.customer, version.number, found[0]][day] += used.quantity
    amounts: defaultdict[str, defaultdict[date, int]] = defaultdict(lambda: defaultdict(int))
    for draft in drafts:
        for slot, (words, cents) in _line_sums(draft).items():
            for day, part in spread(cents, weights[slot]).items():
                amounts[words][day] += part
    return {words: dict(parts) for words, parts in amounts.items()}


def _version_at(versions: Sequence[tuple[Book | None, Period]], instant_us: int) -> Book | None:
    return next(
        (book for book, part in versions if part.starts_us <= instant_us < part.ends_us), None
    )


def _line_sums(draft: Bill) -> dict[_Slot, tuple[str, int]]:
    sums: dict[_Slot, tuple[str, int]] = {}
    for line in draft.lines:
        if not line.adjusts:
            slot = (draft.customer.key, line.version, line.rule)
            sums[slot] = (meter_words(line), sums.get(slot, ("", 0))[1] + line.amount_cents)
    return sums


def meter_words(line: BillLine) -> str:
    """What a line is for, in a word: vCPU, Memory, Ssd disk."""
    return words_for(line.meter, dict(line.where).get("tier", ""))


def words_for(meter: str, tier: str) -> str:
    """A meter and its tier in a word."""
    words = METERS[meter].words
    return f"{tier.title() if len(tier) > 3 else tier.upper()} {words.lower()}" if tier else words  # noqa: PLR2004


def resource_costs(bill: Draft | PeriodCosts) -> list[ResourceCost]:
    """The lines of a draft or a period by resource, the dearest first."""
    found: dict[tuple[str, str], list[BillLine]] = {}
    for line in bill.lines:
        found.setdefault((line.kind, line.resource), []).append(line)
    costs = [
        ResourceCost(kind, resource, lines[0].name, lines, sum(line.amount_cents for line in lines))
        for (kind, resource), lines in found.items()
    ]
    return sorted(costs, key=lambda cost: (-cost.cents, cost.resource))


@dataclass(frozen=True, slots=True)
class CustomerCost:
    """A customer with what the month comes to so far."""

    customer: Customer
    cents: int
    unpriced: int


def customer_costs(drafts: Sequence[Draft], words: str, sort: str) -> list[CustomerCost]:
    """Customers whose name, key or VAT number holds the words, in order of name, key or cents."""
    wanted = words.strip().lower()
    costs = [
        CustomerCost(draft.customer, draft.sums.net_cents, len(draft.unpriced))
        for draft in drafts
        if any(
            wanted in text.lower()
            for text in (draft.customer.name, draft.customer.key, draft.customer.vat_number)
        )
    ]
    keys: dict[str, Any] = {
        "name": lambda cost: cost.customer.name.lower(),
        "key": lambda cost: cost.customer.key,
        "cents": lambda cost: cost.cents,
    }
    return sorted(
        costs, key=keys.get(sort.lstrip("-"), keys["cents"]), reverse=sort.startswith("-")
    )
