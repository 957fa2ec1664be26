"""Drafts and invoices as programs read them: JSON values and CSV rows."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from dcx.billing.models import Invoice
from dcx.billing.service import (
    BillLine,
    Document,
    Draft,
    Explanation,
    Standing,
    every_standing,
)
from dcx.kit.money import cents_text, decimal_text
from dcx.kit.periods import instant_text
from dcx.kit.sorting import Ask
from dcx.pricing.service import METERS, Unpriced, quantity_text, rate_text
from dcx.repository.session import reading

CSV_HEAD = (
    "resource",
    "name",
    "meter",
    "adjusts",
    "quantity",
    "unit",
    "unit_price",
    "amount",
    "currency",
)


INVOICE_HEAD = (
    "number", "customer", "period", "currency", "net", "vat_rate", "vat", "total", "state", "owed",
)  # fmt: skip
DRAFTS_HEAD = (
    "customer", "name", "period", "lines", "unpriced", "net", "total", "currency",
)  # fmt: skip


def draft_answer(draft: Draft) -> dict[str, Any]:
    """A draft as the contract's command answers it."""
    return {
        "customer": draft.customer.key,
        "period": draft.month,
        "currency": draft.currency,
        "status": "draft",
        "lines": [line_answer(line) for line in draft.lines],
        "unpriced": [_unpriced(entry) for entry in draft.unpriced],
        "net": cents_text(draft.sums.net_cents),
        "vat_rate": rate_text(draft.vat_rate_e8),
        "vat": cents_text(draft.sums.vat_cents),
        "total": cents_text(draft.sums.total_cents),
    }


def line_answer(line: BillLine) -> dict[str, Any]:
    """One line: quantity with 6 decimals, unit price with 8, amount with 2."""
    answer: dict[str, Any] = {
        "resource": line.resource,
        "meter": line.meter,
        "quantity": quantity_text(line.quantity, line.meter),
        "unit": METERS[line.meter].unit,
        "unit_price": decimal_text(line.unit_price_e8, 8),
        "amount": cents_text(line.amount_cents),
        "price_book": {"name": line.book, "version": line.version, "rule": line.rule},
    }
    if line.where:
        answer["where"] = dict(line.where)
    if line.month_hours:
        answer["per_month_of_hours"] = str(line.month_hours)
    if line.step:
        answer["step"] = line.step
    if line.adjusts:
        answer["adjusts"] = line.adjusts
    return answer


def _unpriced(entry: Unpriced) -> dict[str, Any]:
    return {
        "resource": entry.resource,
        "meter": entry.meter,
        "quantity": quantity_text(entry.quantity, entry.meter),
        "unit": METERS[entry.meter].unit,
        "where": dict(entry.where),
    }


def invoice_answer(invoice: Invoice) -> dict[str, Any]:
    """An invoice's head."""
    return {
        "number": invoice.number,
        "customer": invoice.customer,
        "period": invoice.period,
        "currency": invoice.currency,
        "net": cents_text(invoice.net_cents),
        "vat_rate": rate_text(invoice.vat_rate_e8),
        "vat": cents_text(invoice.vat_cents),
        "total": cents_text(invoice.total_cents),
    }


def csv_rows(lines: Iterable[BillLine], currency: str) -> Iterator[tuple[object, ...]]:
    """The lines of an invoice or a draft under CSV_HEAD."""
    for line in lines:
        yield (
            line.resource,
            line.name,
            line.meter,
            line.adjusts,
            quantity_text(line.quantity, line.meter),
            METERS[line.meter].unit,
            decimal_text(line.unit_price_e8, 8),
            cents_text(line.amount_cents),
            currency,
        )


def invoice_rows(
    customers: Sequence[str] | None, period: str | None, ask: Ask
) -> Iterator[tuple[object, ...]]:
    """All invoices that a filter shows, under INVOICE_HEAD, read as they are sent."""
    with reading() as session:
        found = every_standing(session, customers=customers, period=period, ask=ask)
        for invoice, standing in found:
            yield (*invoice_answer(invoice).values(), *standing_cells(standing))


def standing_cells(standing: Standing) -> tuple[str, str]:
    """How an invoice stands, and what is still owed for it."""
    return standing.state, cents_text(standing.left_cents)


def listed_answer(invoice: Invoice, standing: Standing) -> dict[str, Any]:
    """An invoice in the API's list."""
    state, owed = standing_cells(standing)
    issued_at = instant_text(invoice.issued_us)
    return {**invoice_answer(invoice), "issued_at": issued_at, "state": state, "owed": owed}


def document_answer(document: Document, standing: Standing) -> dict[str, Any]:
    """An invoice as the API answers it: in the shape of a draft, each line with its id."""
    lines = [
        {"id": position, **line_answer(line)} for position, line in enumerate(document.lines, 1)
    ]
    head = listed_answer(document.invoice, standing)
    return {**head, "status": "issued", "lines": lines, "unpriced": []}


def explanation_answer(opened: Explanation) -> dict[str, Any]:
    """A line with the segments whose parts sum to its quantity."""
    return {
        **line_answer(opened.line),
        "id": opened.position,
        "segments": [
            {
                "from": instant_text(piece.starts_us),
                "to": instant_text(piece.ends_us),
                "size": piece.size,
                "quantity": decimal_text(piece.micros, 6),
            }
            for piece in opened.pieces
        ],
    }


def drafts_rows(drafts: Iterable[Draft]) -> Iterator[tuple[object, ...]]:
    """Drafts under DRAFTS_HEAD."""
    for draft in drafts:
        yield (
            draft.customer.key,
            draft.customer.name,
            draft.month,
            len(draft.lines),
            ", ".join(sorted({entry.meter for entry in draft.unpriced})),
            cents_text(draft.sums.net_cents),
            cents_text(draft.sums.total_cents),
            draft.currency,
        )
