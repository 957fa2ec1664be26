"""The form of an estimate: the texts that stand in its fields, and the ask that they mean.

A field is named like the place that `read_ask` would name: lines.0.vcpus, lines.0.disks.1.size_gib.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dcx.estimates.errors import AskRefusedError
from dcx.estimates.rules.asks import (
    DAYS,
    Ask,
    AskedLine,
    ask_json,
    memory_text,
    minute_text,
    number_text,
)
from dcx.estimates.rules.reading import MOST_DISKS
from dcx.estimates.rules.typed import typed_gib, typed_number
from dcx.kit.money import decimal_text

MOST_SHOWN = 200
"""An ask of more lines is carried whole: nobody edits so many fields."""
WHOLE, HOURS, SCHEDULE = "whole", "hours", "schedule"
YES = "yes"
_LONGEST_PLACE = 6
_KIND, _DISKS, _DAYS, _RESOURCES = "kind", "disks", "schedule.days", "resources"
PLAIN_TEXTS: Mapping[str, str] = {
    "name": "", "count": "1", "vcpus": "2", "memory_gib": "4", "size_gib": "50", "tier": "",
    "os": "", "region": "", "flavor": "", "on": WHOLE, "hours": "", "schedule.from": "08:00",
    "schedule.to": "18:00", "backed_up": "", "backup.retention": "14", "backup.change": "5",
    "backup.ratio": "50", "backup.fulls": "1", "snapped": "", "snapshots.days": "3",
    "snapshots.change": "5",
}  # fmt: skip
_BLANK = dict.fromkeys(PLAIN_TEXTS, "")
WORKING_DAYS = ("mon", "tue", "wed", "thu", "fri")


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line as it is typed. `texts` has a text for every field, `disks` tier and size_gib."""

    kind: str
    texts: Mapping[str, str]
    disks: tuple[Mapping[str, str], ...] = ()
    days: tuple[str, ...] = WORKING_DAYS
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole form. `whole` is an ask too long for fields, as JSON; then there are no lines."""

    name: str
    price_book: str
    month: str
    lines: tuple[SheetLine, ...] = ()
    whole: str = ""


def sheet_of(ask: Ask) -> Sheet:
    """The form filled with an ask."""
    if len(ask.lines) > MOST_SHOWN:
        whole = json.dumps(ask_json(ask), ensure_ascii=False, separators=(",", ":"))
        return Sheet(ask.name, ask.price_book, ask.month, whole=whole)
    lines = tuple(_filled(line) for line in ask.lines)
    return Sheet(ask.name, ask.price_book, ask.month, lines)


def _filled(line: AskedLine) -> SheetLine:
    texts = {
        **PLAIN_TEXTS,
        "name": line.name, "count": str(line.count), "vcpus": str(line.vcpus), "tier": line.tier,
        "memory_gib": memory_text(line.memory_mib),
        "size_gib": number_text(line.size_e8),
        "os": line.os, "region": line.region, "flavor": line.flavor,
    }  # fmt: skip
    if line.hours_e8 is not None:
        texts |= {"on": HOURS, "hours": number_text(line.hours_e8)}
    days: tuple[str, ...] = WORKING_DAYS
    if line.schedule:
        begins, ends = line.schedule.from_minute, line.schedule.to_minute
        texts |= {"on": SCHEDULE, "schedule.from": minute_text(begins)}
        texts |= {"schedule.to": minute_text(ends)}
        days = tuple(DAYS[day] for day in line.schedule.days)
    disks = tuple({"tier": each.tier, "size_gib": str(each.size_gib)} for each in line.disks)
    return SheetLine(line.kind, texts | _policies(line), disks, days, line.resources)


def _policies(line: AskedLine) -> dict[str, str]:
    texts: dict[str, str] = {}
    if line.backup:
        texts |= {"backed_up": YES, "backup.retention": str(line.backup.retention)}
        texts |= {"backup.change": _percent(line.backup.change_e8)}
        texts |= {"backup.ratio": _percent(line.backup.ratio_e8)}
        texts |= {"backup.fulls": str(line.backup.fulls)}
    if line.snapshots:
        texts |= {"snapped": YES, "snapshots.days": str(line.snapshots.days)}
        texts |= {"snapshots.change": _percent(line.snapshots.change_e8)}
    return texts


def _percent(share_e8: int) -> str:
    return decimal_text(share_e8, 6, at_least=0)


@dataclass(slots=True)
class _Heap:
    """The fields of one line as they come."""

    texts: dict[str, str] = field(default_factory=dict)
    disks: dict[int, dict[str, str]] = field(default_factory=dict)
    days: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)

    def take(self, name: str, text: str) -> None:
        if name in PLAIN_TEXTS or name == _KIND:
            self.texts[name] = text
        elif name == _DAYS:
            self.days.append(text)
        elif name == _RESOURCES:
            self.resources.append(text)
        else:
            what, _, rest = name.partition(".")
            number, _, key = rest.partition(".")
            if what == _DISKS and is_place(number):
                self.disks.setdefault(int(number), {})[key] = text


def typed_sheet(pairs: Iterable[tuple[str, str]]) -> Sheet:
    """The form as it was sent: each field by its name, whatever order they come in. AskRefusedError
    for more lines or disks than a form of ours has.
    """
    head: dict[str, str] = {}
    heaps: defaultdict[str, _Heap] = defaultdict(_Heap)
    for name, text in pairs:
        what, _, rest = name.partition(".")
        number, _, key = rest.partition(".")
        if what == "lines" and key:
            heaps[number].take(key, text)
            _require_few(len(heaps), MOST_SHOWN, "lines")
            _require_few(len(heaps[number].disks), MOST_DISKS, "disks of a machine")
        else:
            head[name] = text
    places = sorted(filter(is_place, heaps), key=int)
    lines = tuple(_typed_line(heaps[number]) for number in places)
    name, book, month, whole = (
        head.get(key, "") for key in ("name", "price_book", "month", "whole")
    )
    return Sheet(name, book, month, lines, whole)


def _require_few(number: int, most: int, what: str) -> None:
    if number > most:
        raise AskRefusedError(
            {"lines": f"A form has at most {most} {what}. Upload a file of lines."}
        )


def _typed_line(heap: _Heap) -> SheetLine:
    disks = (heap.disks[number] for number in sorted(heap.disks))
    return SheetLine(
        kind=heap.texts.get(_KIND, ""),
        texts=_BLANK | heap.texts,
        disks=tuple({"tier": each.get("tier", ""), "size_gib": each.get("size_gib", "")}
                    for each in disks),
        days=tuple(heap.days),
        resources=tuple(heap.resources),
    )  # fmt: skip


def given_by(sheet: Sheet) -> tuple[dict[str, Any], dict[str, str]]:
    """(the body that the contract's POST /estimates would have, what is no number by its place)."""
    faults: dict[str, str] = {}
    head = {"name": sheet.name, "price_book": sheet.price_book, "month": sheet.month or None}
    if sheet.whole:
        return {**_unpacked(sheet.whole, faults), **head}, faults
    lines = [_given(line, f"lines.{place}.", faults) for place, line in enumerate(sheet.lines)]
    return {**head, "lines": lines}, faults


def _unpacked(whole: str, faults: dict[str, str]) -> dict[str, Any]:
    try:
        found = json.loads(whole)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    faults["lines"] = "The lines of this estimate cannot be read any more. Begin again."
    return {"lines": []}


def _given(line: SheetLine, place: str, faults: dict[str, str]) -> dict[str, Any]:
    reads = _Reads(line.texts, place, faults)
    found: dict[str, Any] = {"kind": line.kind, "name": line.texts["name"]}
    found |= reads.of({"count": typed_number})
    found |= _when(line, reads)
    found |= {key: line.texts[key] for key in ("region",) if line.texts[key].strip()}
    if line.resources:
        found["resources"] = list(line.resources)
    if line.kind == "vm":
        return found | _vm(line, reads, place, faults)
    if line.kind == "disk":
        found["tier"] = line.texts["tier"]
    if line.kind in {"disk", "backup"}:
        found |= reads.of({"size_gib": typed_gib})
    return found


def _vm(line: SheetLine, reads: "_Reads", place: str, faults: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {**reads.of({"vcpus": typed_number, "memory_gib": typed_gib})}
    found |= {key: line.texts[key] for key in ("os", "flavor") if line.texts[key].strip()}
    found["disks"] = [
        {"tier": disk["tier"], **_Reads(disk, f"{place}disks.{n}.", faults).of(_SIZE)}
        for n, disk in enumerate(line.disks)
    ]
    if line.texts["backed_up"]:
        found["backup"] = reads.of(_BACKUP, within="backup.")
    if line.texts["snapped"]:
        found["snapshots"] = reads.of(_SNAPSHOTS, within="snapshots.")
    return found


def _when(line: SheetLine, reads: "_Reads") -> dict[str, Any]:
    match line.texts["on"]:
        case "hours":
            return reads.of({"hours": typed_number})
        case "schedule":
            begins, ends = (_clock(line.texts[key]) for key in ("schedule.from", "schedule.to"))
            return {"schedule": {"days": list(line.days), "from": begins, "to": ends}}
        case _:
            return {}


@dataclass(frozen=True, slots=True)
class _Reads:
    """Reads numbers out of texts and notes what is none under its place."""

    texts: Mapping[str, str]
    place: str
    faults: dict[str, str]

    def of(self, fields: Mapping[str, Callable[[str], str]], within: str = "") -> dict[str, str]:
        found = {}
        for key, how in fields.items():
            text = self.texts[within + key]
            try:
                found[key] = text if is_place(text) and how is not _share else how(text)
            except ValueError as error:
                self.faults[self.place + within + key] = str(error)
        return found


def is_place(text: str) -> bool:
    """Can this be the number of a line or a disk?"""
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST_PLACE


def _clock(text: str) -> str:
    """8:00 as 08:00."""
    return text.strip().zfill(len("08:00"))


def _share(text: str) -> str:
    """5 or 5 % as 0.05."""
    number = typed_number(text.strip().removesuffix("%"))
    whole, _, part = number.partition(".")
    return decimal_text(int(whole + part), len(part) + 2, at_least=0)


_SIZE = {"size_gib": typed_gib}
_BACKUP = {"retention": typed_number, "change": _share, "ratio": _share, "fulls": typed_number}
_SNAPSHOTS = {"days": typed_number, "change": _share}
