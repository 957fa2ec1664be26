"""Rows become logs: a judge reads each row once and remembers what most rows repeat."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from operator import itemgetter
from typing import Any

from dcx.kit.periods import from_us
from dcx.metering.rules.cells import (
    Clock,
    Fault,
    extra_text,
    one_of,
    optional_text,
    required_text,
    sequence_number,
    whole_number,
)

VM_STATES = frozenset({"running", "stopped", "suspended", "deleted"})
DISK_STATES = frozenset({"attached", "detached", "deleted"})
MOST_VCPUS = 4_096
MOST_MEMORY_MIB = 2**26
MOST_SIZE_GIB = 2**20
STANDARD_TIER = "standard"

VM_FIELDS = (
    "resource",
    "customer",
    "state",
    "vcpus",
    "memory_mib",
    "name",
    "region",
    "flavor",
    "os",
    "extra",
)
DISK_FIELDS = (
    "resource",
    "customer",
    "state",
    "size_gib",
    "tier",
    "vm_id",
    "name",
    "region",
    "extra",
)
LOG_FIELDS = ("source_id", "batch_id", "event_id", "at_us", "offset_minutes", "seq")
_OWN = frozenset({"event_id", "at", "seq"})
_VM_COLUMNS = _OWN | {
    "vm_id",
    "customer",
    "state",
    "vcpus",
    "memory_mib",
    "name",
    "region",
    "flavor",
    "os",
}
_DISK_COLUMNS = _OWN | {
    "disk_id",
    "customer",
    "state",
    "size_gib",
    "tier",
    "vm_id",
    "name",
    "region",
}
HEAVY = 4 * 1024 * 1024
_ENTRY = 80
_is_plain = re.compile(r"[!-~]{1,200}").fullmatch

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class What:
    """Everything a row says but when: a VM or a disk, the values of its fields, is its customer
    known.
    """

    is_disk: bool
    fields: Row
    is_held: bool


class Judge:
    """Reads the rows of one batch. `read` raises Fault with the reason where a row is not a log.

    `weight` counts the characters it remembers, so that whoever keeps the rows can `forget`.
    """

    def __init__(
        self, source_id: int, batch_id: int, clock: Clock, customers: frozenset[str]
    ) -> None:
        self.customers = customers
        self.weight = 0
        self._ids = (source_id, batch_id)
        self._clock = clock
        self._columns: Sequence[str] = ()
        self._known: dict[Row, What] = {}

    def read(self, columns: Sequence[str], cells: Sequence[Any] | Fault) -> tuple[What, Row]:
        """What the row says, and its tuple: LOG_FIELDS, then VM_FIELDS or DISK_FIELDS."""
        if isinstance(cells, Fault):
            raise cells
        if columns is not self._columns:
            self._turn_to(columns)
        if len(cells) != len(columns):
            raise Fault(f"the row has {len(cells)} cells, the head has {len(columns)}")
        rest = self._rest(cells)
        try:
            what = self._known.get(rest)
        except TypeError:
            what = self._understand(rest)
        if what is None:
            what = self._learn(rest)
        event_id, at, seq = self._own(cells)
        if type(event_id) is not str or not _is_plain(event_id):
            event_id = required_text("event_id", event_id)
            self.weight += len(event_id)
        at_us, offset = self._clock.read(at)
        number = sequence_number(seq) if seq else 0
        return what, (*self._ids, event_id, at_us, offset, number, *what.fields)

    def forget(self) -> None:
        """Let go of what rows repeated, once it weighs too much."""
        if self.weight > HEAVY:
            self._known, self.weight = {}, 0

    def _turn_to(self, columns: Sequence[str]) -> None:
        """Rows with another head begin: find its columns once."""
        places = {name: place for place, name in enumerate(columns)}
        self._columns = columns
        self._names = [name for name in columns if name not in _OWN]
        self._rest = _picker([places[name] for name in self._names])
        self._own = _own_picker(places)
        self._known = {}

    def _learn(self, rest: Row) -> What:
        what = self._known[rest] = self._understand(rest)
        return what

    def _understand(self, rest: Row) -> What:
        cells = dict(zip(self._names, rest, strict=True))
        is_disk = _is_given(cells.get("disk_id"))
        fields = _disk_fields(cells) if is_disk else _vm_fields(cells)
        self.weight += _ENTRY + sum(len(field) for field in fields if isinstance(field, str))
        return What(is_disk, fields, fields[1] not in self.customers)


def misplaced(
    columns: Sequence[str], cells: Sequence[Any], *, kind: str, customer: str | None
) -> Fault | None:
    """Why a row does not belong to the door for this kind of log and, if any, this customer."""
    named = dict(zip(columns, cells, strict=False))
    is_disk, is_vm = _is_given(named.get("disk_id")), _is_given(named.get("vm_id"))
    if kind == "vm" and is_disk:
        return Fault("this is a disk's row: send it to disk-logs")
    if kind == "disk" and not is_disk:
        return Fault("this is a VM's row: send it to vm-logs" if is_vm else "disk_id is missing")
    if customer and str(named.get("customer", "")).strip() not in {customer, ""}:
        return Fault("this key may send logs of its own customer only")
    return None


def as_sent(kind: str, log: Mapping[str, Any]) -> dict[str, Any]:
    """A stored log as its collector would send it, its instant in its own offset."""
    at = from_us(log["at_us"]).astimezone(timezone(timedelta(minutes=log["offset_minutes"])))
    fields = VM_FIELDS[1:-1] if kind == "vm" else DISK_FIELDS[1:-1]
    sent = {"event_id": log["event_id"], f"{kind}_id": log["resource"], "at": at.isoformat()}
    sent |= {name: log[name] for name in fields if log[name] not in {None, ""}}
    if log["seq"]:
        sent["seq"] = log["seq"]
    return sent | (json.loads(log["extra"]) if log["extra"] else {})


def _is_given(cell: object) -> bool:
    return cell is not None and cell != ""


def _vm_fields(cells: dict[str, Any]) -> Row:
    return (
        required_text("vm_id", cells.get("vm_id")),
        required_text("customer", cells.get("customer")),
        one_of("state", cells.get("state"), VM_STATES),
        whole_number("vcpus", cells.get("vcpus"), MOST_VCPUS),
        whole_number("memory_mib", cells.get("memory_mib"), MOST_MEMORY_MIB),
        optional_text("name", cells.get("name")),
        optional_text("region", cells.get("region")),
        optional_text("flavor", cells.get("flavor")),
        optional_text("os", cells.get("os")),
        extra_text({name: cell for name, cell in cells.items() if name not in _VM_COLUMNS}),
    )


def _disk_fields(cells: dict[str, Any]) -> Row:
    return (
        required_text("disk_id", cells.get("disk_id")),
        required_text("customer", cells.get("customer")),
        one_of("state", cells.get("state"), DISK_STATES),
        whole_number("size_gib", cells.get("size_gib"), MOST_SIZE_GIB, unit=" GiB"),
        optional_text("tier", cells.get("tier")) or STANDARD_TIER,
        optional_text("vm_id", cells.get("vm_id")),
        optional_text("name", cells.get("name")),
        optional_text("region", cells.get("region")),
        extra_text({name: cell for name, cell in cells.items() if name not in _DISK_COLUMNS}),
    )


def _picker(places: list[int]) -> Callable[[Sequence[Any]], Row]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda cells: tuple(cells[place] for place in places)


def _own_picker(places: dict[str, int]) -> Callable[[Sequence[Any]], Row]:
    """(event_id, at, seq), None for what the head lacks."""
    if places.keys() >= _OWN:
        return itemgetter(places["event_id"], places["at"], places["seq"])
    event_id, at, seq = (places.get(name) for name in ("event_id", "at", "seq"))
    if event_id is not None and at is not None:
        return lambda cells: (cells[event_id], cells[at], None)
    return lambda cells: tuple(
        None if place is None else cells[place] for place in (event_id, at, seq)
    )
