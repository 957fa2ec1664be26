"""What the buttons of an estimate's form do to its lines: add, copy, remove."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from dcx.estimates.rules.asks import KINDS
from dcx.estimates.rules.reading import MOST_DISKS
from dcx.estimates.rules.sheets import MOST_SHOWN, PLAIN_TEXTS, YES, Sheet, SheetLine, is_place

T = TypeVar("T")


def new_line(kind: str, tier: str) -> SheetLine:
    """A line to begin with. A machine has backups and snapshots: to have none must be chosen."""
    texts = {**PLAIN_TEXTS, "tier": tier}
    if kind != "vm":
        return SheetLine(kind, texts)
    return SheetLine(kind, {**texts, "backed_up": YES, "snapped": YES}, (_new_disk(tier),))


def _new_disk(tier: str) -> Mapping[str, str]:
    return {"tier": tier, "size_gib": "50"}


def changed(sheet: Sheet, deed: str, tier: str) -> tuple[Sheet, str]:
    """(the form after what a button says, the field to go on with). Buttons say "add vm",
    "copy 3", "remove 3", and of line 3's disks "add 3 disk", "remove 3 disk 1". What is none of
    these changes nothing.
    """
    match deed.split():
        case ["add", kind] if kind in KINDS:
            done = _with_line(sheet, kind, tier)
        case ["copy" | "remove" as what, number] if _is_place(number, sheet.lines):
            done = _with_lines(sheet, what, int(number))
        case ["add", number, "disk"] if _is_place(number, sheet.lines):
            done = _with_disk(sheet, int(number), tier)
        case ["remove", number, "disk", disk] if _is_place(number, sheet.lines):
            done = _without_disk(sheet, int(number), disk)
        case _:
            done = sheet, ""
    return done


def _with_line(sheet: Sheet, kind: str, tier: str) -> tuple[Sheet, str]:
    last = len(sheet.lines)
    if last >= MOST_SHOWN:
        return sheet, ""
    return replace(sheet, lines=(*sheet.lines, new_line(kind, tier))), f"lines.{last}.name"


def _is_place(text: str, things: Sequence[T]) -> bool:
    return is_place(text) and int(text) < len(things)


def _with_lines(sheet: Sheet, what: str, place: int) -> tuple[Sheet, str]:
    before, line, after = sheet.lines[:place], sheet.lines[place], sheet.lines[place + 1 :]
    if what == "remove":
        neighbour = min(place, len(sheet.lines) - 2)
        goes_to = f"lines.{neighbour}.name" if neighbour >= 0 else "add-vm"
        return replace(sheet, lines=(*before, *after)), goes_to
    if len(sheet.lines) >= MOST_SHOWN:
        return sheet, ""
    copy = replace(line, resources=())
    return replace(sheet, lines=(*before, line, copy, *after)), f"lines.{place + 1}.name"


def _with_disk(sheet: Sheet, place: int, tier: str) -> tuple[Sheet, str]:
    """One more, like the last of the line."""
    disks = sheet.lines[place].disks
    if len(disks) >= MOST_DISKS:
        return sheet, ""
    like = disks[-1]["tier"] if disks else tier
    goes_to = f"lines.{place}.disks.{len(disks)}.size_gib"
    return _with_all(sheet, place, (*disks, _new_disk(like))), goes_to


def _without_disk(sheet: Sheet, place: int, disk: str) -> tuple[Sheet, str]:
    disks = sheet.lines[place].disks
    if not _is_place(disk, disks):
        return sheet, ""
    kept = (*disks[: int(disk)], *disks[int(disk) + 1 :])
    return _with_all(sheet, place, kept), f"lines.{place}.memory_gib"


def _with_all(sheet: Sheet, place: int, disks: tuple[Mapping[str, str], ...]) -> Sheet:
    lines = list(sheet.lines)
    lines[place] = replace(lines[place], disks=disks)
    return replace(sheet, lines=tuple(lines))
