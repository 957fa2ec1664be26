"""A row of a table that somebody sends, as a line of an ask in the contract's words."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from dcx.estimates.rules.reading import MOST_DISKS
from dcx.estimates.rules.tables import Dated
from dcx.estimates.rules.typed import typed_gib, typed_number

KINDS = {
    "vm": "vm", "virtual machine": "vm", "server": "vm", "machine": "vm", "instance": "vm",
    "disk": "disk", "volume": "disk", "drive": "disk",
    "ip": "ip", "public ip": "ip", "ip address": "ip", "floating ip": "ip",
    "backup": "backup", "backup space": "backup",
}  # fmt: skip
_SAYS = {"vm": "a VM", "disk": "a disk", "ip": "IP addresses", "backup": "backup space"}
_EVERY = {"kind", "name", "count", "hours", "region"}
FIELDS = {
    "vm": _EVERY | {"vcpus", "memory", "disks", "size", "tier", "os", "flavor"},
    "disk": _EVERY | {"size", "tier"},
    "ip": _EVERY,
    "backup": _EVERY | {"size"},
}
"""What each kind may say."""
FIELD_OF_KEY = {"memory_gib": "memory", "size_gib": "size"}
"""The field of a key of the contract, where it is called otherwise."""
LONGEST = 500
NOTHING = {"", "-", "–", "—", "n/a", "none"}
_TIMES = re.compile(r"(\d+)\s*[x×]\s*(.+)", re.ASCII)
_SIZE_FIRST = re.compile(
    r"([\d.,\s]*\d[.,]?\d*\s*(?:[mgtp](?:i?b)?(?![^\s]))?)\s*(.*)", re.ASCII | re.IGNORECASE
)
_TIER_FIRST = re.compile(r"([^\d:]+?)[:\s]\s*(\d.*)")
Faults = dict[str, str]


def line_of(cells: Mapping[str, str], units: Mapping[str, str]) -> tuple[dict[str, Any], Faults]:
    """A line and what is wrong with which field. `units` say in what a bare number of a field
    is.
    """
    filled = {field: text for field, text in cells.items() if text.casefold() not in NOTHING}
    faults = {field: "This is too long." for field in filled if len(filled[field]) > LONGEST}
    kind = _kind(filled["kind"]) if "kind" in filled else "" if "kind" in cells else "vm"
    if not kind:
        faults["kind"] = "Write what this is: vm, disk, ip or backup."
    if faults:
        return {}, faults
    faults = {
        field: f"Leave this empty for {_SAYS[kind]}."
        for field, text in filled.items()
        if field not in FIELDS[kind] and text != "0"
    }
    row = _Row({field: filled[field] for field in filled.keys() & FIELDS[kind]}, units, faults)
    return row.line(kind), faults


def _kind(text: str) -> str:
    """The kind that is meant, also by several: VMs; '' for none."""
    words = " ".join(text.casefold().replace("_", " ").split())
    tries = (words, words.removesuffix("s"), words.removesuffix("es"))
    return next((KINDS[each] for each in tries if each in KINDS), "")


class _Row:
    """The filled cells of a row; reading one notes its fault."""

    def __init__(self, cells: Mapping[str, str], units: Mapping[str, str], faults: Faults) -> None:
        self._cells, self._units, self._faults = cells, units, faults

    def line(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": kind}
        for field in ("name", "region", "os", "flavor"):
            found[field] = self._cells.get(field)
        for field in ("count", "hours", "vcpus"):
            found[field] = self._read(field, lambda text, _unit: typed_number(text))
        found["memory_gib"] = self._read("memory", _gib)
        if kind == "vm":
            found["disks"] = self._disks()
        else:
            found["size_gib"] = self._read("size", _gib)
            found["tier"] = self._cells.get("tier")
        return {key: value for key, value in found.items() if value is not None}

    def _disks(self) -> list[dict[str, str]]:
        """Of the column of disks, or of a single size."""
        field = "disks" if "disks" in self._cells else "size"
        if {"disks", "size"} <= self._cells.keys():
            self._faults["size"] = "Write all disks of a VM in one column, like 50 ssd; 100 hdd."
        tier = self._cells.get("tier", "")
        if tier and field not in self._cells:
            self._faults["tier"] = "A tier needs a size: write how large the disk is."
        return self._read(field, lambda text, unit: disks_of(text, unit, tier)) or []

    def _read(self, field: str, how: Callable[[str, str], Any]) -> Any:
        if field not in self._cells:
            return None
        try:
            return how(_undated(self._cells[field]), self._units.get(field, ""))
        except ValueError as error:
            self._faults[field] = str(error)
            return None


def _undated(text: str) -> str:
    if isinstance(text, Dated):
        raise ValueError(  # noqa: TRY004 - it is text, and the wrong one
            "The spreadsheet made a date of this. Format the cell as text and write it again."
        )
    return text


def disks_of(text: str, unit: str = "", tier: str = "") -> list[dict[str, str]]:
    """50 ssd; 2 x 100 GB hdd: the disks of a VM. Those without a tier have `tier`. ValueError says
    which cannot be read.
    """
    parts = [part.strip() for part in re.split(r"[;+\n|]", text)]
    return [disk for part in parts if part for disk in _disk(part, unit, tier)]


def _disk(part: str, unit: str, tier: str) -> list[dict[str, str]]:
    repeated = _TIMES.fullmatch(part)
    times, one = (int(repeated[1]), repeated[2]) if repeated else (1, part)
    swapped = _TIER_FIRST.fullmatch(one)
    found = _SIZE_FIRST.fullmatch(f"{swapped[2]} {swapped[1]}" if swapped else one)
    if not found or not 0 < times <= MOST_DISKS:
        raise ValueError(f"Write disks like 50 ssd; 100 hdd: {part!r} is none.")
    disk = {"size_gib": _gib(found[1].strip(), unit)}
    named = found[2].strip() or tier
    return [{**disk, "tier": named} if named else disk] * times


def _gib(text: str, unit: str) -> str:
    """A size; a bare number is in the unit that the column's head names."""
    return typed_gib(f"{text} {unit}" if unit and not text[-1:].isalpha() else text)
