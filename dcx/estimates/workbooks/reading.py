"""XLSX read by calamine, after its sizes are known: a small file may unpack to anything."""

import io
import re
import struct
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetVisibleEnum,
)

from dcx.estimates.errors import UploadRefusedError
from dcx.estimates.rules.tables import Dated, Table

MOST_UNPACKED = 64 * 1024 * 1024
MOST_PARTS = 500
MOST_ROWS, MOST_COLUMNS = 10_000, 100
_OLD = b"\xd0\xcf\x11\xe0"
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})", re.ASCII)
_NOT_READ = (
    "This workbook cannot be read. Open it in a spreadsheet and save it again as XLSX or CSV."
)


_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, OSError,
    EOFError, ValueError,
)  # fmt: skip
"""What an archive that was cut or forged fails with."""


def is_workbook(body: bytes) -> bool:
    """Also of a kind that is refused."""
    return body.startswith((b"PK", _OLD))


def table_of(body: bytes) -> Table:
    """The first sheet that is not hidden and has something in it; UploadRefusedError for what is
    no XLSX, has a password, or is larger than lines of an estimate can be.
    """
    if body.startswith(_OLD):
        raise UploadRefusedError.of(
            "This workbook has a password, or is an old XLS. Save it as XLSX without a password."
        )
    plain = _unpacked(body)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(plain)) as book:
            return _table(book)
    except CalamineError as error:
        raise UploadRefusedError.of(_NOT_READ) from error


def _table(book: CalamineWorkbook) -> Table:
    shown = [each.name for each in book.sheets_metadata if each.visible is SheetVisibleEnum.Visible]
    hidden = [name for name in book.sheet_names if name not in shown]
    full = [sheet for name in shown if (sheet := book.get_sheet_by_name(name)).start is not None]
    if not full:
        return Table([])
    left_out = [sheet.name for sheet in full[1:]] + hidden
    note = f"Only the sheet {full[0].name} was read, not {', '.join(left_out)}."
    return Table(_rows(full[0]), (note,) if left_out else ())


def _rows(sheet: CalamineSheet) -> list[tuple[int, list[str]]]:
    rows = (
        (number, [_text(cell) for cell in row])
        for number, row in enumerate(sheet.to_python(skip_empty_area=False), 1)
    )
    return [(number, row) for number, row in rows if any(row)]


def _text(cell: Any) -> str:
    """As people would type it, with a point."""
    if isinstance(cell, datetime | date | time | timedelta):
        return Dated(cell)
    if isinstance(cell, float):
        return f"{cell:.10f}".rstrip("0").rstrip(".")
    return str(cell).strip()


def _unpacked(body: bytes) -> bytes:
    """The workbook's XML in an archive that is not packed: what it declares is what it is."""
    plain = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as given:
            parts = {each.filename: each for each in given.infolist() if _is_read(each.filename)}
            if (
                len(parts) > MOST_PARTS
                or sum(part.file_size for part in parts.values()) > MOST_UNPACKED
            ):
                raise UploadRefusedError.of("This workbook is too large. Keep one sheet of lines.")
            with zipfile.ZipFile(plain, "w") as written:
                for name, part in parts.items():
                    text = given.read(part)
                    _require_small(text)
                    written.writestr(name, text)
    except _BROKEN as error:
        raise UploadRefusedError.of(_NOT_READ) from error
    return plain.getvalue()


def _is_read(name: str) -> bool:
    return name.endswith((".xml", ".rels"))


def _require_small(text: bytes) -> None:
    """A single cell far down makes a table of all that lies before it. What other encodings spell
    is not known here, so there is only one.
    """
    if b"\0" in text:
        raise UploadRefusedError.of(_NOT_READ)
    cells = rows = 0
    try:
        for _, element in iterparse(io.BytesIO(text), forbid_dtd=True):
            match element.tag.rpartition("}")[2]:
                case "c":
                    cells += 1
                    _require_near(element.get("r", "A1"), cells)
                case "row":
                    cells, rows = 0, rows + 1
                    _require_near(f"A{element.get('r', rows)}", 0)
                    element.clear()
                case "si":
                    element.clear()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UploadRefusedError.of(_NOT_READ) from error


def _require_near(place: str, cells: int) -> None:
    found = _PLACE.fullmatch(place)
    if not found:
        raise UploadRefusedError.of(_NOT_READ)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    if max(column, cells) > MOST_COLUMNS or int(found[2]) > MOST_ROWS:
        raise UploadRefusedError.of(
            f"The sheet goes on to {place}. Keep at most {MOST_COLUMNS} columns and"
            f" {MOST_ROWS} rows, and delete what lies beyond, also empty cells."
        )
