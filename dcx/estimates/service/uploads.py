"""Lines of an estimate read from a file: good rows are kept, wrong ones named, none is guessed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from dcx.estimates.errors import AskRefusedError, UploadRefusedError
from dcx.estimates.rules.asks import Ask
from dcx.estimates.rules.columns import OURS, Head, read_head
from dcx.estimates.rules.months import Month
from dcx.estimates.rules.reading import LONGEST_TEXT, MOST_LINES, read_ask
from dcx.estimates.rules.rows import FIELD_OF_KEY, line_of
from dcx.estimates.rules.tables import Table, csv_table
from dcx.estimates.workbooks import is_workbook, table_of
from dcx.kit.money import E8, parse_e8

Faults = dict[str, str]


@dataclass(frozen=True, slots=True)
class WrongCell:
    """What is wrong in which row and column, and what to do about it."""

    row: int
    column: str
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What a file says. `ask` is None where not one row is good; `mend` are the wrong rows as they
    were sent, behind their numbers and what to do, under `mend_head`.
    """

    ask: Ask | None
    wrong: Sequence[WrongCell]
    mend_head: Sequence[str]
    mend: Sequence[Sequence[str]]
    notes: Sequence[str]

    @property
    def good(self) -> int:
        return len(self.ask.lines) if self.ask else 0


@dataclass(frozen=True, slots=True)
class _Row:
    """A row as it was sent, the line that it says, and what is wrong with its fields."""

    number: int
    cells: Sequence[str]
    line: Mapping[str, Any]
    faults: Faults


def read_upload(body: bytes, file_name: str, *, book: str, month: Month) -> Uploaded:
    """The lines of a CSV or XLSX, to be priced by a book in a month. UploadRefusedError where none
    can be told, or there are too many.
    """
    table = table_of(body) if is_workbook(body) else csv_table(body)
    if not table.rows:
        raise UploadRefusedError.of("This file is empty. Its first row names the columns.")
    head = read_head(table.rows[0][1])
    sent = table.rows[1:]
    if not sent:
        raise UploadRefusedError.of("This file has the names of columns and no line below them.")
    if len(sent) > MOST_LINES:
        raise UploadRefusedError.of(
            f"At most {MOST_LINES} lines at once; this file has {len(sent)}. Send it in parts."
        )
    base = {"name": _name(file_name), "price_book": book, "month": month.name}
    rows = [_row(number, cells, head) for number, cells in sent]
    _note_refused(rows, base, head)
    _note_hours(rows, month)
    return _uploaded(table, head, rows, base)


def _row(number: int, cells: Sequence[str], head: Head) -> _Row:
    found = {
        field: cells[place] if place < len(cells) else "" for field, place in head.places.items()
    }
    line, faults = line_of(found, head.units)
    if any(cells[head.width :]):
        faults[""] = (
            "This row has more cells than the head has columns. A number with a comma needs"
            ' quotation marks: "1,5".'
        )
    return _Row(number, cells, line, faults)


def _note_refused(rows: Sequence[_Row], base: Mapping[str, Any], head: Head) -> None:
    """What the contract refuses of lines that could be read."""
    able = [row for row in rows if not row.faults]
    try:
        if able:
            read_ask({**base, "lines": [row.line for row in able]}, this_month="")
    except AskRefusedError as error:
        for place, words in error.fields.items():
            _, number, key = place.split(".", 2)
            row = able[int(number)]
            field = key.partition(".")[0]
            row.faults[_field_of(field, head, row)] = words


def _field_of(key: str, head: Head, row: _Row) -> str:
    """The field that a key of the contract came from: a VM's only disk may stand under size."""
    if key == "disks" and not _cell(row, head, "disks"):
        return "size"
    return FIELD_OF_KEY.get(key, key)


def _note_hours(rows: Sequence[_Row], month: Month) -> None:
    for row in rows:
        hours = row.line.get("hours")
        if hours and not row.faults and parse_e8(hours) > month.hours * E8:
            row.faults["hours"] = (
                f"{month.name} has only {month.hours} hours. Empty is all of them."
            )


def _uploaded(table: Table, head: Head, rows: Sequence[_Row], base: Mapping[str, Any]) -> Uploaded:
    good = [row.line for row in rows if not row.faults]
    bad = [row for row in rows if row.faults]
    unread, names = ", ".join(head.unread), table.rows[0][1]
    kept = [place for place, words in enumerate(names) if words.casefold() not in OURS]
    notes = (*table.notes, *([f"Columns that were not read: {unread}."] if unread else []))
    return Uploaded(
        ask=read_ask({**base, "lines": good}, this_month="") if good else None,
        wrong=[cell for row in bad for cell in _wrong(row, head)],
        mend_head=[*OURS, *(names[place] for place in kept)],
        mend=[_to_mend(row, head, kept) for row in bad],
        notes=notes,
    )


def _wrong(row: _Row, head: Head) -> Iterator[WrongCell]:
    for field, words in row.faults.items():
        yield WrongCell(row.number, head.said(field), _cell(row, head, field), words)


def _to_mend(row: _Row, head: Head, kept: Sequence[int]) -> list[str]:
    advice = " ".join(f"{head.said(field)}: {words}" for field, words in row.faults.items())
    cells = [row.cells[place] for place in kept if place < len(row.cells)]
    return [f"{row.number}", advice, *cells, *row.cells[head.width :]]


def _cell(row: _Row, head: Head, field: str) -> str:
    place = head.places.get(field, len(row.cells))
    return row.cells[place] if place < len(row.cells) else ""


def _name(file_name: str) -> str:
    """The file's name as that of the estimate."""
    stem = PurePath(file_name.replace("\\", "/")).stem
    return "".join(sign for sign in stem if sign.isprintable())[:LONGEST_TEXT].strip()
