"""Doors of a customer's pages."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from dcx.billing import service as billing
from dcx.dashboard import service
from dcx.dashboard.routes.ground import (
    PER_PAGE,
    as_csv,
    bars_of,
    dashboard_pages,
    days_of_month,
    desk,
    this_month,
)
from dcx.kit.money import cents_text
from dcx.kit.periods import Period, month_after, month_before
from dcx.metering import service as metering
from dcx.pricing.service import METERS, quantity_text
from dcx.repository.session import reading
from dcx.web import charts, totals
from dcx.web.doors import Who, open_to
from dcx.web.htmx import render


@dashboard_pages.get("/c/<customer>/")
@open_to(Who.CUSTOMER)
def customer_home(customer: str) -> ResponseReturnValue:
    month = this_month()
    with reading() as session:
        costs = service.month_costs(session, month, desk(), customer=customer)
        last = service.month_costs(session, month_before(month), desk(), customer=customer)
        listed = billing.list_invoices(session, customers=[customer], limit=5)
        now_us = metering.metered_until(session)
        live = metering.segments(session, Period(now_us - 1, now_us), customer=customer)
    running = totals.Running(
        days=[day.cents for day in costs.days],
        elapsed=costs.elapsed_days,
        slots=costs.slots,
        forecast_cents=costs.forecast_cents,
        likely=costs.likely,
        last=[day.cents for day in last.days],
        first=date.fromisoformat(f"{month}-01"),
    )
    return render_template(
        "dashboard/customer_home.html",
        key=customer,
        costs=costs,
        last=last,
        resources=service.resource_costs(costs.drafts[0]),
        live={(segment.kind, segment.resource): segment for segment in live},
        listed=listed,
        wide=totals.running_totals(running, totals.WIDE),
        phone=totals.running_totals(running, totals.PHONE),
    )


@dashboard_pages.get("/c/<customer>/usage")
@open_to(Who.CUSTOMER)
def usage(customer: str) -> ResponseReturnValue:
    month = request.args.get("month") or this_month()
    with reading() as session:
        costs = service.month_costs(session, month, desk(), customer=customer)
    draft = costs.drafts[0]
    if request.args.get("as") == "csv":
        rows = (
            (
                line.kind,
                line.resource,
                line.name,
                line.meter,
                quantity_text(line.quantity, line.meter),
                METERS[line.meter].unit,
                cents_text(line.amount_cents),
            )
            for line in draft.lines
        )  # fmt: skip
        head = ("kind", "resource", "name", "meter", "quantity", "unit", "cost")
        return as_csv(f"usage-{customer}-{month}.csv", head, rows)
    return render_template(
        "dashboard/usage.html",
        key=customer,
        costs=costs,
        draft=draft,
        resources=service.resource_costs(draft),
        day=request.args.get("day"),
        by=request.args.get("by", "resources"),
        before=month_before(month),
        next=month_after(month) if month < this_month() else None,
        wide=bars_of(costs, charts.WIDE),
        phone=bars_of(costs, charts.PHONE),
        days=days_of_month(
            costs, "dashboard.usage", {"customer": customer, "month": month, "by": "days"}
        ),
    )


@dashboard_pages.get("/c/<customer>/resources")
@open_to(Who.CUSTOMER)
def resources(customer: str) -> ResponseReturnValue:
    with reading() as session:
        draft = billing.draft(session, customer, this_month(), desk())
        things = metering.resources(session, customer)
        now_us = metering.metered_until(session)
        live = metering.segments(session, Period(now_us - 1, now_us), customer=customer)
    words = request.args.get("q", "").lower()
    costs = {(cost.kind, cost.resource): cost.cents for cost in service.resource_costs(draft)}
    shown = [
        thing for thing in things if words in thing.resource.lower() or words in thing.name.lower()
    ]
    shown.sort(key=lambda thing: (-costs.get((thing.kind, thing.resource), 0), thing.resource))
    first = request.args.get("after", 0, type=int)
    return render(
        "dashboard/resources.html",
        "dashboard/_resources.html",
        key=customer,
        things=shown[first : first + PER_PAGE],
        first=first,
        count=len(shown),
        everything=len(things),
        after=first + PER_PAGE if first + PER_PAGE < len(shown) else None,
        costs=costs,
        live={(segment.kind, segment.resource): segment for segment in live},
        words=request.args.get("q", ""),
        month=this_month(),
    )


@dashboard_pages.get("/c/<customer>/invoices")
@open_to(Who.CUSTOMER)
def customer_invoices(customer: str) -> ResponseReturnValue:
    before = request.args.get("after", type=int)
    with reading() as session:
        listed = billing.list_invoices(session, customers=[customer], before=before)
    return render_template("dashboard/customer_invoices.html", key=customer, listed=listed)
