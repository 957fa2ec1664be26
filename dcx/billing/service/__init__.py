"""What can be done with drafts and invoices."""

from dcx.billing.models import Invoice
from dcx.billing.rules import BillLine, Sums, Vat
from dcx.billing.service.check import breaches
from dcx.billing.service.drafts import Desk, Draft, draft, drafts, period_of
from dcx.billing.service.invoices import (
    Document,
    Explanation,
    Fed,
    Listed,
    explain,
    find_invoices,
    get_document,
    invoices_of_period,
    issued_periods,
    issued_until,
    lines_fed_by,
    list_invoices,
)
from dcx.billing.service.issue import Issued, issue

__all__ = [
    "BillLine", "Desk", "Document", "Draft", "Explanation", "Fed", "Invoice", "Issued", "Listed",
    "Sums",     "Vat", "breaches",
    "draft", "drafts", "explain", "find_invoices", "get_document", "invoices_of_period", "issue",
    "issued_periods", "issued_until",
    "lines_fed_by", "list_invoices", "period_of",
]  # fmt: skip
