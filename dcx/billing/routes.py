"""Doors of billing: invoices and drafts, their lines opened, and issuing a month."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dcx.accounts import service as accounts
from dcx.billing import service
from dcx.billing.export import (
    CSV_HEAD,
    DRAFTS_HEAD,
    INVOICE_HEAD,
    csv_rows,
    drafts_rows,
    invoice_rows,
)
from dcx.billing.jobs import pdf_of
from dcx.billing.service import Desk
from dcx.kit.errors import DomainError
from dcx.kit.periods import Period, to_us
from dcx.kit.sorting import Columns, in_order, page_in_order
from dcx.kit.words import counted
from dcx.metering import service as metering
from dcx.notifications.service import Site
from dcx.pricing.service import METERS, exact_amount_e8, quantity_micros
from dcx.repository.session import reading, transaction
from dcx.web import charts
from dcx.web.doors import Who, actor, open_to
from dcx.web.files import as_file
from dcx.web.htmx import go, render
from dcx.web.looks import Looks
from dcx.web.tables import as_csv, asked, wants_csv

billing_pages = Blueprint("billing", __name__)
GROUPS_SHOWN = 50
LOGS_SHOWN = 50
DRAFT_COLUMNS: Columns[service.Draft] = {
    "customer": lambda draft: draft.customer.name.lower(),
    "lines": lambda draft: len(draft.lines),
    "net": lambda draft: draft.sums.net_cents,
    "total": lambda draft: draft.sums.total_cents,
}


@billing_pages.get("/invoices")
@open_to(Who.STAFF)
def invoices() -> ResponseReturnValue:
    period, customer = request.args.get("period") or None, request.args.get("customer") or None
    ask, wanted = asked(service.INVOICE_COLUMNS, "-number"), [customer] if customer else None
    if wants_csv():
        return as_csv("invoices.csv", INVOICE_HEAD, lambda: invoice_rows(wanted, period, ask))
    with reading() as session:
        return render(
            "billing/invoices.html",
            "billing/_invoices.html",
            listed=service.list_invoices(session, customers=wanted, period=period, ask=ask),
            periods=service.issued_periods(session),
            names=accounts.customers(session),
            period=period,
            customer=customer,
            next_month=service.month_to_issue(session, _desk(), now_us=_now_us()),
        )


@billing_pages.get("/invoices/issue")
@open_to(Who.BILLING)
def preview() -> ResponseReturnValue:
    month = request.args.get("period")
    if not month:
        with reading() as session:
            month = service.month_to_issue(session, _desk(), now_us=_now_us())
    if wants_csv():
        ask = asked(DRAFT_COLUMNS, "-net")
        drafts = in_order(_to_issue(month)[0], DRAFT_COLUMNS, _key, ask)
        return as_csv(f"drafts-{month}.csv", DRAFTS_HEAD, drafts_rows(drafts))
    return _preview_page(month)


def _to_issue(month: str) -> tuple[list[service.Draft], dict[str, service.Invoice]]:
    """(the drafts that have something on them and no invoice, the invoices that stand)."""
    with reading() as session:
        drafts = service.remembered_drafts(session, month, _desk())
        issued = service.invoices_of_period(session, month)
    left = [draft for draft in drafts if draft.customer.key not in issued and not draft.is_empty]
    return left, issued


def _preview_page(month: str, *, fault: str | None = None) -> str:
    drafts, issued = _to_issue(month)
    with reading() as session:
        ready = service.readiness(session, month, _desk(), now_us=_now_us())
    priced = [draft for draft in drafts if not draft.unpriced]
    return render_template(
        "billing/preview.html",
        month=month,
        drafts=page_in_order(drafts, DRAFT_COLUMNS, _key, asked(DRAFT_COLUMNS, "-net")),
        readiness=ready,
        count=len(priced),
        blocked=len(drafts) - len(priced),
        issued=issued,
        net=sum(draft.sums.net_cents for draft in priced),
        vat=sum(draft.sums.vat_cents for draft in priced),
        total=sum(draft.sums.total_cents for draft in priced),
        fault=fault,
    )


def _key(draft: service.Draft) -> str:
    return draft.customer.key


@billing_pages.post("/invoices/issue")
@open_to(Who.BILLING)
def issue() -> ResponseReturnValue:
    month = request.form.get("period", "")
    with reading() as session:
        may_issue = service.readiness(session, month, _desk(), now_us=_now_us()).may_issue
    if not may_issue:
        return _preview_page(month), 422
    if request.form.get("typed", "").strip() != month:
        return _preview_page(month, fault=f"Type {month} to issue it."), 422
    with reading() as session:
        keys = sorted(accounts.customer_keys(session))
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
        flash(f"{counted(len(refused), 'draft')} not issued. The first: {refused[0]}", "bad")
    if done:
        flash(f"{counted(done, 'invoice')} issued for {month}.", "ok")
    return go(url_for("billing.invoices", period=month))


@billing_pages.get("/invoices/<number>")
@open_to(Who.SIGNED_IN)
def invoice(number: str) -> ResponseReturnValue:
    own, line = _own_customers(), request.args.get("line", type=int)
    with reading() as session:
        document = service.get_document(session, number, own)
        if wants_csv():
            return _document_csv(document)
        opened = service.explain(session, number, line, own) if line else None
        standing = service.standings(session, [document.invoice])[number]
    return render(
        "billing/invoice.html",
        "billing/_line.html" if opened else "billing/_lines.html",
        document=document,
        invoice=document.invoice,
        standing=standing,
        key=document.invoice.customer,
        **_lines(document.lines, opened, document.invoice.customer),
    )


@billing_pages.get("/invoices/<number>.csv")
@open_to(Who.SIGNED_IN)
def invoice_csv(number: str) -> ResponseReturnValue:
    with reading() as session:
        return _document_csv(service.get_document(session, number, _own_customers()))


@billing_pages.get("/invoices/<number>.pdf")
@open_to(Who.SIGNED_IN)
def invoice_pdf(number: str) -> ResponseReturnValue:
    site, supplier = Site.of(current_app.config["DCX"]), _desk().supplier
    body = pdf_of(number, _own_customers(), site=site, supplier=supplier, now_us=_now_us())
    return as_file(f"{number}.pdf", "application/pdf", body)


@billing_pages.app_template_global("pay_address")
def pay_address(invoice: service.Invoice, standing: service.Standing) -> str | None:
    """Where the viewer pays an invoice; None where nothing is owed, or they are not its owner."""
    may_pay = current_user.role_at(invoice.customer) == "owner"
    if standing.left_cents <= 0 or not may_pay:
        return None
    return url_for("payments.pay", customer=invoice.customer, number=invoice.number)


def _document_csv(document: service.Document) -> Response:
    rows = csv_rows(_in_order(document.lines), document.invoice.currency)
    return as_csv(f"{document.invoice.number}.csv", CSV_HEAD, rows)


@billing_pages.get("/invoices/drafts/<period>/<key>")
@open_to(Who.STAFF)
def draft(period: str, key: str) -> ResponseReturnValue:
    """A draft as its invoice would look now. Nothing of it is stored."""
    line = request.args.get("line", type=int)
    with reading() as session:
        found = service.draft(session, key, period, _desk())
        if wants_csv():
            rows = csv_rows(_in_order(found.lines), found.currency)
            return as_csv(f"draft-{period}-{key}.csv", CSV_HEAD, rows)
        opened = service.explain_draft(session, found, line) if line else None
        standing = service.invoices_of_period(session, period).get(key)
        ready = service.readiness(session, period, _desk(), now_us=_now_us())
    return render(
        "billing/draft.html",
        "billing/_line.html" if opened else "billing/_lines.html",
        draft=found,
        standing=standing,
        readiness=ready,
        key=key,
        **_lines(found.lines, opened, key),
    )


def _lines(
    lines: list[service.BillLine], opened: service.Explanation | None, customer: str
) -> dict[str, Any]:
    """What the table of lines shows, one of them opened, one of its segments down to its logs."""
    ask = asked(service.GROUP_COLUMNS, "-amount", limit=GROUPS_SHOWN)
    position = opened.position if opened else None
    piece = opened.piece_from(request.args.get("segment", type=int)) if opened else None
    logs: tuple[list[metering.RawLog], int] = ([], 0)
    if opened and piece:
        span = Period(piece.starts_us, piece.ends_us)
        with reading("bronze") as bronze:
            logs = metering.raw_logs(bronze, *opened.line.about, span, limit=LOGS_SHOWN)
    return {
        "page": service.page_of_groups(service.groups_of(lines), ask, opened=position),
        "opened": opened,
        "piece": piece,
        "begins": request.args.get("from", type=int),
        "logs": [log for log in logs[0] if log.customer == customer],
        "count": logs[1],
        "strip": _strip(opened),
        "METERS": METERS,
    }


def _in_order(lines: list[service.BillLine]) -> list[service.BillLine]:
    """The lines as the page sorts them."""
    ask = asked(service.GROUP_COLUMNS, "-amount", limit=len(lines) or 1)
    groups = service.page_of_groups(service.groups_of(lines), ask, opened=None)
    return [line for group in groups.rows for _, line in group.members]


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
    """15 or 15,5: a rate in percent."""
    return Looks(current_app.config["DCX"]).rate(rate_e8)


def _strip(opened: service.Explanation | None) -> list[charts.Block]:
    if opened is None:
        return []
    spans = [(piece.starts_us, piece.ends_us, piece.size) for piece in opened.pieces]
    return charts.time_strip(spans, opened.period.starts_us, opened.period.ends_us)


def _own_customers() -> list[str] | None:
    return None if current_user.staff_role else list(current_user.roles)


def _desk() -> Desk:
    return Desk.of(current_app.config["DCX"])


def _now_us() -> int:
    return to_us(datetime.now(UTC))
