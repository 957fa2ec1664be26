"""Tables of billing: invoices, their lines, the segments they billed, and VAT. All frozen."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dcx.repository.base import Key, Row
from dcx.repository.session import Model


class Counter(Row, Model):
    """The last number given in a series; moved in the transaction that uses it, so without gaps."""

    __tablename__ = "counter"

    series: Mapped[Key] = mapped_column(unique=True)
    last: Mapped[int]


class Invoice(Row, Model):
    """An issued invoice: who, when, how much, and the hash of the whole document."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("customer", "period"),
        CheckConstraint("net_cents + vat_cents = total_cents", name="adds_up"),
        Index(None, "period", "id"),
    )

    number: Mapped[Key] = mapped_column(unique=True)
    serial: Mapped[int] = mapped_column(unique=True)
    customer: Mapped[Key]
    customer_name: Mapped[str]
    customer_email: Mapped[str]
    customer_vat_number: Mapped[str]
    customer_address: Mapped[str] = mapped_column(server_default="")
    supplier_address: Mapped[str] = mapped_column(server_default="")
    supplier_vat_number: Mapped[str] = mapped_column(server_default="")
    supplier_name: Mapped[str] = mapped_column(server_default="")
    period: Mapped[Key]
    starts_us: Mapped[int]
    ends_us: Mapped[int]
    currency: Mapped[str]
    price_book: Mapped[Key]
    net_cents: Mapped[int]
    vat_rate_e8: Mapped[int]
    vat_cents: Mapped[int]
    total_cents: Mapped[int]
    issued_us: Mapped[int]
    digest: Mapped[str]


class InvoiceLine(Row, Model):
    """One amount. `quantity` is exact, as text: it may pass 64 bits."""

    __tablename__ = "invoice_line"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        Index(None, "kind", "resource"),
    )

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    position: Mapped[int]
    adjusts: Mapped[str]
    kind: Mapped[str]
    resource: Mapped[Key]
    resource_name: Mapped[str]
    meter: Mapped[str]
    quantity: Mapped[str]
    unit_price_e8: Mapped[int]
    month_hours: Mapped[int]
    book: Mapped[str]
    version: Mapped[int]
    rule: Mapped[int]
    step: Mapped[int]
    conditions: Mapped[str] = mapped_column(Text)
    amount_cents: Mapped[int]


class InvoiceSegment(Row, Model):
    """A usage segment as it was when it was billed: what was known then."""

    __tablename__ = "invoice_segment"
    __table_args__ = (Index(None, "invoice_id", "kind", "resource"),)

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    kind: Mapped[str]
    resource: Mapped[Key]
    starts_us: Mapped[int]
    ends_us: Mapped[int]
    state: Mapped[str]
    vcpus: Mapped[int]
    memory_mib: Mapped[int]
    size_gib: Mapped[int]
    tier: Mapped[str]
    region: Mapped[str]
    flavor: Mapped[str]
    os: Mapped[str]


class InvoiceVat(Row, Model):
    """VAT of one rate on a document: half-up(net x rate), once."""

    __tablename__ = "invoice_vat"
    __table_args__ = (UniqueConstraint("invoice_id", "rate_e8"),)

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    rate_e8: Mapped[int]
    net_cents: Mapped[int]
    vat_cents: Mapped[int]


class Document(Row, Model):
    """An invoice as a PDF: made once, the same bytes ever after."""

    __tablename__ = "document"

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), unique=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str]
    made_us: Mapped[int]
