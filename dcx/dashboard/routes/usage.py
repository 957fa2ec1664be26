"""Doors of usage: what a customer used in any period, by resource, by meter or by day."""

from collections.abc import Callable
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from dcx.billing import service as billing
from dcx.dashboard import export, service
from dcx.dashboard.routes.ground import (
    bars_of,
    dashboard_pages,
    days_of_month,
    desk,
    this_month,
)
from dcx.dashboard.service import PeriodCosts
from dcx.kit.errors import FormError
from dcx.kit.periods import month_after, month_before
from dcx.kit.sorting import Page, in_order, page_holding
from dcx.repository.session import reading
from dcx.web import charts
from dcx.web.doors import Who, open_to
from dcx.web.spans import Span, read_span
from dcx.web.tables import as_csv, asked, wants_csv

DAYS_SHOWN = 62
TABLES = ("resources", "meters", "days")


@dashboard_pages.get("/c/<customer>/usage")
@open_to(Who.CUSTOMER)
def usage(customer: str) -> ResponseReturnValue:
    by = request.args.get("by", "")
    by = by if by in TABLES else TABLES[0]
    try:
        span = _span()
    except FormError as error:
        if wants_csv():
            raise
        return render_template("dashboard/usage_dates.html", key=customer, faults=error.fields), 422
    with reading() as session:
        costs = service.period_costs(session, customer, span.period, desk())
    if wants_csv():
        name = f"usage-{customer}-{by}-{span.first}-{span.last}.csv"
        return as_csv(name, *_file(by, costs))
    values = {"customer": customer, "by": "days", **_named(span)}
    return render_template(
        "dashboard/usage.html",
        key=customer,
        span=span,
        costs=costs,
        day=request.args.get("day"),
        by=by,
        page=_page(by, costs),
        before=month_before(f"{span.first:%Y-%m}"),
        next=month_after(f"{span.last:%Y-%m}") if f"{span.last:%Y-%m}" < this_month() else None,
        wide=bars_of(costs, charts.WIDE),
        phone=bars_of(costs, charts.PHONE),
        days=days_of_month(costs, "dashboard.usage", values),
    )


def _span() -> Span:
    """FormError on bad dates, NotAMonthError on a bad month."""
    billing.period_of(request.args.get("month") or this_month(), desk())
    return read_span(request.args, this_month(), desk().zone)


def _named(span: Span) -> dict[str, str]:
    """How the address names the period."""
    return {"month": span.month} if span.month else {"from": str(span.first), "to": str(span.last)}


def _table(by: str, costs: PeriodCosts) -> tuple[list[Any], dict[str, Any], Callable[[Any], Any]]:
    """(rows, columns they may be sorted by, the key that no other row has)."""
    match by:
        case "days":
            columns = dict(service.day_columns(costs.series))
            return costs.days, columns, lambda day: day.day.toordinal()
        case "meters":
            rows = service.meter_costs(costs)
            return rows, dict(service.METER_COLUMNS), lambda row: f"{row.meter} {row.words}"
        case _:
            found = service.resource_costs(costs)
            return found, dict(service.RESOURCE_COLUMNS), lambda row: f"{row.kind} {row.resource}"


def _page(by: str, costs: PeriodCosts) -> Page[Any]:
    rows, columns, tie = _table(by, costs)
    if by != "days":
        return page_holding(rows, columns, tie, asked(columns, "-cents"), None)
    wanted = next((row for row in rows if str(row.day) == request.args.get("day")), None)
    return page_holding(rows, columns, tie, asked(columns, "-day", limit=DAYS_SHOWN), wanted)


def _file(by: str, costs: PeriodCosts) -> tuple[tuple[str, ...], Any]:
    """(head, rows) of what the page shows, whole."""
    rows, columns, tie = _table(by, costs)
    ordered = in_order(rows, columns, tie, asked(columns, "-day" if by == "days" else "-cents"))
    match by:
        case "days":
            return export.days_head(costs.series), export.by_day(ordered)
        case "meters":
            return export.METERS_HEAD, export.by_meter(ordered)
        case _:
            return export.RESOURCES_HEAD, export.by_resource(ordered)
