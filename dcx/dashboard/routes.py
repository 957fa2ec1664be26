"""Doors of the home pages: of staff, of a customer, and what composes several rooms."""

from collections.abc import Sequence
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dcx.accounts import service as accounts
from dcx.billing import service as billing
from dcx.billing.service import Desk
from dcx.dashboard import service
from dcx.kit.csv import csv_lines
from dcx.kit.errors import NotFoundError
from dcx.kit.money import cents_text
from dcx.kit.periods import Period, month_after, month_before, month_name, to_us
from dcx.metering import service as metering
from dcx.pricing.service import METERS, quantity_text
from dcx.repository.session import reading
from dcx.web import charts
from dcx.web.doors import Who, open_to
from dcx.web.htmx import render

dashboard_pages = Blueprint("dashboard", __name__)
PER_PAGE = 25
LOGS_SHOWN = 50


@dashboard_pages.app_template_filter("words_of")
def words_of(line: billing.BillLine) -> str:
    """What a line is for, in a word."""
    return service.meter_words(line)


@dashboard_pages.app_template_filter("month_of")
def month_of(us: int) -> str:
    """The calendar month of an instant, 2026-11."""
    return month_name(us, desk().zone)


@dashboard_pages.get("/")
@open_to(Who.SIGNED_IN)
def home() -> ResponseReturnValue:
    if not current_user.staff_role:
        key = next(iter(current_user.roles), None)
        if key is None:
            return render_template("dashboard/no_access.html")
        return redirect(url_for("dashboard.customer_home", customer=key))
    month = this_month()
    with reading() as main, reading("bronze") as bronze:
        costs = service.month_costs(main, month, desk())
        before = billing.invoices_of_period(main, month_before(month))
        left = service.left_cents(main, month_before(month), desk(), before)
        tasks = service.waiting(main, bronze, costs.drafts)
        runs = metering.runs(main, limit=1)
    return render_template(
        "dashboard/staff_home.html",
        costs=costs,
        before=before,
        before_month=month_before(month),
        left=left,
        tasks=tasks,
        run=runs[0] if runs else None,
        largest=service.customer_costs(costs.drafts, "", "-cents")[:8],
        wide=_bars(costs, charts.CARD),
        phone=_bars(costs, charts.PHONE),
        days=_days(costs, "dashboard.customers", {}),
    )


@dashboard_pages.get("/customers")
@open_to(Who.STAFF)
def customers() -> ResponseReturnValue:
    sort = request.args.get("sort", "-cents")
    words = request.args.get("q", "")
    with reading() as session:
        drafts = billing.drafts(session, this_month(), desk())
    costs = service.customer_costs(drafts, words, sort)
    if request.args.get("as") == "csv":
        rows = (
            (
                c.customer.key,
                c.customer.name,
                c.customer.vat_number,
                c.customer.billing,
                cents_text(c.cents),
            )
            for c in costs
        )
        return as_csv("customers.csv", ("key", "name", "vat_number", "billing", "accrued"), rows)
    first = request.args.get("after", 0, type=int)
    return render(
        "dashboard/customers.html",
        "dashboard/_customers.html",
        costs=costs[first : first + PER_PAGE],
        first=first,
        count=len(costs),
        everybody=len(drafts),
        after=first + PER_PAGE if first + PER_PAGE < len(costs) else None,
        total=sum(cost.cents for cost in costs),
        month=this_month(),
        words=words,
        sort=Sort(sort),
    )


class Sort:
    """The column a table is sorted by, and which way."""

    def __init__(self, text: str) -> None:
        self.key, self.down = text.lstrip("-"), text.startswith("-")


@dashboard_pages.get("/customers/<key>")
@open_to(Who.STAFF)
def customer(key: str) -> ResponseReturnValue:
    with reading() as session:
        who = accounts.get_customer(session, key)
        costs = service.month_costs(session, this_month(), desk(), customer=key)
        listed = billing.list_invoices(session, customers=[key], limit=12)
        things = metering.resources(session, key)
    draft = costs.drafts[0]
    return render_template(
        "dashboard/customer.html",
        who=who,
        costs=costs,
        draft=draft,
        resources=service.resource_costs(draft),
        things=things,
        listed=listed,
        wide=_bars(costs, charts.WIDE),
        phone=_bars(costs, charts.PHONE),
        days=_days(costs, "dashboard.usage", {"customer": key}),
    )


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
        wide=_bars(costs, charts.WIDE),
        phone=_bars(costs, charts.PHONE),
        days=_days(costs, "dashboard.usage", {"customer": customer, "month": month, "by": "days"}),
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


@dashboard_pages.get("/search")
@open_to(Who.SIGNED_IN)
def search() -> ResponseReturnValue:
    words = request.args.get("q", "")
    own = None if current_user.staff_role else list(current_user.roles)
    with reading() as session:
        found = service.search(session, words, customers=own)
    return render("dashboard/search.html", "dashboard/_found.html", found=found, words=words)


def desk() -> Desk:
    """Where billing happens, by the settings."""
    settings = current_app.config["DCX"]
    return Desk(settings.zone, settings.currency)


def this_month() -> str:
    return month_name(to_us(datetime.now(UTC)), desk().zone)


def as_csv(name: str, head: Sequence[str], rows: object) -> Response:
    """A CSV to download, streamed."""
    response = Response(csv_lines(head, rows), mimetype="text/csv")  # type: ignore[arg-type]
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _bars(costs: service.MonthCosts, frame: charts.Frame) -> charts.Bars:
    return charts.stacked_bars([day.parts for day in costs.days], costs.slots, frame)


def _days(
    costs: service.MonthCosts, endpoint: str, values: dict[str, str]
) -> list[dict[str, object]]:
    """What each bar says and where it leads."""
    money = current_app.jinja_env.filters["money"]
    days: list[dict[str, object]] = []
    for day in costs.days:
        parts = " · ".join(
            f"{series.words} {money(cents)}"
            for series, cents in zip(costs.series, day.parts, strict=True)
            if cents
        )
        label = f"{day.day.strftime('%a %-d %b')}: {money(day.cents)}" + (
            f" ({parts})" if parts else ""
        )
        is_open = costs.is_running and day is costs.days[-1]
        href = url_for(endpoint, day=day.day.isoformat(), **values)  # type: ignore[arg-type]
        days.append({"date": day.day, "label": label, "href": href, "is_open": is_open})
    return days
