"""Ingest: rows in, each stored, known already, in conflict or quarantined with its reason."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from dcx.kit.ids import fingerprint
from dcx.kit.periods import SECOND_US
from dcx.metering.bronze import COLUMNS, LogLoader
from dcx.metering.reader import Cells, Columns, Rows
from dcx.metering.repository import BronzeRepository
from dcx.metering.rules.cells import Clock, Fault
from dcx.metering.rules.logs import HEAVY, LOG_FIELDS, Judge, as_sent
from dcx.metering.rules.openstack import rows_of
from dcx.metering.service.sources import get_source

BATCH = 20_000
TOLERANCE_US = 300 * SECOND_US
LONGEST_RAW = 8_192
MOST_FAULTS = 100_000
_REFUSED_AT_ONCE = 1_000
_RESOURCE = len(LOG_FIELDS)
_KINDS = ("vm", "disk")
_NOTED_AT_ONCE = 200_000
_LINE_END = "\r\n"


@dataclass(slots=True)
class Receipt:
    """What became of the rows of one batch. `read` = stored + duplicates + conflicts + quarantined
    (+ ignored).
    """

    read: int = 0
    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    quarantined: int = 0
    held: int = 0
    ignored: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The numbers by name, as the command prints them."""
        names = ("read", "stored", "duplicates", "conflicts", "quarantined", "held", "ignored")
        return {name: getattr(self, name) for name in names}

    def add(self, other: "Receipt") -> None:
        for name, count in other.counts().items():
            setattr(self, name, getattr(self, name) + count)
        self.faults += other.faults


@dataclass(frozen=True, slots=True)
class Delivery:
    """Who sends: the source, a name for the batch, the customers known now, and when it is."""

    source: str
    name: str
    customers: frozenset[str]
    now_us: int
    assumed_offset: str | None = None


def ingest(
    bronze: Session, delivery: Delivery, rows: Rows, *, is_openstack: bool = False
) -> Receipt:
    """Store the rows of one batch in the open bronze transaction.

    Repeating it stores nothing twice. Bad rows are quarantined, their neighbours stored.
    Raises UnknownSourceError. The rows may be endless: memory stays flat.
    """
    intake = _Intake(bronze, delivery)
    take = intake.take_notification if is_openstack else intake.take
    for number, row in enumerate(rows, 1):
        take(number, *row)
        intake.receipt.read = number
    return intake.finish()


class _Intake:
    """One batch on its way into bronze."""

    def __init__(self, bronze: Session, delivery: Delivery) -> None:
        self._repository = BronzeRepository(bronze)
        self._source = get_source(bronze, delivery.source)
        self._now_us = delivery.now_us
        self.receipt = Receipt()
        self._batch = self._repository.open_batch(
            self._source.id, _storable(delivery.name), delivery.now_us
        )
        clock = Clock(delivery.now_us + TOLERANCE_US, delivery.assumed_offset)
        self._judge = Judge(self._source.id, self._batch.id, clock, delivery.customers)
        self._loaders = {kind: LogLoader(bronze, kind) for kind in _KINDS}
        self._waiting: dict[str, list[tuple[Any, ...]]] = {kind: [] for kind in _KINDS}
        self._numbers: dict[str, list[int]] = {kind: [] for kind in _KINDS}
        self._refused: list[dict[str, Any]] = []
        self._owned: dict[str, set[str]] = {kind: set() for kind in _KINDS}

    def take_notification(
        self, number: int, columns: Sequence[str], cells: Cells | Fault, raw: str
    ) -> None:
        """Take the logs that an OpenStack notification stands for; without any it is ignored."""
        if isinstance(cells, Fault):
            self.take(number, columns, cells, raw)
            return
        logs = rows_of(dict(zip(columns, cells, strict=True)))
        self.receipt.ignored += not logs
        for log in logs:
            self.take(number, tuple(log), list(log.values()), "")

    def take(self, number: int, columns: Sequence[str], cells: Cells | Fault, raw: str) -> None:
        try:
            what, row = self._judge.read(columns, cells)
        except Fault as fault:
            self._refuse(number, str(fault), *_as_it_came(columns, cells, raw))
            return
        kind = "disk" if what.is_disk else "vm"
        self.receipt.held += what.is_held
        waiting = self._waiting[kind]
        waiting.append(row)
        self._numbers[kind].append(number)
        if len(waiting) >= BATCH:
            self._store(kind)
        if self._judge.weight > HEAVY or number % _NOTED_AT_ONCE == 0:
            self._store_all()

    def finish(self) -> Receipt:
        self._store_all()
        self._keep_refused()
        for name, count in self.receipt.counts().items():
            setattr(self._batch, "rows" if name == "read" else name, count)
        self._repository.session.flush()
        return self.receipt

    def _store_all(self) -> None:
        for kind in _KINDS:
            self._store(kind)
            self._loaders[kind].note_pending()
            if self._judge.weight > HEAVY:
                self._owned[kind].clear()
        self._judge.forget()

    def _store(self, kind: str) -> None:
        rows = self._own_rows(kind)
        self._waiting[kind], self._numbers[kind] = [], []
        if not rows:
            return
        stored, conflicts = self._loaders[kind].store(rows)
        self.receipt.stored += stored
        self.receipt.conflicts += len(conflicts)
        self.receipt.duplicates += len(rows) - stored - len(conflicts)
        self._repository.keep_conflicts([self._conflict(kind, row) for row in conflicts])

    def _own_rows(self, kind: str) -> list[tuple[Any, ...]]:
        """The waiting rows but those of resources that belong to another source."""
        rows, owned = self._waiting[kind], self._owned[kind]
        unsure = {row[_RESOURCE] for row in rows} - owned
        if not unsure:
            return rows
        foreign = self._claim(kind, unsure)
        owned |= unsure - foreign
        if len(owned) > BATCH * 5:
            owned.clear()
        if not foreign:
            return rows
        for number, row in zip(self._numbers[kind], rows, strict=True):
            if row[_RESOURCE] in foreign:
                self._refuse_foreign(number, kind, row)
        return [row for row in rows if row[_RESOURCE] not in foreign]

    def _claim(self, kind: str, resources: set[str]) -> set[str]:
        owners = self._repository.owners(kind, resources)
        fresh = resources - owners.keys()
        if fresh:
            self._repository.claim(kind, fresh, self._source.id)
            owners |= self._repository.owners(kind, fresh)
        return {key for key in resources if owners[key] != self._source.id}

    def _refuse_foreign(self, number: int, kind: str, row: tuple[Any, ...]) -> None:
        cells = dict(zip(COLUMNS[kind], row, strict=True))
        self.receipt.held -= cells["customer"] not in self._judge.customers
        shown = as_sent(kind, cells)
        reason = f"{cells['resource']} belongs to another source, which reported it first"
        self._refuse(number, reason, cells["resource"], json.dumps(shown, ensure_ascii=False))

    def _refuse(self, number: int, reason: str, resource: str, raw: str) -> None:
        """Count a row that is no log and keep it for staff."""
        self.receipt.quarantined += 1
        self.receipt.faults.append((number, reason))
        del self.receipt.faults[MOST_FAULTS:]
        self._refused.append(
            {
                "source_id": self._source.id,
                "batch_id": self._batch.id,
                "row": number,
                "reason": reason[:500],
                "resource": _storable(resource)[:200],
                "raw": _storable(raw),
                "digest": fingerprint(raw),
                "received_us": self._now_us,
                "outcome": "waiting",
                "closed_us": None,
            }
        )
        if len(self._refused) >= _REFUSED_AT_ONCE:
            self._keep_refused()

    def _keep_refused(self) -> None:
        self._repository.quarantine(self._refused)
        self._refused = []

    def _conflict(self, kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
        content = json.dumps(as_sent(kind, row), ensure_ascii=False)
        return {
            "source_id": self._source.id,
            "batch_id": self._batch.id,
            "kind": kind,
            "event_id": row["event_id"],
            "digest": fingerprint(content),
            "content": content,
            "received_us": self._now_us,
            "closed_us": None,
        }


def _as_it_came(columns: Sequence[str], cells: Cells | Fault, raw: str) -> tuple[str, str]:
    """(resource, text) of a refused row: CSV with its head, and as JSON what was never text."""
    named = {} if isinstance(cells, Fault) else dict(zip(columns, cells, strict=False))
    resource = str(named.get("disk_id") or named.get("vm_id") or "")
    line = columns.line if isinstance(columns, Columns) else ""
    if line:
        return resource, f"{line}\n{raw.rstrip(_LINE_END)}"
    return resource, raw or json.dumps(named, ensure_ascii=False, default=str)


def _storable(text: str) -> str:
    """Text that every database can keep: cut, and what is not UTF-8 shown as escapes."""
    cut = text if len(text) <= LONGEST_RAW else text[:LONGEST_RAW] + " (cut)"
    return cut.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()
