"""Issue: a draft becomes an invoice, frozen with a number, its lines, its segments and its hash."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.billing.errors import CannotIssueError
from dcx.billing.models import Invoice, InvoiceLine, InvoiceSegment, InvoiceVat
from dcx.billing.repository import INVOICES, InvoiceRepository
from dcx.billing.rules import BillLine
from dcx.billing.service.drafts import Desk, Draft, Supplier, draft, period_of
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.ids import content_hash
from dcx.kit.money import cents_text
from dcx.kit.periods import instant_text
from dcx.metering import service as metering
from dcx.metering.service import Segment
from dcx.wallet import service as wallet

ADDED_LATER = {"customer_address", "supplier_name", "supplier_address", "supplier_vat_number"}
PREPAID = "prepaid"
SEGMENT_FIELDS = (
    "kind", "resource", "starts_us", "ends_us", "state", "vcpus", "memory_mib", "size_gib", "tier",
    "region", "flavor", "os",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issued:
    """What issuing did for a customer: a new invoice, the one that stood, or none for want of
    usage.
    """

    invoice: Invoice | None
    is_new: bool


def issue(
    session: Session, customer: str, month: str, desk: Desk, *, by: Actor, now_us: int
) -> Issued:
    """Issue one customer's month: money moves here, in the same transaction. Repeating it answers
    the invoice that stands. Prepaid customers pay it at once, as far as their credits and wallet
    go.

    CannotIssueError where the month is not over or not metered to its end, or used something
    that has no price.
    """
    period = period_of(month, desk)
    metering.mark_billed(session, period.ends_us)
    repository = InvoiceRepository(session)
    standing = repository.of_period(accounts.get_customer(session, customer).key, month)
    if standing is not None:
        return Issued(standing, is_new=False)
    _require_over(session, month, period.ends_us, now_us)
    bill = draft(session, customer, month, desk)
    _require_priced(bill)
    if not bill.lines:
        return Issued(None, is_new=False)
    invoice = _freeze(session, bill, desk.supplier, now_us)
    _charge(session, invoice, by, is_prepaid=bill.customer.billing == PREPAID)
    _note(session, invoice, by)
    return Issued(invoice, is_new=True)


def _charge(session: Session, invoice: Invoice, by: Actor, *, is_prepaid: bool) -> None:
    """Book the invoice as owed, unless it asks for nothing."""
    if not (invoice.net_cents or invoice.vat_cents):
        return
    words = f"Invoice {invoice.number} for {invoice.period}"
    sums = invoice.net_cents, invoice.vat_cents
    bill = wallet.Bill(invoice.number, invoice.customer, words, *sums)
    wallet.charge(session, bill, by=by, now_us=invoice.issued_us)
    if is_prepaid:
        wallet.settle_from_wallet(
            session,
            invoice.customer,
            invoice.number,
            source=f"settlement/{invoice.number}",
            by=by,
            now_us=invoice.issued_us,
        )


def _note(session: Session, invoice: Invoice, by: Actor) -> None:
    total = f"{cents_text(invoice.total_cents)} {invoice.currency}"
    facts = {"period": invoice.period, "total": total}
    deed = Deed("invoice issued", invoice.number, invoice.customer, after=facts)
    journal.record(session, by, deed, now_us=invoice.issued_us)


def _require_over(session: Session, month: str, ends_us: int, now_us: int) -> None:
    if now_us < ends_us:
        raise CannotIssueError(f"{month} is not over before {instant_text(ends_us)}.")
    until = metering.metered_until(session)
    if until < ends_us:
        metered = f"only up to {instant_text(until)}" if until else "not at all yet"
        raise CannotIssueError(
            f"{month} is metered {metered}. Run metering first: flask metering run"
        )


def _require_priced(bill: Draft) -> None:
    if bill.unpriced:
        meters = sorted({_named(entry.meter, entry.where) for entry in bill.unpriced})
        raise CannotIssueError(
            f"{bill.customer.key} used {', '.join(meters)}, which has no price in"
            f" {bill.customer.price_book}. Price it or say free = true."
        )


def _named(meter: str, where: tuple[tuple[str, str], ...]) -> str:
    conditions = ", ".join(f"{key} {value}" for key, value in where)
    return f"{meter} ({conditions})" if conditions else meter


def _freeze(session: Session, bill: Draft, supplier: Supplier, now_us: int) -> Invoice:
    repository = InvoiceRepository(session)
    serial = repository.next_serial()
    segments = metering.segments(session, bill.period, customer=bill.customer.key)
    head = {
        "number": f"{INVOICES}-{serial:06d}",
        "serial": serial,
        "customer": bill.customer.key,
        "customer_name": bill.customer.name,
        "customer_email": bill.customer.email,
        "customer_vat_number": bill.customer.vat_number,
        "customer_address": bill.customer.address,
        "supplier_name": supplier.name,
        "supplier_address": supplier.address,
        "supplier_vat_number": supplier.vat_number,
        "period": bill.month,
        "starts_us": bill.period.starts_us,
        "ends_us": bill.period.ends_us,
        "currency": bill.currency,
        "price_book": bill.customer.price_book,
        "net_cents": bill.sums.net_cents,
        "vat_rate_e8": bill.vat_rate_e8,
        "vat_cents": bill.sums.vat_cents,
        "total_cents": bill.sums.total_cents,
        "issued_us": now_us,
    }
    lines = [_line_row(position, line) for position, line in enumerate(bill.lines, 1)]
    billed = [_segment_row(segment) for segment in segments if segment.is_used]
    vats = [asdict(vat) for vat in bill.sums.vats]
    invoice = Invoice(**head, digest=document_hash(head, lines, billed, vats))
    repository.add(invoice)
    for model, rows in ((InvoiceLine, lines), (InvoiceSegment, billed), (InvoiceVat, vats)):
        repository.add_parts(model, [{**row, "invoice_id": invoice.id} for row in rows])
    return invoice


def document_hash(
    head: dict[str, Any],
    lines: list[dict[str, Any]],
    segments: list[dict[str, Any]],
    vats: list[dict[str, Any]],
) -> str:
    """SHA-256 over everything that the document says. What invoices did not say at first counts
    only where one says it: so the hash of the early ones stays what it was.
    """
    said = {name: fact for name, fact in head.items() if fact or name not in ADDED_LATER}
    in_order = sorted(segments, key=lambda row: (row["kind"], row["resource"], row["starts_us"]))
    return content_hash({"invoice": said, "lines": lines, "segments": in_order, "vat": vats})


def _line_row(position: int, line: BillLine) -> dict[str, Any]:
    return {
        "position": position,
        "adjusts": line.adjusts,
        "kind": line.kind,
        "resource": line.resource,
        "resource_name": line.name,
        "meter": line.meter,
        "quantity": str(line.quantity),
        "unit_price_e8": line.unit_price_e8,
        "month_hours": line.month_hours,
        "book": line.book,
        "version": line.version,
        "rule": line.rule,
        "step": line.step,
        "conditions": "\n".join(f"{key}={value}" for key, value in line.where),
        "amount_cents": line.amount_cents,
    }


def _segment_row(segment: Segment) -> dict[str, Any]:
    return {name: getattr(segment, name) for name in SEGMENT_FIELDS}
