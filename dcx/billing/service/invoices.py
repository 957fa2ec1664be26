"""Invoices: find, list and explain them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.billing.errors import UnknownInvoiceError
from dcx.billing.models import Invoice, InvoiceSegment, InvoiceVat
from dcx.billing.repository import SORTED_BY, InvoiceRepository
from dcx.billing.rules import BillLine
from dcx.billing.service.drafts import as_bill_line
from dcx.billing.service.standing import Standing, standings
from dcx.kit.sorting import PER_PAGE, Ask, Page, Sort

INVOICE_COLUMNS = tuple(SORTED_BY)
NEWEST = Sort("number", down=True)


@dataclass(frozen=True, slots=True)
class Document:
    """An issued invoice, whole but for its segments."""

    invoice: Invoice
    lines: list[BillLine]
    vats: Sequence[InvoiceVat]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of invoices, how each stands by its number, and what all that match count and sum
    to.
    """

    page: Page[Invoice]
    standings: Mapping[str, Standing]
    count: int
    total_cents: int


def list_invoices(
    session: Session,
    *,
    customers: Sequence[str] | None,
    period: str | None = None,
    ask: Ask | None = None,
    limit: int = PER_PAGE,
) -> Listed:
    """The page asked for, or the newest `limit`. `customers` None: everybody's (staff)."""
    repository = InvoiceRepository(session)
    ask = ask or Ask(NEWEST, limit=limit)
    page = repository.page(customers=customers, period=period, ask=ask)
    count, total = repository.sums(customers, period)
    return Listed(page, standings(session, page.rows), count, total)


def find_invoices(
    session: Session, words: str, *, customers: Sequence[str] | None, limit: int
) -> Sequence[Invoice]:
    """Invoices whose number holds the words, newest first."""
    return InvoiceRepository(session).find_many(words, customers, limit)


def issued_periods(session: Session) -> Sequence[str]:
    return InvoiceRepository(session).periods()


def invoices_of_period(session: Session, period: str) -> dict[str, Invoice]:
    """The invoices of a period by customer."""
    return {row.customer: row for row in InvoiceRepository(session).of_month(period)}


def get_document(session: Session, number: str, customers: Sequence[str] | None) -> Document:
    """The invoice of that number, if the viewer's customers hold it; UnknownInvoiceError
    otherwise.
    """
    repository = InvoiceRepository(session)
    invoice = _require(repository.find(number, customers), number)
    lines = [as_bill_line(row) for row in repository.lines(invoice.id)]
    return Document(invoice, lines, repository.vats(invoice.id))


def find_document(session: Session, customer: str, month: str) -> Document | None:
    """The invoice of a customer's month; None: it is not issued."""
    repository = InvoiceRepository(session)
    invoice = repository.of_period(customer, month)
    if invoice is None:
        return None
    lines = [as_bill_line(row) for row in repository.lines(invoice.id)]
    return Document(invoice, lines, repository.vats(invoice.id))


def frozen_segments(
    session: Session, number: str, position: int, customers: Sequence[str] | None
) -> tuple[Invoice, BillLine, Sequence[InvoiceSegment]]:
    """A line of an invoice, and its resource's segments as they were when it was issued.

    UnknownInvoiceError for what is not there, or not the viewer's.
    """
    repository = InvoiceRepository(session)
    invoice = _require(repository.find(number, customers), number)
    row = repository.line(invoice.id, position)
    if row is None:
        raise UnknownInvoiceError(f"{number} has no line {position}.")
    line = as_bill_line(row)
    has_own = bool(line.resource and not line.adjusts)
    return invoice, line, repository.segments(invoice.id, *line.about) if has_own else []


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
