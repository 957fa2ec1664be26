"""What a booking moved and what is held for something, for rooms that undo a part of it."""

from sqlalchemy.orm import Session

from dcx.wallet.repository import HoldRepository, LedgerRepository
from dcx.wallet.service.holds import HeldMoney


def moved(session: Session, source: str) -> dict[str, int]:
    """Cents by kind of account (wallet, receivable, held, ...) that the booking of a source moved;
    {} where there is none.
    """
    _, rows = LedgerRepository(session).legs_of(source)
    found: dict[str, int] = {}
    for kind, cents, _, _ in rows:
        found[kind] = found.get(kind, 0) + int(cents)
    return found


def hold_for(session: Session, source: str) -> HeldMoney | None:
    """The hold that was made for a source, whatever became of it."""
    repository = HoldRepository(session)
    key = repository.of_source(source)
    row = repository.find(key) if key else None
    if row is None:
        return None
    return HeldMoney(row.key, row.amount_cents, row.words, row.created_us)
