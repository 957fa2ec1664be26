"""What every reader gives: columns, cells and the text as sent; and lines to make them of."""

import codecs
import io
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from dcx.metering.rules.cells import Fault

LONGEST_LINE = 16 * 1024 * 1024
_BLOCK = 256 * 1024
_REQUIRED = {"event_id", "customer", "at", "state"}

Cells = Sequence[Any]
Rows = Iterator[tuple[Sequence[str], Cells | Fault, str]]
"""(columns, cells, raw text): a Fault says why a row cannot be split into cells; the raw text is
'' where a row was never text.
"""


class BrokenError(ValueError):
    """The file or body as a whole cannot be read; the message continues its name."""


class Columns(tuple[str, ...]):
    """The columns of a file, with the line that named them: a row of it means nothing alone."""

    line: str = ""


def checked_head(head: Sequence[str], line: str = "") -> Columns:
    """The columns that a head names; BrokenError where logs cannot be read with them."""
    columns = Columns(name.strip() for name in head)
    columns.line = line
    missing = sorted(_REQUIRED - set(columns))
    if not {"vm_id", "disk_id"} & set(columns):
        missing.append("vm_id or disk_id")
    if missing:
        raise BrokenError(f"its head lacks {', '.join(missing)}")
    if len(set(columns)) < len(columns):
        raise BrokenError("its head names a column twice")
    return columns


def lines_of(stream: BinaryIO) -> Iterator[list[str]]:
    """All lines with their ends, a good number at a time; bytes that are not UTF-8 as surrogates.

    Of a line longer than LONGEST_LINE only a part is kept: no row of that length is a log.
    """
    rest = ""
    for text in text_of(stream, _BLOCK):
        block = rest + text
        end = block.rfind("\n") + 1 or block.rfind("\r", 0, -1) + 1
        if end:
            yield list(io.StringIO(block[:end], newline=""))
        rest = block[end:] if end else block[:LONGEST_LINE]
    if rest:
        yield list(io.StringIO(rest, newline=""))


def text_of(stream: BinaryIO, size: int) -> Iterator[str]:
    """The text of a stream, piece by piece."""
    decode = codecs.getincrementaldecoder("utf-8-sig")(errors="surrogateescape").decode
    while piece := stream.read(size):
        yield decode(piece)
    yield decode(b"", final=True)
