"""Doors of billing: invoices, their lines opened, and issuing a month."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dcx.accounts import service as accounts
from dcx.billing import service
from dcx.billing.export import CSV_HEAD, INVOICE_HEAD, csv_rows, invoice_answer
from dcx.billing.service import Desk
from dcx.kit.csv import csv_lines
from dcx.kit.errors import DomainError
from dcx.kit.money import E8
from dcx.kit.periods import month_before, month_name, to_us
from dcx.pricing.service import METERS, exact_amount_e8, quantity_micros
from dcx.repository.session import reading, transaction
from dcx.web import charts
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go, render

billing_pages = Blueprint("billing", __name__)
SIZES = {
    "vm.hours": "",
    "vm.vcpu_hours": "vcpus",
    "vm.memory_gib_hours": "memory_mib",
    "disk.gib_hours": "size_gib",
}


@billing_pages.get("/invoices")
@open_to(Who.STAFF)
def invoices() -> ResponseReturnValue:
    period, customer = request.args.get("period") or None, request.args.get("customer") or None
    if request.args.get("as") == "csv":
        return _list_csv(period, customer)
    with reading() as session:
        listed = service.list_invoices(
            session,
            customers=[customer] if customer else None,
            period=period,
            before=request.args.get("after", type=int),
        )
        periods = service.issued_periods(session)
        names = accounts.customers(session)
    return render(
        "billing/invoices.html",
        "billing/_invoices.html",
        listed=listed,
        periods=periods,
        names=names,
        period=period,
        customer=customer,
        last_month=month_before(_this_month()),
    )


def _list_csv(period: str | None, customer: str | None) -> Response:
    with reading() as session:
        wanted = [customer] if customer else None
        listed = service.list_invoices(session, customers=wanted, period=period, limit=1_000_000)
        rows = [tuple(invoice_answer(invoice).values()) for invoice in listed.page.rows]
    response = Response(csv_lines(INVOICE_HEAD, rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="invoices.csv"'
    return response


@billing_pages.get("/invoices/issue")
@open_to(Who.BILLING)
def preview() -> ResponseReturnValue:
    return _preview_page(request.args.get("period") or month_before(_this_month()))


def _preview_page(month: str, *, fault: str | None = None) -> str:
    with reading() as session:
        drafts = service.drafts(session, month, _desk())
        issued = service.invoices_of_period(session, month)
    open_drafts = [
        draft for draft in drafts if draft.customer.key not in issued and not draft.is_empty
    ]
    ready = [draft for draft in open_drafts if not draft.unpriced]
    return render_template(
        "billing/preview.html",
        month=month,
        before=month_before(month),
        ready=ready,
        blocked=[draft for draft in open_drafts if draft.unpriced],
        issued=issued,
        net=sum(draft.sums.net_cents for draft in ready),
        vat=sum(draft.sums.vat_cents for draft in ready),
        total=sum(draft.sums.total_cents for draft in ready),
        fault=fault,
    )


@billing_pages.post("/invoices/issue")
@open_to(Who.BILLING)
def issue() -> ResponseReturnValue:
    month = request.form.get("period", "")
    if request.form.get("typed", "").strip() != month:
        return _preview_page(month, fault=f"Type {month} to issue it."), 422
    with reading() as session:
        keys = sorted(accounts.customer_keys(session))
        service.period_of(month, _desk())
    done, refused = 0, []
    for key in keys:
        try:
            with transaction() as session:
                now_us = to_us(datetime.now(UTC))
                issued = service.issue(session, key, month, _desk(), by=actor(), now_us=now_us)
                done += issued.is_new
        except DomainError as error:
            refused.append(error.message)
    if refused:
        flash(f"{len(refused)} not issued: {refused[0]}", "bad")
    if done:
        flash(f"{done} invoices issued for {month}.", "ok")
    return go(url_for("billing.invoices", period=month))


@billing_pages.get("/invoices/<number>")
@open_to(Who.SIGNED_IN)
def invoice(number: str) -> ResponseReturnValue:
    own = _own_customers()
    line = request.args.get("line", type=int)
    with reading() as session:
        document = service.get_document(session, number, own)
        opened = service.explain(session, number, line, own) if line else None
    return render(
        "billing/invoice.html",
        "billing/_line.html" if opened else "billing/_lines.html",
        document=document,
        invoice=document.invoice,
        groups=_groups(document.lines),
        opened=opened,
        strip=_strip(document.invoice, opened),
        METERS=METERS,
    )


@billing_pages.get("/invoices/<number>.csv")
@open_to(Who.SIGNED_IN)
def invoice_csv(number: str) -> ResponseReturnValue:
    with reading() as session:
        document = service.get_document(session, number, _own_customers())
    response = Response(csv_lines(CSV_HEAD, csv_rows(document)), mimetype="text/csv")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{document.invoice.number}.csv"'
    )
    return response


@billing_pages.app_template_filter("line_quantity")
def line_quantity(line: service.BillLine) -> int:
    """Millionths of the line's unit; goes on into the filter `micros`."""
    return quantity_micros(line.quantity, line.meter)


@billing_pages.app_template_filter("exact")
def exact(line: service.BillLine) -> int:
    """The amount before it is rounded, in 10^-8 of the currency; goes on into `unit_price`."""
    return exact_amount_e8(line.quantity, line.unit_price_e8, line.meter, line.month_hours)


@billing_pages.app_template_filter("vat_percent")
def vat_percent(rate_e8: int) -> str:
    """15 or 15.5: a rate in percent."""
    return f"{rate_e8 * 100 / E8:g}"


def _groups(
    lines: list[service.BillLine],
) -> list[tuple[str, str, int, list[tuple[int, service.BillLine]]]]:
    """Lines by resource: (resource, name, cents, [(position, line)]), adjustments by themselves."""
    groups: dict[tuple[str, str, str], list[tuple[int, service.BillLine]]] = {}
    for position, line in enumerate(lines, 1):
        groups.setdefault((line.adjusts, line.kind, line.resource), []).append((position, line))
    found = []
    for (adjusts, _, resource), members in groups.items():
        title = resource or "All resources"
        label = f"Adjustment of {adjusts}: {title}" if adjusts else title
        cents = sum(line.amount_cents for _, line in members)
        found.append((label, members[0][1].name, cents, members))
    return found


def _strip(invoice: service.Invoice, opened: service.Explanation | None) -> list[charts.Block]:
    if opened is None:
        return []
    column = SIZES[opened.line.meter]
    spans = [
        (segment.starts_us, segment.ends_us, getattr(segment, column) if column else 1)
        for segment in opened.segments
    ]
    return charts.time_strip(spans, invoice.starts_us, invoice.ends_us)


def _own_customers() -> list[str] | None:
    return None if current_user.staff_role else list(current_user.roles)


def _desk() -> Desk:
    settings = current_app.config["DCX"]
    return Desk(settings.zone, settings.currency)


def _this_month() -> str:
    zone: ZoneInfo = _desk().zone
    return month_name(to_us(datetime.now(UTC)), zone)
