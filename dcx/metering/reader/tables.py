"""CSV as rows: a line is a row, unless a quoted cell honestly runs on over a few lines."""

import csv
import re
from collections.abc import Generator, Sequence
from itertools import chain
from typing import BinaryIO

from dcx.metering.reader.rows import (
    LONGEST_LINE,
    Cells,
    Columns,
    Rows,
    checked_head,
    lines_of,
)
from dcx.metering.rules.cells import Fault

MOST_LINES = 20
_END = ("\n",)
_CELL = r'(?:"(?:[^"]|"")*+"|[^",\r\n]*+)'
_is_well_quoted = re.compile(rf"{_CELL}(?:,{_CELL})*+[\r\n]*+").fullmatch

Taken = Generator[tuple[Columns, Cells | Fault, str], None, list[str]]


def csv_rows(stream: BinaryIO) -> Rows:
    """The rows of a CSV with a head.

    A quote that never closes costs its own line: lines are joined into one row only where nothing
    among them is a row by itself. BrokenError where the head is of no use.
    """
    csv.field_size_limit(4 * LONGEST_LINE)
    blocks = lines_of(stream)
    lines = next(blocks, [])
    head = lines[:1]
    columns = checked_head(next(csv.reader(head), []), "".join(head).rstrip("\r\n"))
    waiting = lines[1:]
    for lines in blocks:
        left = yield from _taken(columns, waiting, is_last=False)
        waiting = left + lines
    yield from _taken(columns, waiting, is_last=True)


def _taken(columns: Columns, lines: list[str], *, is_last: bool) -> Taken:
    """The rows of these lines; what is left of them waits for more.

    A line that leaves a quote open swallows the next one, so the reader's count of lines runs
    ahead of the rows: from there on every line is looked at by itself.
    """
    reader = csv.reader(chain(lines, _END))
    for place, (line, cells) in enumerate(zip(lines, reader, strict=False), 1):
        if reader.line_num != place:
            return (yield from _taken_singly(columns, lines[place - 1 :], is_last=is_last))
        if cells:
            yield columns, cells, line
    return []


def _taken_singly(columns: Columns, lines: list[str], *, is_last: bool) -> Taken:
    place, end = 0, len(lines) if is_last else len(lines) - MOST_LINES
    while place < end:
        cells, count = _row(lines[place : place + MOST_LINES], len(columns))
        if cells:
            yield columns, cells, "".join(lines[place : place + count])
        place += count
    return lines[place:]


def _row(lines: Sequence[str], width: int) -> tuple[Cells | Fault, int]:
    """The row that begins with these lines, and how many of them it takes."""
    rows = list(csv.reader((lines[0], *_END)))
    if len(rows) > 1:
        return rows[0], 1
    reader = csv.reader(lines, strict=True)
    try:
        cells = next(reader)
    except csv.Error:
        return Fault("a quote is opened and not closed"), 1
    count = reader.line_num
    if len(cells) != width or any(_is_row(line, width) for line in lines[1:count]):
        return Fault("a quote is opened and not closed"), 1
    return cells, count


def _is_row(line: str, width: int) -> bool:
    return _is_well_quoted(line) is not None and len(next(csv.reader((line,)))) == width
