"""Doors of a customer's pages."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from dcx.billing import service as billing
from dcx.dashboard import export, service
from dcx.dashboard.routes.ground import dashboard_pages, desk, this_month, wallet_of
from dcx.kit.periods import Period, month_before
from dcx.kit.sorting import in_order, page_in_order
from dcx.metering import service as metering
from dcx.repository.session import reading
from dcx.web import totals
from dcx.web.doors import Who, open_to
from dcx.web.htmx import render
from dcx.web.tables import as_csv, asked, wants_csv


@dashboard_pages.get("/c/<customer>/")
@open_to(Who.CUSTOMER)
def customer_home(customer: str) -> ResponseReturnValue:
    month = this_month()
    with reading() as session:
        costs = service.month_costs(session, month, desk(), customer=customer)
        last = service.month_costs(session, month_before(month), desk(), customer=customer)
        listed = billing.list_invoices(session, customers=[customer], limit=5)
        purse = wallet_of(session, customer)
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
        purse=purse,
        live={(segment.kind, segment.resource): segment for segment in live},
        listed=listed,
        wide=totals.running_totals(running, totals.WIDE),
        phone=totals.running_totals(running, totals.PHONE),
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
