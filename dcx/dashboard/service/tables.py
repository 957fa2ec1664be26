"""Rows of the tables of customers, usage and resources, and what each may be sorted by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from dcx.accounts.service import Customer
from dcx.billing.service import BillLine, Draft
from dcx.dashboard.rules import DayCost, Series, forecast
from dcx.dashboard.service.costs import PeriodCosts, ResourceCost, meter_words, resource_costs
from dcx.kit.periods import Period
from dcx.kit.sorting import Columns
from dcx.metering import service as metering
from dcx.pricing.service import METERS, quantity_micros


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer: what it has, what the month comes to so far and by its end."""

    customer: Customer
    resources: int
    cents: int
    forecast_cents: int
    unpriced: int


CUSTOMER_COLUMNS: Columns[CustomerRow] = {
    "name": lambda row: row.customer.name.lower(),
    "billing": lambda row: row.customer.billing,
    "book": lambda row: row.customer.price_book,
    "resources": lambda row: row.resources,
    "cents": lambda row: row.cents,
    "forecast": lambda row: row.forecast_cents,
}


def customer_rows(session: Session, drafts: Sequence[Draft], words: str) -> list[CustomerRow]:
    """Customers whose name, key or VAT number holds the words."""
    counts, until_us = metering.resource_counts(session), metering.metered_until(session)
    wanted = words.strip().lower()
    return [
        CustomerRow(
            draft.customer,
            counts.get(draft.customer.key, 0),
            draft.sums.net_cents,
            _ahead(draft, until_us),
            len(draft.unpriced),
        )
        for draft in drafts
        if any(wanted in text.lower() for text in _texts(draft.customer))
    ]


def _texts(customer: Customer) -> tuple[str, str, str]:
    return customer.name, customer.key, customer.vat_number


def _ahead(draft: Draft, until_us: int) -> int:
    elapsed = draft.period.clip(until_us).length_us
    return forecast(draft.sums.net_cents, elapsed, draft.period.length_us) or 0


RESOURCE_COLUMNS: Columns[ResourceCost] = {
    "resource": lambda cost: (cost.name or cost.resource).lower(),
    "cents": lambda cost: cost.cents,
}


@dataclass(frozen=True, slots=True)
class MeterCost:
    """A meter over all resources: how much in millionths of its unit, on how many, and the cost."""

    words: str
    meter: str
    unit: str
    micros: int
    resources: int
    cents: int


METER_COLUMNS: Columns[MeterCost] = {
    "meter": lambda cost: cost.words.lower(),
    "resources": lambda cost: cost.resources,
    "cents": lambda cost: cost.cents,
}


def meter_costs(costs: PeriodCosts) -> list[MeterCost]:
    """Lines by what they are for, in the order of the lines."""
    found: dict[tuple[str, str], list[BillLine]] = {}
    for line in costs.lines:
        found.setdefault((meter_words(line), line.meter), []).append(line)
    return [
        MeterCost(
            words,
            meter,
            METERS[meter].unit,
            quantity_micros(sum(line.quantity for line in lines), meter),
            len({line.about for line in lines if line.resource}),
            sum(line.amount_cents for line in lines),
        )
        for (words, meter), lines in found.items()
    ]


def day_columns(series: Sequence[Series]) -> Columns[DayCost]:
    """By day, by the cost, or by what the first, second ... series came to."""
    return {
        "day": lambda day: day.day.toordinal(),
        "cents": lambda day: day.cents,
        **{f"s{place}": partial(_part, place) for place in range(len(series))},
    }


def _part(place: int, day: DayCost) -> int:
    return day.parts[place]


@dataclass(frozen=True, slots=True)
class Thing:
    """A machine or disk: what it is now, None where it is gone, and what it cost this month."""

    kind: str
    resource: str
    name: str
    now: metering.Segment | None
    cents: int

    @property
    def state(self) -> str:
        return self.now.state.capitalize() if self.now else "Gone"

    @property
    def size_mib(self) -> int:
        """Memory of a machine, size of a disk."""
        if self.now is None:
            return 0
        return self.now.memory_mib if self.kind == "vm" else self.now.size_gib * 1024


THING_COLUMNS: Columns[Thing] = {
    "resource": lambda thing: (thing.name or thing.resource).lower(),
    "kind": lambda thing: thing.kind,
    "state": lambda thing: thing.state,
    "size": lambda thing: thing.size_mib,
    "cents": lambda thing: thing.cents,
}


def things_of(session: Session, customer: str, draft: Draft) -> list[Thing]:
    """All that a customer has or had."""
    until_us = metering.metered_until(session)
    live: Mapping[tuple[str, str], metering.Segment] = {
        (segment.kind, segment.resource): segment
        for segment in metering.segments(session, Period(until_us - 1, until_us), customer=customer)
    }
    costs = {(cost.kind, cost.resource): cost.cents for cost in resource_costs(draft)}
    return [
        Thing(row.kind, row.resource, row.name, live.get(key), costs.get(key, 0))
        for row in metering.resources(session, customer)
        for key in [(row.kind, row.resource)]
    ]
