"""The clock's door to billing, and whoever waits for a PDF: make it outside of transactions."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

from dcx.billing import documents, service
from dcx.billing.documents import NotMadeError
from dcx.billing.service import Supplier
from dcx.kit.periods import to_us
from dcx.notifications.service import Site
from dcx.repository.session import reading, transaction

MOST_AT_ONCE = 500


def make_pdfs(
    site: Site, supplier: Supplier, *, clock: Callable[[], int] | None = None
) -> dict[str, int]:
    """Make the PDFs of newly issued invoices and put them into the outbox, each once.

    Safe to repeat, to end at any point and to run beside itself. One that cannot be made does not
    keep the others from it; NotMadeError names it at the end.
    """
    now, faults = clock or _now_us, []
    with reading() as session:
        numbers = service.waiting_for_pdf(session, MOST_AT_ONCE)
    for number in numbers:
        try:
            pdf_of(number, None, site=site, supplier=supplier, now_us=now())
        except NotMadeError as error:
            faults.append(f"{number}: {error}")
    if faults:
        raise NotMadeError(f"{len(faults)} PDFs could not be made. The first: {faults[0]}")
    return {"made": len(numbers)}


def pdf_of(
    number: str, customers: list[str] | None, *, site: Site, supplier: Supplier, now_us: int
) -> bytes:
    """The PDF of an invoice of these customers (None: anybody's), made now where it is not yet.

    UnknownInvoiceError where it is not theirs.
    """
    with reading() as session:
        document = service.get_document(session, number, customers)
        kept = service.find_pdf(session, number)
    if kept is not None:
        return kept
    paper = asdict(service.paper_of(document, site.looks, supplier))
    body = documents.pdf("invoice", paper, now_us=document.invoice.issued_us)
    with transaction() as session:
        return service.keep_pdf(session, number, body, site=site, now_us=now_us)


def _now_us() -> int:
    return to_us(datetime.now(UTC))
