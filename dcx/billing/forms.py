"""What programs ask of invoices and get."""

from typing import Any

from apiflask import Schema
from apiflask.fields import DateTime, Integer, List, Nested, String
from apiflask.validators import Range

MOST_INVOICES = 200


class InvoicesQuery(Schema):
    """Which invoices."""

    customer = String(metadata={"description": "A customer's key; without, all customers."})
    after = String(metadata={"description": "`next` of the page before: older invoices follow."})
    limit = Integer(load_default=50, validate=Range(min=1, max=MOST_INVOICES))


class InvoiceHead(Schema):
    """An invoice without its lines. Amounts are decimals with a point."""

    number = String(required=True)
    customer = String(required=True)
    period = String(required=True, metadata={"description": "The calendar month, as 2026-07."})
    currency = String(required=True)
    net = String(required=True)
    vat_rate = String(required=True)
    vat = String(required=True)
    total = String(required=True)
    issued_at = DateTime(required=True)
    state = String(required=True, metadata={"enum": ["open", "part_paid", "paid", "written_off"]})
    owed = String(required=True, metadata={"description": "Below zero: owed to the customer."})


class InvoicesAnswer(Schema):
    """Newest first."""

    invoices = List(Nested(InvoiceHead), required=True)
    next = String(required=True, allow_none=True)


class BookAnswer(Schema):
    """The price of a line."""

    name = String(required=True)
    version = Integer(required=True)
    rule = Integer(required=True)


class LineAnswer(Schema):
    """One amount: quantity with 6 decimals, unit price with 8."""

    id = Integer(required=True)
    resource = String(required=True)
    meter = String(required=True)
    quantity = String(required=True)
    unit = String(required=True)
    unit_price = String(required=True)
    amount = String(required=True)
    price_book = Nested(BookAnswer, required=True)
    where: Any = Nested(
        Schema.from_dict({name: String() for name in ("tier", "region", "flavor", "os")})
    )
    per_month_of_hours = String()
    step = Integer()
    adjusts = String(metadata={"description": "The old month that it corrects."})


class InvoiceAnswer(InvoiceHead):
    """An invoice with its lines, in the shape of a draft."""

    status = String(required=True)
    lines = List(Nested(LineAnswer), required=True)
    unpriced = List(String(), required=True, metadata={"description": "Always empty."})


class PieceAnswer(Schema):
    """A segment behind a line; `size` in vCPU, MiB or GiB, 1 where only time counts."""

    start = DateTime(data_key="from", required=True)
    end = DateTime(data_key="to", required=True)
    size = Integer(required=True)
    quantity = String(required=True)


class ExplanationAnswer(LineAnswer):
    """A line and the segments whose parts sum to its quantity."""

    segments = List(Nested(PieceAnswer), required=True)
