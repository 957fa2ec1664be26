"""Doors of staff's home pages, and search."""

from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dcx.accounts import service as accounts
from dcx.billing import service as billing
from dcx.dashboard import export, service
from dcx.dashboard.routes.ground import (
    bars_of,
    dashboard_pages,
    days_of_month,
    desk,
    this_month,
    wallet_of,
)
from dcx.kit.periods import month_before, to_us
from dcx.kit.sorting import Page, in_order, page_in_order
from dcx.metering import service as metering
from dcx.repository.session import reading
from dcx.web import charts
from dcx.web.doors import Who, open_to
from dcx.web.htmx import render
from dcx.web.tables import as_csv, asked, wants_csv

ISSUERS = {"admin", "billing"}


@dashboard_pages.get("/")
@open_to(Who.SIGNED_IN)
def home() -> ResponseReturnValue:
    if not current_user.staff_role:
        key = next(iter(current_user.roles), None)
        if key is None:
            return redirect(url_for("accounts.welcome"))
        return redirect(url_for("dashboard.customer_home", customer=key))
    month, last = this_month(), month_before(this_month())
    now_us = to_us(datetime.now(UTC))
    with reading() as main, reading("bronze") as bronze:
        costs = service.month_costs(main, month, desk())
        before = billing.invoices_of_period(main, last)
        left = service.left_cents(main, last, desk(), before)
        tasks = service.waiting(main, bronze, costs.drafts, now_us=now_us)
        ahead = service.coming(main, costs, before, now_us=now_us)
        run = next(iter(metering.runs(main, limit=1)), None)
    return render_template(
        "dashboard/staff_home.html",
        costs=costs,
        before=before,
        before_month=last,
        left=left,
        tasks=tasks,
        may_issue=current_user.staff_role in ISSUERS,
        ahead=ahead,
        run=run,
        largest=service.customer_costs(costs.drafts, "", "-cents")[:8],
        wide=bars_of(costs, charts.CARD),
        phone=bars_of(costs, charts.PHONE),
        days=days_of_month(costs, "dashboard.customers", {}),
    )


@dashboard_pages.get("/customers")
@open_to(Who.STAFF)
def customers() -> ResponseReturnValue:
    words, ask = request.args.get("q", ""), asked(service.CUSTOMER_COLUMNS, "-cents")
    with reading() as session:
        drafts = billing.remembered_drafts(session, this_month(), desk())
        rows = service.customer_rows(session, drafts, words)
    if wants_csv():
        ordered = in_order(rows, service.CUSTOMER_COLUMNS, _row_key, ask)
        return as_csv("customers.csv", export.CUSTOMERS_HEAD, export.customers(ordered))
    return render(
        "dashboard/customers.html",
        "dashboard/_customers.html",
        page=page_in_order(rows, service.CUSTOMER_COLUMNS, _row_key, ask),
        everybody=len(drafts),
        total=sum(draft.sums.net_cents for draft in drafts),
        shown=sum(row.cents for row in rows),
        month=this_month(),
        words=words,
    )


def _row_key(row: service.CustomerRow) -> str:
    return row.customer.key


@dashboard_pages.get("/customers/<key>")
@open_to(Who.STAFF)
def customer(key: str) -> ResponseReturnValue:
    with reading() as session:
        who = accounts.get_customer(session, key)
        costs = service.month_costs(session, this_month(), desk(), customer=key)
        listed = billing.list_invoices(
            session,
            customers=[key],
            ask=asked(billing.INVOICE_COLUMNS, "-number", name="invoices", limit=12),
        )
        things = metering.resources(session, key)
        purse = wallet_of(session, key)
    draft = costs.drafts[0]
    return render_template(
        "dashboard/customer.html",
        who=who,
        costs=costs,
        draft=draft,
        resources=service.resource_costs(draft),
        page=Page(service.resource_costs(draft)[:10]),
        things=things,
        purse=purse,
        listed=listed,
        wide=bars_of(costs, charts.WIDE),
        phone=bars_of(costs, charts.PHONE),
        days=days_of_month(costs, "dashboard.usage", {"customer": key}),
    )


@dashboard_pages.get("/search")
@open_to(Who.SIGNED_IN)
def search() -> ResponseReturnValue:
    words = request.args.get("q", "")
    own = None if current_user.staff_role else list(current_user.roles)
    with reading() as session:
        found = service.search(session, words, customers=own)
    return render("dashboard/search.html", "dashboard/_found.html", found=found, words=words)
