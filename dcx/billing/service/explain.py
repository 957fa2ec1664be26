"""How a line came about: the segments that it prices, whose parts sum to its quantity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from dcx.billing.errors import UnknownInvoiceError
from dcx.billing.rules import BillLine, Piece, pieces_of
from dcx.billing.service.drafts import Draft
from dcx.billing.service.invoices import frozen_segments
from dcx.kit.periods import Period
from dcx.metering import service as metering
from dcx.pricing import service as pricing
from dcx.pricing.service import METERS, Usage

SIZES = {
    "vm.vcpu_hours": "vcpus",
    "vm.memory_gib_hours": "memory_mib",
    "disk.gib_hours": "size_gib",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A line of a document and the segments behind it, in order of time."""

    position: int
    line: BillLine
    period: Period
    pieces: Sequence[Piece]

    @property
    def micros(self) -> int:
        """What the pieces sum to, in millionths of the unit: the line's quantity."""
        return sum(piece.micros for piece in self.pieces)

    @property
    def held_us(self) -> int:
        return sum(piece.ends_us - piece.starts_us for piece in self.pieces)

    def piece_from(self, starts_us: int | None) -> Piece | None:
        return next((piece for piece in self.pieces if piece.starts_us == starts_us), None)


def explain(
    session: Session, number: str, position: int, customers: Sequence[str] | None
) -> Explanation:
    """A line of an invoice, by the segments as they were when it was issued."""
    invoice, line, segments = frozen_segments(session, number, position, customers)
    period = Period(invoice.starts_us, invoice.ends_us)
    return _explained(session, position, line, period, segments, invoice.currency)


def explain_draft(session: Session, draft: Draft, position: int) -> Explanation:
    """A line of a draft, by the segments as they are now."""
    if not 0 < position <= len(draft.lines):
        raise UnknownInvoiceError(f"This draft has no line {position}.")
    line = draft.lines[position - 1]
    segments: Sequence[Any] = ()
    if line.resource and not line.adjusts:
        segments = metering.segments(
            session,
            draft.period,
            customer=draft.customer.key,
            kind=line.kind,
            resource=line.resource,
        )
    used = [segment for segment in segments if segment.is_used]
    return _explained(session, position, line, draft.period, used, draft.currency)


def _explained(
    session: Session,
    position: int,
    line: BillLine,
    period: Period,
    segments: Iterable[Any],
    currency: str,
) -> Explanation:
    """Keep of the segments what this line prices: its version's time and its rule's usage."""
    spans: list[tuple[int, int, int]] = []
    for book, part in pricing.versions_in(session, line.book, period, currency=currency):
        if book is None or book.number != line.version:
            continue
        for segment in segments:
            found = book.price_of(_usage(segment, line.meter))
            starts = max(segment.starts_us, part.starts_us)
            ends = min(segment.ends_us, part.ends_us)
            if found and found[0] == line.rule and starts < ends:
                spans.append((starts, ends, _size(segment, line.meter)))
    return Explanation(position, line, period, pieces_of(spans, METERS[line.meter].divisor))


def _size(segment: Any, meter: str) -> int:
    return int(getattr(segment, SIZES[meter])) if meter in SIZES else 1


def _usage(segment: Any, meter: str) -> Usage:
    return Usage(
        customer="",
        kind=segment.kind,
        resource=segment.resource,
        meter=meter,
        tier=segment.tier,
        region=segment.region,
        flavor=segment.flavor,
        os=segment.os,
        quantity=0,
    )
