"""Invoices: find, list and explain them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.billing.errors import UnknownInvoiceError
from dcx.billing.models import Invoice, InvoiceSegment, InvoiceVat
from dcx.billing.repository import InvoiceRepository
from dcx.billing.rules import BillLine
from dcx.billing.service.drafts import as_bill_line
from dcx.repository.pages import Page, page_of


@dataclass(frozen=True, slots=True)
class Document:
    """An issued invoice, whole but for its segments."""

    invoice: Invoice
    lines: list[BillLine]
    vats: Sequence[InvoiceVat]


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one line came about: the segments as they were when it was billed."""

    position: int
    line: BillLine
    segments: Sequence[InvoiceSegment]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of invoices, and what all that match count and sum to."""

    page: Page[Invoice]
    count: int
    total_cents: int


def list_invoices(
    session: Session,
    *,
    customers: Sequence[str] | None,
    period: str | None = None,
    before: int | None = None,
    limit: int = 25,
) -> Listed:
    """Newest first. `customers` None: everybody's (staff)."""
    repository = InvoiceRepository(session)
    rows = repository.listed(customers=customers, period=period, before=before, limit=limit + 1)
    count, total = repository.sums(customers, period)
    return Listed(page_of(rows, limit, lambda row: row.serial), count, total)


def find_invoices(
    session: Session, words: str, *, customers: Sequence[str] | None, limit: int
) -> Sequence[Invoice]:
    """Invoices whose number holds the words, newest first."""
    return InvoiceRepository(session).find_many(words, customers, limit)


def issued_periods(session: Session) -> Sequence[str]:
    return InvoiceRepository(session).periods()


def invoices_of_period(session: Session, period: str) -> dict[str, Invoice]:
    """The invoices of a period by customer."""
    rows = InvoiceRepository(session).listed(
        customers=None, period=period, before=None, limit=1_000_000
    )
    return {row.customer: row for row in rows}


def get_document(session: Session, number: str, customers: Sequence[str] | None) -> Document:
    """The invoice of that number, if the viewer's customers hold it; UnknownInvoiceError
    otherwise.
    """
    repository = InvoiceRepository(session)
    invoice = _require(repository.find(number, customers), number)
    lines = [as_bill_line(row) for row in repository.lines(invoice.id)]
    return Document(invoice, lines, repository.vats(invoice.id))


def explain(
    session: Session, number: str, position: int, customers: Sequence[str] | None
) -> Explanation:
    """A line's arithmetic and the frozen segments it billed."""
    repository = InvoiceRepository(session)
    invoice = _require(repository.find(number, customers), number)
    row = repository.line(invoice.id, position)
    if row is None:
        raise UnknownInvoiceError(f"{number} has no line {position}.")
    segments = repository.segments(invoice.id, row.kind, row.resource) if not row.adjusts else []
    fitting = [segment for segment in segments if _fits(segment, as_bill_line(row))]
    return Explanation(position, as_bill_line(row), fitting)


def _fits(segment: InvoiceSegment, line: BillLine) -> bool:
    return all(getattr(segment, key) == value for key, value in line.where)


def _require(invoice: Invoice | None, number: str) -> Invoice:
    if invoice is None:
        raise UnknownInvoiceError(f"There is no invoice {number}.")
    return invoice


@dataclass(frozen=True, slots=True)
class Fed:
    """An invoice line that an instant of a resource fed."""

    number: str
    position: int
    line: BillLine


def lines_fed_by(
    session: Session, kind: str, resource: str, at_us: int, customers: Sequence[str] | None
) -> list[Fed]:
    """The invoice lines that a log of this resource at this instant is part of."""
    rows = InvoiceRepository(session).lines_about(kind, resource, at_us, customers)
    return [Fed(invoice.number, line.position, as_bill_line(line)) for invoice, line in rows]


def issued_until(session: Session, book: str | None) -> int | None:
    """The latest end of a period invoiced with a book, or with any; None: nothing was."""
    return InvoiceRepository(session).last_end(book)
