"""An issued invoice as it stands on paper: every value a finished text, in the order of reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dcx.billing.models import Invoice
from dcx.billing.rules import BillLine, Group, groups_of
from dcx.billing.service.drafts import Supplier
from dcx.billing.service.invoices import Document
from dcx.kit.words import lines_of
from dcx.pricing.service import METERS, quantity_micros
from dcx.web.looks import Looks

MOST_LINES = 300
"""With more lines than that, each resource is one row."""
NOT_GIVEN = "not given"


@dataclass(frozen=True, slots=True)
class Party:
    """Who supplies, or who is supplied."""

    name: str
    lines: Sequence[str]
    vat_number: str


@dataclass(frozen=True, slots=True)
class Block:
    """A resource with its lines, or a heading with a row for each resource."""

    words: str
    amount: str
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Paper:
    """A tax invoice. Source of its fields: VAT Act 89 of 1991, s20(4)."""

    title: str
    number: str
    supplier: Party
    customer: Party
    facts: Sequence[tuple[str, str]]
    columns: Sequence[str]
    groups: Sequence[Block]
    note: str
    sums: Sequence[tuple[str, str]]
    total: tuple[str, str]
    bank: Sequence[str]
    foot: str


def paper_of(document: Document, looks: Looks, present: Supplier) -> Paper:
    """The paper of an issued invoice. It is a tax invoice where the supplier has a VAT number.

    `present` is the supplier of today, whose bank account is paid into: early invoices do not say
    who theirs was.
    """
    invoice, lines = document.invoice, document.lines
    is_long, supplier = len(lines) > MOST_LINES, _supplier(invoice) or present
    return Paper(
        title="Tax invoice" if supplier.vat_number else "Invoice",
        number=invoice.number,
        supplier=_party(supplier.name, supplier.address, supplier.vat_number),
        customer=_party(
            invoice.customer_name, invoice.customer_address, invoice.customer_vat_number
        ),
        facts=_facts(invoice, looks),
        columns=_columns(invoice.currency, is_long=is_long),
        groups=list(_summed(lines, looks) if is_long else _blocks(lines, looks)),
        note=(
            f"This invoice has {looks.number(len(lines))} lines. Each row here sums those of one"
            " resource; the page of the invoice and its CSV have them all."
            if is_long
            else ""
        ),
        sums=_sums(document, looks),
        total=(f"Total with VAT ({invoice.currency})", looks.money(invoice.total_cents)),
        bank=_bank(invoice, present),
        foot="Each line is rounded half up to the cent, once; VAT once per rate.",
    )


def _supplier(invoice: Invoice) -> Supplier | None:
    if not invoice.supplier_name:
        return None
    return Supplier(invoice.supplier_name, invoice.supplier_address, invoice.supplier_vat_number)


def _bank(invoice: Invoice, present: Supplier) -> list[str]:
    """Where an EFT goes; nothing where nothing is to be paid, or nobody said where."""
    lines = lines_of(present.bank)
    return [*lines, f"Reference {invoice.number}"] if lines and invoice.total_cents > 0 else []


def _party(name: str, address: str, vat_number: str) -> Party:
    return Party(
        name or NOT_GIVEN, lines_of(address) or [f"Address: {NOT_GIVEN}"], vat_number or NOT_GIVEN
    )


def _facts(invoice: Invoice, looks: Looks) -> list[tuple[str, str]]:
    return [
        ("Issued", looks.long_day(invoice.issued_us)),
        ("Period", looks.month(invoice.period)),
        ("Begins", looks.long_day(invoice.starts_us)),
        ("Ends", looks.long_day(invoice.ends_us - 1)),
        ("Customer", invoice.customer),
    ]


def _columns(currency: str, *, is_long: bool) -> list[str]:
    amount = f"Amount without VAT ({currency})"
    if is_long:
        return ["Resource", "Quantities", amount]
    return ["Description", "Quantity", "Unit", "Unit price", amount]


def _blocks(lines: Sequence[BillLine], looks: Looks) -> Iterable[Block]:
    for group in groups_of(lines):
        rows = [_row(line, looks) for _, line in group.members]
        yield Block(_heading(group, looks), looks.amount(group.cents), rows)


def _summed(lines: Sequence[BillLine], looks: Looks) -> Iterable[Block]:
    groups = groups_of(lines)
    rows = [
        (
            _heading(group, looks),
            "; ".join(_quantity(line, looks) for _, line in group.members),
            looks.amount(group.cents),
        )
        for group in groups
    ]
    cents = sum(group.cents for group in groups)
    yield Block(looks.counted(len(groups), "resource"), looks.amount(cents), rows)


def _heading(group: Group, looks: Looks) -> str:
    known_as = f"{group.words} ({group.resource})" if group.name else group.words
    if group.adjusts:
        return f"{known_as}, adjustment of {looks.month(group.adjusts)}"
    return known_as


def _row(line: BillLine, looks: Looks) -> list[str]:
    return [
        _what(line),
        looks.micros(quantity_micros(line.quantity, line.meter)),
        _unit(line),
        looks.unit_price(line.unit_price_e8),
        looks.amount(line.amount_cents),
    ]


def _what(line: BillLine) -> str:
    """Disk, tier ssd, step 2."""
    parts = [METERS[line.meter].words, *(f"{key} {value}" for key, value in line.where)]
    return ", ".join([*parts, f"step {line.step}"] if line.step else parts)


def _unit(line: BillLine) -> str:
    unit = METERS[line.meter].unit
    return f"{unit} ÷ {line.month_hours} h" if line.month_hours else unit


def _quantity(line: BillLine, looks: Looks) -> str:
    micros = quantity_micros(line.quantity, line.meter)
    return f"{_what(line)} {looks.micros(micros)} {METERS[line.meter].unit}"


def _sums(document: Document, looks: Looks) -> list[tuple[str, str]]:
    vats = [
        (
            f"VAT {looks.rate(vat.rate_e8)} % of {looks.money(vat.net_cents)}",
            looks.money(vat.vat_cents),
        )
        for vat in document.vats
    ]
    return [("Total without VAT", looks.money(document.invoice.net_cents)), *vats]
