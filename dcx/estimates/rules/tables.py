"""A table that somebody sends: its rows as text, numbered as a spreadsheet numbers them."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dcx.estimates.errors import UploadRefusedError

_SEPARATOR = re.compile(r'"?sep=(.)"?\s*\Z')
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FORMULA_STARTS = ("=", "+", "-", "@")


class Dated(str):
    """A cell that a spreadsheet took for a date or a time."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that have something in them, each with its number. `notes` say what was not read, or
    how.
    """

    rows: Sequence[tuple[int, Sequence[str]]]
    notes: tuple[str, ...] = ()


def csv_table(body: bytes) -> Table:
    """A CSV in UTF-8 (or the UTF-16 of spreadsheets, or else Windows-1252, which is said), parted
    by commas, semicolons or tabs. UploadRefusedError for what is none.
    """
    text, notes = _decoded(body)
    if _INVISIBLE.search(text):
        raise UploadRefusedError.of("This is neither a CSV nor an XLSX file.")
    first, _, rest = text.partition("\n")
    told = _SEPARATOR.match(first)
    skipped = 1 if told else 0
    delimiter = told[1] if told else _delimiter(text.lstrip().partition("\n")[0])
    rows = _rows(rest if told else text, delimiter, skipped)
    return Table([(number, row) for number, row in rows if any(row)], notes)


def _decoded(body: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return body.decode("utf-16"), ()
        return body.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    try:
        note = "The file is not UTF-8 and was read as Windows-1252: look whether names are right."
        return body.decode("cp1252"), (note,)
    except UnicodeDecodeError as error:
        raise UploadRefusedError.of("This is neither a CSV nor an XLSX file.") from error


def _delimiter(head: str) -> str:
    """What parts the names of the columns most often."""
    bare = re.sub(r'"[^"]*"', "", head)
    return max(",;\t", key=bare.count)


def _rows(text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = skipped
    try:
        for number, row in enumerate(reader, skipped + 1):
            yield number, [_bare(cell) for cell in row]
    except csv.Error as error:
        raise UploadRefusedError.of(
            f"Row {number + 1} cannot be read: a quotation mark is not closed, or stands inside a"
            " cell without being doubled."
        ) from error


def _bare(cell: str) -> str:
    """Without the apostrophe by which our own files keep a text from being a formula."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA_STARTS) else text
