"""What was booked, found by what caused it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.wallet.repository import LedgerRepository
from dcx.wallet.rules import Leg


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking and its entries."""

    source: str
    kind: str
    words: str
    booked_by: str
    booked_us: int
    legs: tuple[Leg, ...]


def find_booking(session: Session, source: str) -> Booked | None:
    """What a source caused; None where it was never booked."""
    booking, rows = LedgerRepository(session).legs_of(source)
    if booking is None:
        return None
    legs = tuple(Leg(*row) for row in rows)
    return Booked(
        source, booking.kind, booking.words, booking.booked_by, booking.booked_us, legs
    )  # fmt: skip


def came_in(session: Session, start: str) -> dict[str, int]:
    """Cents that came in from outside by every source that begins so; below zero what went out."""
    return LedgerRepository(session).came_in(start)
