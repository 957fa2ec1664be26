"""What can be done with drafts and invoices."""

from dcx.billing.models import Invoice
from dcx.billing.rules import (
    GROUP_COLUMNS,
    BillLine,
    Group,
    Piece,
    Sums,
    Vat,
    groups_of,
    page_of_groups,
    summed,
)
from dcx.billing.service.check import breaches
from dcx.billing.service.drafts import Desk, Draft, Supplier, draft, drafts, period_of
from dcx.billing.service.explain import Explanation, explain, explain_draft
from dcx.billing.service.invoices import (
    INVOICE_COLUMNS,
    Document,
    Fed,
    Listed,
    find_document,
    find_invoices,
    get_document,
    invoices_of_period,
    issued_periods,
    issued_until,
    lines_fed_by,
    list_invoices,
)
from dcx.billing.service.issue import Issued, issue
from dcx.billing.service.months import MonthPart, Readiness, month_to_issue, parts, readiness
from dcx.billing.service.papers import Block, Paper, Party, paper_of
from dcx.billing.service.pdfs import find_pdf, keep_pdf, waiting_for_pdf
from dcx.billing.service.remembered import remembered_drafts, state_of
from dcx.billing.service.standing import Standing, every_standing, newest_invoices, standings
from dcx.billing.service.unbilled import Used, costs_by_day, unbilled, used_within

__all__ = [
    "GROUP_COLUMNS", "INVOICE_COLUMNS", "BillLine", "Block", "Desk", "Document", "Draft",
    "Explanation", "Fed", "Group", "Invoice", "Issued", "Listed", "MonthPart", "Paper", "Party",
    "Piece", "Readiness", "Standing", "Sums", "Supplier", "Used", "Vat", "breaches", "costs_by_day",
    "draft", "drafts", "every_standing", "explain", "explain_draft", "find_document",
    "find_invoices", "find_pdf", "get_document", "groups_of", "invoices_of_period", "issue",
    "issued_periods", "issued_until", "keep_pdf", "lines_fed_by", "list_invoices", "month_to_issue",
    "newest_invoices", "page_of_groups", "paper_of", "parts", "period_of", "readiness",
    "remembered_drafts", "standings", "state_of", "summed", "unbilled", "used_within",
    "waiting_for_pdf",
]  # fmt: skip
