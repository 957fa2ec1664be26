"""The API of billing: invoices, their PDFs, and how each line came about."""

from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint
from flask import current_app
from flask.typing import ResponseReturnValue

from dcx.accounts import service as accounts
from dcx.accounts.api import own_customer
from dcx.billing import service
from dcx.billing.export import document_answer, explanation_answer, listed_answer
from dcx.billing.forms import ExplanationAnswer, InvoiceAnswer, InvoicesAnswer, InvoicesQuery
from dcx.billing.jobs import pdf_of
from dcx.billing.service import Desk
from dcx.kit.errors import NotAllowedError
from dcx.kit.periods import to_us
from dcx.notifications.service import Site
from dcx.repository.session import reading
from dcx.web.api import answers
from dcx.web.doors import open_to_scope
from dcx.web.files import as_file

billing_api = APIBlueprint("billing_api", __name__, url_prefix="/api/v1/invoices", tag="Invoices")
SCOPE = "billing:read"
PDF = "application/pdf"
_PDF: Any = {
    200: {
        "description": "Always the same bytes",
        "content": {PDF: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@billing_api.get("")
@billing_api.input(InvoicesQuery, location="query")
@billing_api.doc(
    summary="Invoices",
    responses=answers(InvoicesAnswer, "Newest first"),
    security="key",
)
@open_to_scope(SCOPE)
def invoices(query_data: dict[str, Any]) -> ResponseReturnValue:
    limit, after = query_data["limit"], query_data.get("after")
    customers = _customers(query_data.get("customer"))
    with reading() as session:
        found = service.newest_invoices(session, customers=customers, after=after, limit=limit + 1)
        shown = found[:limit]
        standing = service.standings(session, shown)
    return {
        "invoices": [listed_answer(invoice, standing[invoice.number]) for invoice in shown],
        "next": shown[-1].number if len(found) > limit else None,
    }


@billing_api.get("/<number>")
@billing_api.doc(
    summary="One invoice with its lines",
    responses=answers(InvoiceAnswer, "The invoice as it was issued, and how it stands"),
    security="key",
)
@open_to_scope(SCOPE)
def invoice(number: str) -> ResponseReturnValue:
    with reading() as session:
        document = service.get_document(session, number, _customers(None))
        standing = service.standings(session, [document.invoice])[number]
    return document_answer(document, standing)


@billing_api.get("/<number>.pdf")
@billing_api.doc(
    summary="One invoice as a PDF",
    responses=_PDF,
    security="key",
)
@open_to_scope(SCOPE)
def invoice_pdf(number: str) -> ResponseReturnValue:
    settings, now_us = current_app.config["DCX"], to_us(datetime.now(UTC))
    supplier = Desk.of(settings).supplier
    body = pdf_of(
        number, _customers(None), site=Site.of(settings), supplier=supplier, now_us=now_us
    )
    return as_file(f"{number}.pdf", PDF, body)


@billing_api.get("/<number>/lines/<int:line>/explanation")
@billing_api.doc(
    summary="How a line came about",
    responses=answers(ExplanationAnswer, "The line and the segments that it bills"),
    security="key",
)
@open_to_scope(SCOPE)
def explanation(number: str, line: int) -> ResponseReturnValue:
    with reading() as session:
        return explanation_answer(service.explain(session, number, line, _customers(None)))


def _customers(asked: str | None) -> list[str] | None:
    """Whose invoices this key may read: a customer's own; None: all, for the provider's keys.

    NotAllowedError where a customer's key names another, UnknownCustomerError where there is none.
    """
    own = own_customer()
    if own and asked and asked != own:
        raise NotAllowedError("This key belongs to another customer.")
    if own or not asked:
        return [own] if own else None
    with reading() as session:
        return [accounts.get_customer(session, asked).key]
