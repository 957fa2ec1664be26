"""Tables of customers, usage, resources and invoices as CSV rows."""

from collections.abc import Iterable, Iterator, Sequence

from dcx.billing import service as billing
from dcx.dashboard.rules import DayCost, Series
from dcx.dashboard.service import CustomerRow, MeterCost, ResourceCost, Thing, meter_words
from dcx.kit.money import cents_text, decimal_text
from dcx.kit.periods import instant_text
from dcx.kit.sorting import Ask
from dcx.pricing.service import METERS, quantity_text, rate_text
from dcx.repository.session import reading

Cells = Iterator[tuple[object, ...]]

CUSTOMERS_HEAD = (
    "key", "name", "vat_number", "billing", "price_book", "resources", "accrued", "forecast",
)  # fmt: skip
RESOURCES_HEAD = (
    "kind", "resource", "name", "meter", "what", "adjusts", "quantity", "unit", "cost",
)  # fmt: skip
METERS_HEAD = ("meter", "what", "quantity", "unit", "resources", "cost")
THINGS_HEAD = (
    "kind", "resource", "name", "state", "vcpus", "memory_mib", "size_gib", "cost",
)  # fmt: skip
INVOICES_HEAD = (
    "number", "period", "issued", "currency", "net", "vat_rate", "vat", "total", "state", "owed",
)  # fmt: skip


def customers(rows: Iterable[CustomerRow]) -> Cells:
    for row in rows:
        who = row.customer
        yield (
            who.key,
            who.name,
            who.vat_number,
            who.billing,
            who.price_book,
            row.resources,
            cents_text(row.cents),
            cents_text(row.forecast_cents),
        )


def by_resource(costs: Iterable[ResourceCost]) -> Cells:
    for line in (line for cost in costs for line in cost.lines):
        yield (
            line.kind,
            line.resource,
            line.name,
            line.meter,
            meter_words(line),
            line.adjusts,
            quantity_text(line.quantity, line.meter),
            METERS[line.meter].unit,
            cents_text(line.amount_cents),
        )


def by_meter(costs: Iterable[MeterCost]) -> Cells:
    for cost in costs:
        quantity = decimal_text(cost.micros, 6)
        yield (
            cost.meter,
            cost.words,
            quantity,
            cost.unit,
            cost.resources,
            cents_text(cost.cents),
        )


def days_head(series: Sequence[Series]) -> tuple[str, ...]:
    return ("day", *(each.words for each in series), "cost")


def by_day(days: Iterable[DayCost]) -> Cells:
    for day in days:
        yield (day.day.isoformat(), *map(cents_text, day.parts), cents_text(day.cents))


def things(rows: Iterable[Thing]) -> Cells:
    for row in rows:
        now = row.now
        sizes = (now.vcpus, now.memory_mib, now.size_gib) if now else ("", "", "")
        yield (row.kind, row.resource, row.name, row.state, *sizes, cents_text(row.cents))


def invoices(customer: str, ask: Ask) -> Cells:
    """All invoices of a customer, read as they are sent."""
    with reading() as session:
        found = billing.every_standing(session, customers=[customer], period=None, ask=ask)
        for row, standing in found:
            yield (
                row.number,
                row.period,
                instant_text(row.issued_us),
                row.currency,
                cents_text(row.net_cents),
                rate_text(row.vat_rate_e8),
                cents_text(row.vat_cents),
                cents_text(row.total_cents),
                standing.state,
                cents_text(standing.left_cents),
            )
