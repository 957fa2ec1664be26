"""Invariants of billing: sums, VAT, numbers without gaps, bookings, documents unchanged."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from dcx.billing.models import Invoice, InvoiceLine, InvoiceVat
from dcx.billing.repository import InvoiceRepository
from dcx.billing.service.issue import ADDED_LATER, SEGMENT_FIELDS, document_hash
from dcx.billing.service.pdfs import pdf_breaches
from dcx.kit.money import E8, half_up
from dcx.wallet import service as wallet

HEAD_FIELDS = (
    "number", "serial", "customer", "customer_name", "customer_email", "customer_vat_number",
    "period",
    "starts_us", "ends_us", "currency", "price_book", "net_cents", "vat_rate_e8", "vat_cents",
    "total_cents", "issued_us", *sorted(ADDED_LATER),
)  # fmt: skip
LINE_FIELDS = (
    "position", "adjusts", "kind", "resource", "resource_name", "meter", "quantity",
    "unit_price_e8",
    "month_hours", "book", "version", "rule", "step", "conditions", "amount_cents",
)  # fmt: skip
VAT_FIELDS = ("rate_e8", "net_cents", "vat_cents")


def breaches(session: Session) -> Iterator[str]:
    """Every broken promise of billing, one sentence each, naming the rows."""
    repository = InvoiceRepository(session)
    invoices = repository.every()
    booked = wallet.charged(session)
    yield from _number_breaches([invoice.serial for invoice in invoices], repository.last_serial())
    for invoice in invoices:
        lines, vats = repository.lines(invoice.id), repository.vats(invoice.id)
        yield from _sum_breaches(invoice, list(lines), list(vats))
        sums = wallet.Charged(invoice.net_cents, invoice.vat_cents, invoice.total_cents)
        if booked[invoice.number] != sums:
            yield f"invoice {invoice.number}: the ledger does not have its sums"
        segments = [_facts(row, SEGMENT_FIELDS) for row in repository.segments(invoice.id)]
        digest = document_hash(
            _facts(invoice, HEAD_FIELDS),
            [_facts(line, LINE_FIELDS) for line in lines],
            segments,
            [_facts(vat, VAT_FIELDS) for vat in vats],
        )
        if digest != invoice.digest:
            yield f"invoice {invoice.number}: the document differs from its hash"
    yield from pdf_breaches(session)


def _number_breaches(serials: list[int], last: int) -> Iterator[str]:
    missing = sorted(set(range(1, max([last, *serials], default=0) + 1)) - set(serials))
    if missing:
        yield f"invoice numbers: {', '.join(str(serial) for serial in missing[:10])} missing"


def _sum_breaches(
    invoice: Invoice, lines: list[InvoiceLine], vats: list[InvoiceVat]
) -> Iterator[str]:
    if sum(line.amount_cents for line in lines) != invoice.net_cents:
        yield f"invoice {invoice.number}: its lines do not sum to its net"
    for vat in vats:
        if half_up(vat.net_cents * vat.rate_e8, E8) != vat.vat_cents:
            yield f"invoice {invoice.number}: VAT is not its net times the rate"
    if sum(vat.vat_cents for vat in vats) != invoice.vat_cents:
        yield f"invoice {invoice.number}: its VAT does not sum up"
    if invoice.net_cents + invoice.vat_cents != invoice.total_cents:
        yield f"invoice {invoice.number}: net and VAT are not its total"


def _facts(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
