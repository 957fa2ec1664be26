"""What was refused: quarantined rows and conflicts, shown, replayed or dismissed by staff."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from sqlalchemy.orm import Session

from dcx.kit.ids import fingerprint
from dcx.metering.reader import BrokenError, read_rows
from dcx.metering.repository import BronzeRepository
from dcx.metering.service.ingest import Delivery, Receipt, ingest
from dcx.repository.pages import Page, page_of


def waiting_counts(bronze: Session) -> tuple[int, int, int]:
    """(quarantined rows, conflicts, pending stretches) that wait."""
    return BronzeRepository(bronze).waiting_counts()


def waiting_reasons(bronze: Session) -> Sequence[Any]:
    """(source, reason, count) of what waits in quarantine, most first."""
    return BronzeRepository(bronze).waiting_reasons()


def quarantined(
    bronze: Session, *, source: str | None, reason: str | None, after: int | None, limit: int = 20
) -> Page[Any]:
    """Waiting rows, newest first: (row, source, batch)."""
    rows = BronzeRepository(bronze).quarantined(
        source=source, reason=reason, after=after, limit=limit + 1
    )
    return page_of(rows, limit, lambda row: row[0].id)


def conflicts(bronze: Session, *, after: int | None, limit: int = 20) -> Page[Any]:
    """Open conflicts, newest first: (conflict, source)."""
    rows = BronzeRepository(bronze).conflicts(after=after, limit=limit + 1)
    return page_of(rows, limit, lambda row: row[0].id)


def dismiss(bronze: Session, ids: Sequence[int], *, now_us: int) -> int:
    """Close rows that need nothing more; they stay on record. How many were."""
    return BronzeRepository(bronze).close_quarantined(ids, "dismissed", now_us)


def close_conflicts(bronze: Session, ids: Sequence[int], *, now_us: int) -> int:
    """Accept that the first content stands. How many were."""
    return BronzeRepository(bronze).close_conflicts(ids, now_us)


def replay(
    bronze: Session,
    ids: Sequence[int],
    *,
    customers: frozenset[str],
    now_us: int,
    assumed_offset: str | None = None,
) -> tuple[int, int]:
    """Judge waiting rows once more: (taken, still refused).

    `assumed_offset` like "+02:00" is given to times without one. Repeating it is safe.
    """
    repository = BronzeRepository(bronze)
    taken = refused = 0
    for row, source in repository.quarantined_rows(ids):
        delivery = Delivery(source, f"replay of row {row.row}", customers, now_us, assumed_offset)
        receipt = _again(bronze, delivery, row)
        if receipt is None or receipt.quarantined:
            refused += 1
            continue
        repository.close_quarantined([row.id], "replayed", now_us)
        taken += 1
    return taken, refused


def _again(bronze: Session, delivery: Delivery, row: Any) -> Receipt | None:
    """Ingest one refused row; None where its text was too long or too odd to be kept whole."""
    if fingerprint(row.raw) != row.digest:
        return None
    text, form = (f"[{row.raw}]", "json") if row.raw[:1] == "{" else (row.raw, "csv")
    try:
        return ingest(bronze, delivery, read_rows(BytesIO(text.encode()), form))
    except BrokenError:
        return None
