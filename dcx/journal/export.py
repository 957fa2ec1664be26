"""The audit as programs read it: CSV rows."""

from collections.abc import Iterable, Iterator

from dcx.journal.service import Entry
from dcx.kit.periods import instant_text

CSV_HEAD = (
    "number", "at", "who", "as_customer", "address", "action", "subject", "customer", "before",
    "after", "digest",
)  # fmt: skip


def csv_rows(entries: Iterable[Entry]) -> Iterator[tuple[object, ...]]:
    """Entries under CSV_HEAD; `before` and `after` are JSON texts, empty where there is none."""
    for entry in entries:
        values = (getattr(entry, name) for name in CSV_HEAD[2:])
        yield (entry.number, instant_text(entry.at_us), *values)
