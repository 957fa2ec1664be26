"""What was refused: quarantined rows and conflicts, shown, replayed or dismissed by staff."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from sqlalchemy.orm import Session

from dcx.kit.ids import fingerprint
from dcx.kit.sorting import Ask, Page, Sort
from dcx.metering.bronze import COLUMNS
from dcx.metering.reader import BrokenError, read_rows
from dcx.metering.repository import CONFLICT_COLUMNS, QUARANTINE_COLUMNS, BronzeRepository, chunks
from dcx.metering.rules.logs import as_sent
from dcx.metering.service.ingest import Delivery, Receipt, ingest

NEWEST = Ask(Sort("received", down=True))
__all__ = [
    "CONFLICT_COLUMNS", "QUARANTINE_COLUMNS", "Clash", "Fact", "close_conflicts", "conflicts",
    "dismiss", "every_conflict", "every_quarantined", "quarantined", "replay", "waiting_counts",
    "waiting_reasons",
]  # fmt: skip


def waiting_counts(bronze: Session) -> tuple[int, int, int]:
    """(quarantined rows, conflicts, pending stretches) that wait."""
    return BronzeRepository(bronze).waiting_counts()


def waiting_reasons(bronze: Session) -> Sequence[Any]:
    """(source, reason, count) of what waits in quarantine, most first."""
    return BronzeRepository(bronze).waiting_reasons()


def quarantined(
    bronze: Session, *, source: str | None = None, reason: str | None = None, ask: Ask = NEWEST
) -> Page[Any]:
    """Waiting rows, newest first unless asked otherwise: (row, source, batch)."""
    return BronzeRepository(bronze).quarantined(source=source, reason=reason, ask=ask)


def every_quarantined(
    bronze: Session, *, source: str | None, reason: str | None, ask: Ask
) -> Iterator[Any]:
    """All rows that a filter shows, streamed."""
    return BronzeRepository(bronze).every_quarantined(source=source, reason=reason, ask=ask)


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of a log: as it stands, and as it was refused; '' where it was not said."""

    name: str
    standing: str
    refused: str

    @property
    def differs(self) -> bool:
        return self.standing != self.refused


@dataclass(frozen=True, slots=True)
class Clash:
    """A log whose event id was taken by one with other content, beside the one that stands."""

    id: int
    source: str
    kind: str
    event_id: str
    received_us: int
    facts: Sequence[Fact]

    @property
    def differing(self) -> list[str]:
        return [fact.name for fact in self.facts if fact.differs]

    @property
    def standing(self) -> dict[str, str]:
        """What the log that stands says."""
        return {fact.name: fact.standing for fact in self.facts if fact.standing}

    @property
    def refused(self) -> dict[str, str]:
        """What the refused one said."""
        return {fact.name: fact.refused for fact in self.facts if fact.refused}


def conflicts(bronze: Session, *, ask: Ask = NEWEST) -> Page[Clash]:
    """Open conflicts, newest first unless asked otherwise. The log that stands costs one statement
    for each kind.
    """
    repository = BronzeRepository(bronze)
    page = repository.conflicts(ask)
    return replace(page, rows=_clashes(repository, page.rows))


def every_conflict(bronze: Session, ask: Ask) -> Iterator[Clash]:
    """All open conflicts, streamed."""
    repository = BronzeRepository(bronze)
    for rows in chunks(repository.every_conflict(ask)):
        yield from _clashes(repository, rows)


def _clashes(repository: BronzeRepository, rows: Sequence[Any]) -> list[Clash]:
    standing: dict[tuple[str, int, str], dict[str, Any]] = {}
    for kind in COLUMNS:
        keys = [(row.source_id, row.event_id) for row, _ in rows if row.kind == kind]
        for log in repository.logs_of(kind, keys):
            cells = {name: getattr(log, name) for name in COLUMNS[kind]}
            standing[kind, log.source_id, log.event_id] = as_sent(kind, cells)
    return [
        Clash(
            row.id,
            source,
            row.kind,
            row.event_id,
            row.received_us,
            _facts(standing.get((row.kind, row.source_id, row.event_id), {}), row.content),
        )
        for row, source in rows
    ]


def _facts(standing: Mapping[str, Any], content: str) -> list[Fact]:
    refused = json.loads(content)
    return [
        Fact(name, str(standing.get(name, "")), str(refused.get(name, "")))
        for name in {**standing, **refused}
        if name != "event_id"
    ]


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
