"""Rows of the tables of metering that are at hand as a whole, and what each may be sorted by."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.kit.sorting import Columns
from dcx.metering.repository import BronzeRepository
from dcx.metering.service.explain import held_customers
from dcx.metering.service.usage import usage_since


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source: when it last sent anything (0: never), and what it sent since an instant."""

    name: str
    mode: str
    max_gap_us: int
    is_pulled: bool
    last_us: int
    stored: int
    refused: int


SOURCE_COLUMNS: Columns[SourceRow] = {
    "name": lambda row: row.name,
    "mode": lambda row: row.mode,
    "last": lambda row: row.last_us,
    "stored": lambda row: row.stored,
    "refused": lambda row: row.refused,
}


def source_rows(bronze: Session, *, since_us: int) -> list[SourceRow]:
    """Every source, with what it sent since then."""
    repository = BronzeRepository(bronze)
    seen = repository.seen(since_us)
    return [
        SourceRow(row.name, row.mode, row.max_gap_us, bool(row.url), *seen.get(row.id, (0, 0, 0)))
        for row in repository.sources()
    ]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A key that logs name and no customer has: since when it used something (0: nothing yet), and
    how much of each meter.
    """

    key: str
    resources: int
    since_us: int
    used: dict[str, int]


HELD_COLUMNS: Columns[HeldRow] = {
    "key": lambda row: row.key,
    "resources": lambda row: row.resources,
    "since": lambda row: row.since_us,
}


def held_rows(main: Session, known: frozenset[str]) -> list[HeldRow]:
    """Every key that waits for its customer; one statement more where there are any."""
    counts = held_customers(main, known)
    used = usage_since(main, sorted(counts)) if counts else {}
    return [HeldRow(key, count, *used.get(key, (0, {}))) for key, count in counts.items()]
