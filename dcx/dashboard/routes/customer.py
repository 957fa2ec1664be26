"""Doors of a customer's pages."""

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
from dcx.kit.errors import NotFoundError
from dcx.kit.money import cents_text
from dcx.kit.periods import Period, month_after, month_before
from dcx.metering import service as metering
from dcx.pricing.service import METERS, quantity_text
from dcx.repository.session import reading
from dcx.web import charts
from dcx.web.doors import Who, open_to
from dcx.web.htmx import render

LOGS_SHOWN = 50


@dashboard_pages.get("/c/<customer>/")
@open_to(Who.CUSTOMER)
def customer_home(customer: str) -> ResponseReturnValue:
    month = this_month()
    with reading() as session:
        costs = service.month_costs(session, month, desk(), customer=customer)
        last = service.month_costs(session, month_before(month), desk(), customer=customer)
        listed = billing.list_invoices(session, customers=[customer], limit=4)
    totals = [
        charts.running_totals(
            [day.cents for day in costs.days],
            costs.forecast_cents,
            [day.cents for day in last.days],
            costs.slots,
            frame,
        )
        for frame in (charts.WIDE, charts.PHONE)
    ]
    return render_template(
        "dashboard/customer_home.html",
        key=customer,
        costs=costs,
        last=last,
        resources=service.resource_costs(costs.drafts[0]),
        listed=listed,
        wide=totals[0],
        phone=totals[1],
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


@dashboard_pages.get("/c/<customer>/resources/<kind>/<path:resource>")
@open_to(Who.CUSTOMER)
def resource(customer: str, kind: str, resource: str) -> ResponseReturnValue:
    month = request.args.get("month") or this_month()
    wanted = request.args.get("segment", type=int)
    with reading() as session, reading("bronze") as bronze:
        thing = metering.find_resource(session, kind, resource)
        period = billing.period_of(month, desk())
        found = metering.segments(session, period, customer=customer, kind=kind, resource=resource)
        draft = billing.draft(session, customer, month, desk())
        if thing is None or (thing.customer != customer and not found):
            raise NotFoundError("This page does not exist, or it is not yours to see.")
        opened = next((segment for segment in found if segment.starts_us == wanted), None)
        logs: tuple[list[metering.RawLog], int] = ([], 0)
        if opened:
            span = Period(opened.starts_us, opened.ends_us)
            logs = metering.raw_logs(bronze, kind, resource, span, limit=LOGS_SHOWN)
    sizes = [segment.vcpus or segment.size_gib for segment in found]
    spans = [
        (s.starts_us, s.ends_us, size if s.is_used else 0)
        for s, size in zip(found, sizes, strict=True)
    ]
    return render_template(
        "dashboard/resource.html",
        key=customer,
        thing=thing,
        month=month,
        period=period,
        segments=found,
        opened=opened,
        logs=[log for log in logs[0] if log.customer == customer],
        count=logs[1],
        lines=[line for line in draft.lines if (line.kind, line.resource) == (kind, resource)],
        blocks=charts.time_strip(spans, period.starts_us, period.ends_us),
        before=month_before(month),
        next=month_after(month) if month < this_month() else None,
    )


@dashboard_pages.get("/c/<customer>/logs/<kind>/<source>/<path:event_id>")
@open_to(Who.CUSTOMER)
def raw_log(customer: str, kind: str, source: str, event_id: str) -> ResponseReturnValue:
    if kind not in {"vm", "disk"}:
        raise NotFoundError("This page does not exist, or it is not yours to see.")
    with reading() as session, reading("bronze") as bronze:
        log = metering.raw_log(bronze, kind, source, event_id)
        if log.customer != customer:
            raise NotFoundError("This page does not exist, or it is not yours to see.")
        fed = metering.segments_fed_by(session, log)
        lines = billing.lines_fed_by(session, kind, log.resource, log.at_us, [customer])
    own = [segment for segment in fed if segment.customer == customer]
    return render_template(
        "dashboard/raw_log.html", key=customer, log=log, segments=own, lines=lines, zone=desk().zone
    )


@dashboard_pages.get("/c/<customer>/invoices")
@open_to(Who.CUSTOMER)
def customer_invoices(customer: str) -> ResponseReturnValue:
    before = request.args.get("after", type=int)
    with reading() as session:
        listed = billing.list_invoices(session, customers=[customer], before=before)
    return render_template("dashboard/customer_invoices.html", key=customer, listed=listed)
