"""Every statement of billing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update

from dcx.billing.models import Counter, Document, Invoice, InvoiceLine, InvoiceSegment, InvoiceVat
from dcx.kit.sorting import Ask, Page
from dcx.repository.base import Repository, holds, lowered
from dcx.repository.pages import Sorted

INVOICES = "INV"
SORTED_BY: Mapping[str, ColumnElement[Any]] = {
    "number": Invoice.serial.expression,
    "customer": lowered(Invoice.customer_name),
    "month": Invoice.period.expression,
    "issued": Invoice.issued_us.expression,
    "net": Invoice.net_cents.expression,
    "total": Invoice.total_cents.expression,
}


class InvoiceRepository(Repository):
    """Issued documents."""

    def next_serial(self) -> int:
        """The next number of the series; the row stays locked until the transaction ends."""
        first = self._insert(Counter).values(series=INVOICES, last=0)
        self.session.execute(first.on_conflict_do_nothing())
        moved = update(Counter).where(Counter.series == INVOICES).values(last=Counter.last + 1)
        return int(self.session.scalar(moved.returning(Counter.last)) or 0)

    def add_parts(self, model: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.session.execute(insert(model.__table__), rows)

    def find(self, number: str, customers: Sequence[str] | None = None) -> Invoice | None:
        return self._one(_of(customers, select(Invoice).where(Invoice.number == number)))

    def of_period(self, customer: str, period: str) -> Invoice | None:
        return self._one(
            select(Invoice).where(Invoice.customer == customer, Invoice.period == period)
        )

    def periods_of(self, customers: Sequence[str]) -> Sequence[Invoice]:
        """Every invoice of these customers, oldest first."""
        return self._all(_of(customers, select(Invoice)).order_by(Invoice.starts_us, Invoice.id))

    def invoiced(self, customer: str | None) -> Sequence[Any]:
        """(customer, period) of every invoice, of one customer or of all."""
        query = select(Invoice.customer, Invoice.period)
        return self._cells(_of(None if customer is None else [customer], query))

    def page(
        self, *, customers: Sequence[str] | None, period: str | None, ask: Ask
    ) -> Page[Invoice]:
        page = self._sorted(customers, period).page(self.session, ask)
        return replace(page, rows=[row[0] for row in page.rows])

    def every_sorted(
        self, *, customers: Sequence[str] | None, period: str | None, ask: Ask
    ) -> Iterator[Invoice]:
        """All that match, streamed."""
        for (invoice,) in self._sorted(customers, period).every(self.session, ask):
            yield invoice

    def newest(
        self, customers: Sequence[str] | None, *, before: int | None, limit: int
    ) -> Sequence[Invoice]:
        """Newest first, those with a lower serial than `before`."""
        query = _of(customers, select(Invoice)).order_by(Invoice.serial.desc()).limit(limit)
        if before is not None:
            query = query.where(Invoice.serial < before)
        return self._all(query)

    def _sorted(self, customers: Sequence[str] | None, period: str | None) -> Sorted:
        query = _of(customers, select(Invoice))
        if period:
            query = query.where(Invoice.period == period)
        return Sorted(query, SORTED_BY, Invoice.serial.expression)

    def of_month(self, period: str) -> Sequence[Invoice]:
        return self._all(select(Invoice).where(Invoice.period == period).order_by(Invoice.serial))

    def find_many(
        self, words: str, customers: Sequence[str] | None, limit: int
    ) -> Sequence[Invoice]:
        query = _of(customers, select(Invoice).where(holds(Invoice.number, words)))
        return self._all(query.order_by(Invoice.serial.desc()).limit(limit))

    def periods(self) -> Sequence[str]:
        return self.session.scalars(
            select(Invoice.period).distinct().order_by(Invoice.period.desc())
        ).all()

    def sums(self, customers: Sequence[str] | None, period: str | None) -> tuple[int, int]:
        """(count, total cents) of the invoices that a filter shows."""
        query = _of(
            customers,
            select(func.count(Invoice.id), func.coalesce(func.sum(Invoice.total_cents), 0)),
        )
        if period:
            query = query.where(Invoice.period == period)
        count, total = self.session.execute(query).one()
        return int(count), int(total)

    def last_end(self, book: str | None) -> int | None:
        query = select(func.max(Invoice.ends_us))
        return self.session.scalar(
            query if book is None else query.where(Invoice.price_book == book)
        )

    def lines(self, invoice_id: int) -> Sequence[InvoiceLine]:
        query = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id)
        return self._all(query.order_by(InvoiceLine.position))

    def line(self, invoice_id: int, position: int) -> InvoiceLine | None:
        return self._one(
            select(InvoiceLine).where(
                InvoiceLine.invoice_id == invoice_id, InvoiceLine.position == position
            )
        )

    def vats(self, invoice_id: int) -> Sequence[InvoiceVat]:
        query = select(InvoiceVat).where(InvoiceVat.invoice_id == invoice_id)
        return self._all(query.order_by(InvoiceVat.rate_e8))

    def segments(
        self, invoice_id: int, kind: str | None = None, resource: str | None = None
    ) -> Sequence[Any]:
        query = select(InvoiceSegment).where(InvoiceSegment.invoice_id == invoice_id)
        if kind is not None:
            query = query.where(InvoiceSegment.kind == kind)
        if resource:
            query = query.where(InvoiceSegment.resource == resource)
        return self._all(
            query.order_by(
                InvoiceSegment.kind.desc(), InvoiceSegment.resource, InvoiceSegment.starts_us
            )
        )

    def billed_for(self, customer: str, period: str) -> Sequence[InvoiceLine]:
        """Lines that billed a period: those of its invoice, and adjustments in later ones."""
        own = (Invoice.period == period) & (InvoiceLine.adjusts == "")
        query = (
            select(InvoiceLine)
            .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
            .where(Invoice.customer == customer, own | (InvoiceLine.adjusts == period))
        )
        return self._all(query)

    def lines_about(
        self, kind: str, resource: str, at_us: int, customers: Sequence[str] | None
    ) -> Sequence[Any]:
        """(invoice, line) of a resource whose period holds an instant."""
        query = (
            select(Invoice, InvoiceLine)
            .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
            .where(
                InvoiceLine.kind == kind,
                InvoiceLine.resource == resource,
                Invoice.starts_us <= at_us,
                Invoice.ends_us > at_us,
            )
        )
        return self._rows(_of(customers, query).order_by(Invoice.serial, InvoiceLine.position))

    def every(self) -> Sequence[Invoice]:
        return self._all(select(Invoice).order_by(Invoice.serial))

    def last_serial(self) -> int:
        return self.session.scalar(select(Counter.last).where(Counter.series == INVOICES)) or 0


class DocumentRepository(Repository):
    """PDFs of invoices."""

    def waiting(self, limit: int) -> Sequence[str]:
        """Numbers of invoices that name their supplier and have no PDF, the oldest first."""
        query = (
            select(Invoice.number)
            .outerjoin(Document, Document.invoice_id == Invoice.id)
            .where(Document.id.is_(None), Invoice.supplier_name != "")
        )
        return self.session.scalars(query.order_by(Invoice.serial).limit(limit)).all()

    def body_of(self, number: str) -> bytes | None:
        query = select(Document.body).join(Invoice, Invoice.id == Document.invoice_id)
        return self.session.scalar(query.where(Invoice.number == number))

    def keep(self, invoice_id: int, body: bytes, digest: str, now_us: int) -> bool:
        """Keep the first PDF of an invoice; was this the first?"""
        row = {"invoice_id": invoice_id, "body": body, "digest": digest, "made_us": now_us}
        first = self._insert(Document).values(row).on_conflict_do_nothing()
        return self.session.scalar(first.returning(Document.id)) is not None

    def every(self) -> Iterator[Any]:
        """(number, body, digest) of every PDF, read one after the other."""
        query = select(Invoice.number, Document.body, Document.digest)
        found = query.join(Invoice, Invoice.id == Document.invoice_id).order_by(Invoice.serial)
        yield from self.session.execute(found.execution_options(yield_per=20))


def _of(customers: Sequence[str] | None, query: Any) -> Any:
    return query if customers is None else query.where(Invoice.customer.in_(customers))
