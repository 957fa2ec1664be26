"""What a booking moved, for rooms that undo a part of it."""

from sqlalchemy.orm import Session

from dcx.wallet.repository import LedgerRepository


def moved(session: Session, source: str) -> dict[str, int]:
    """Cents by kind of account (wallet, receivable, held, ...) that the booking of a source moved;
    {} where there is none.
    """
    _, rows = LedgerRepository(session).legs_of(source)
    found: dict[str, int] = {}
    for kind, cents, _, _ in rows:
        found[kind] = found.get(kind, 0) + int(cents)
    return found
