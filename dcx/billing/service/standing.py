"""How invoices stand: what is still owed for each, as the ledger says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.billing.errors import UnknownInvoiceError
from dcx.billing.models import Invoice
from dcx.billing.repository import InvoiceRepository
from dcx.kit.sorting import Ask
from dcx.wallet import service as wallet

READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left to pay of an invoice, in cents; below zero it is owed to the customer. What was
    given up of it is no longer left, and not paid either.
    """

    total_cents: int
    left_cents: int
    written_off_cents: int = 0

    @property
    def state(self) -> str:
        """open, part_paid, paid or written_off."""
        if self.left_cents <= 0:
            return "written_off" if self.written_off_cents > 0 else "paid"
        return "part_paid" if self.left_cents < self.total_cents else "open"


def standings(session: Session, invoices: Sequence[Invoice]) -> Mapping[str, Standing]:
    """How each of these invoices stands, by number, in two statements for all of them."""
    numbers = [invoice.number for invoice in invoices]
    left = wallet.owed(session, numbers) if numbers else {}
    given_up = wallet.written_off(session, numbers) if numbers else {}
    return {
        invoice.number: Standing(
            invoice.total_cents, left.get(invoice.number, 0), given_up.get(invoice.number, 0)
        )
        for invoice in invoices
    }


def every_standing(
    session: Session, *, customers: Sequence[str] | None, period: str | None, ask: Ask
) -> Iterator[tuple[Invoice, Standing]]:
    """All invoices that a filter shows, in the order asked for, and how they stand."""
    batch: list[Invoice] = []
    repository = InvoiceRepository(session)
    for invoice in repository.every_sorted(customers=customers, period=period, ask=ask):
        batch.append(invoice)
        if len(batch) == READ_AT_ONCE:
            yield from _with_standing(session, batch)
            batch = []
    yield from _with_standing(session, batch)


def _with_standing(session: Session, batch: list[Invoice]) -> list[tuple[Invoice, Standing]]:
    found = standings(session, batch)
    return [(invoice, found[invoice.number]) for invoice in batch]


def newest_invoices(
    session: Session, *, customers: Sequence[str] | None, after: str | None, limit: int
) -> Sequence[Invoice]:
    """Newest first, those older than the invoice `after`. UnknownInvoiceError where that is not
    among these customers'.
    """
    repository = InvoiceRepository(session)
    before = None
    if after is not None:
        last = repository.find(after, customers)
        if last is None:
            raise UnknownInvoiceError(f"There is no invoice {after}.")
        before = last.serial
    return repository.newest(customers, before=before, limit=limit)
