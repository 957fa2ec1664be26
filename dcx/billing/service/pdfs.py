"""PDFs of invoices: made once, kept, mailed once, the same bytes ever after."""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.billing.errors import UnknownInvoiceError
from dcx.billing.models import Invoice
from dcx.billing.repository import DocumentRepository, InvoiceRepository
from dcx.notifications.service import File, InvoiceIssued, Site
from dcx.wallet import service as wallet

PDF = "application/pdf"


def waiting_for_pdf(session: Session, limit: int) -> Sequence[str]:
    """Numbers of invoices whose PDF is still to be made and mailed, the oldest first.

    Those that were issued before there were PDFs are not among them: theirs is made when somebody
    asks for it, and nobody is mailed.
    """
    return DocumentRepository(session).waiting(limit)


def find_pdf(session: Session, number: str) -> bytes | None:
    """The PDF of an invoice, if it was made. Who may see the invoice is not asked here."""
    return DocumentRepository(session).body_of(number)


def keep_pdf(session: Session, number: str, body: bytes, *, site: Site, now_us: int) -> bytes:
    """Keep the PDF of an invoice and mail it to its customer, both or neither; answer the one kept.

    Only the first one is kept, and only with it goes a mail: repeating the call is safe.
    """
    repository = DocumentRepository(session)
    invoice = InvoiceRepository(session).find(number)
    if invoice is None:
        raise UnknownInvoiceError(f"There is no invoice {number}.")
    is_new = repository.keep(invoice.id, body, sha256(body).hexdigest(), now_us)
    if is_new and invoice.supplier_name:
        file = File(f"{number}.pdf", PDF, body)
        words = _words(session, invoice, site)
        accounts.tell(session, invoice.customer, words, site=site, now_us=now_us, files=(file,))
    return repository.body_of(number) or body


def _words(session: Session, invoice: Invoice, site: Site) -> InvoiceIssued:
    left = wallet.owed(session, [invoice.number]).get(invoice.number, 0)
    return InvoiceIssued(
        customer=invoice.customer_name,
        number=invoice.number,
        month=site.looks.month(invoice.period),
        total=site.looks.money(invoice.total_cents),
        due=_due(left, invoice.total_cents, site.looks.money(left)),
        link=site.link(f"/invoices/{invoice.number}"),
    )


def _due(left: int, total: int, words: str) -> str:
    if total <= 0:
        return "Nothing is to be paid."
    if left <= 0:
        return "It is paid from the wallet."
    return f"{words} of it is still to be paid." if left < total else f"{words} is to be paid."


def pdf_breaches(session: Session) -> Iterator[str]:
    """PDFs that are no longer what was made, one sentence each."""
    for number, body, digest in DocumentRepository(session).every():
        if sha256(body).hexdigest() != digest:
            yield f"invoice {number}: its PDF differs from its hash"
