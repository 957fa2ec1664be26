"""Doors of a customer's pages."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from dcx.billing import service as billing
from dcx.dashboard import export, service
from dcx.dashboard.routes.ground import dashboard_pages, desk, this_month
from dcx.kit.errors import NotFoundError
from dcx.kit.periods import Period, month_after, month_before
from dcx.kit.sorting import in_order, page_in_order
from dcx.metering import service as metering
from dcx.repository.session import reading
from dcx.web import charts
from dcx.web.doors import Who, open_to
from dcx.web.htmx import render
from dcx.web.tables import as_csv, asked, wants_csv

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


@dashboard_pages.get("/c/<customer>/resources")
@open_to(Who.CUSTOMER)
def resources(customer: str) -> ResponseReturnValue:
    words, ask = request.args.get("q", ""), asked(service.THING_COLUMNS, "-cents")
    with reading() as session:
        draft = billing.draft(session, customer, this_month(), desk())
        things = service.things_of(session, customer, draft)
    shown = [thing for thing in things if _holds(thing, words.strip().lower())]
    if wants_csv():
        rows = in_order(shown, service.THING_COLUMNS, _thing_key, ask)
        return as_csv(f"resources-{customer}.csv", export.THINGS_HEAD, export.things(rows))
    return render(
        "dashboard/resources.html",
        "dashboard/_resources.html",
        key=customer,
        page=page_in_order(shown, service.THING_COLUMNS, _thing_key, ask),
        everything=len(things),
        live=sum(thing.now is not None for thing in things),
        words=words,
        month=this_month(),
    )


def _holds(thing: service.Thing, words: str) -> bool:
    return words in thing.resource.lower() or words in thing.name.lower()


def _thing_key(thing: service.Thing) -> str:
    return f"{thing.kind} {thing.resource}"


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
    ask = asked(billing.INVOICE_COLUMNS, "-number")
    if wants_csv():
        name = f"invoices-{customer}.csv"
        return as_csv(name, export.INVOICES_HEAD, lambda: export.invoices(customer, ask))
    with reading() as session:
        listed = billing.list_invoices(session, customers=[customer], ask=ask)
    return render_template("dashboard/customer_invoices.html", key=customer, listed=listed)
