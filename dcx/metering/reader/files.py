"""Open a file, standard input or a body: what form it has, packed or not."""

import gzip
import io
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from dcx.metering.errors import BadFileError
from dcx.metering.reader.lists import json_rows, ndjson_rows
from dcx.metering.reader.parquet import parquet_rows
from dcx.metering.reader.rows import Rows
from dcx.metering.reader.tables import csv_rows

_CHUNK = 1024 * 1024
_FORMATS = ("csv", "ndjson", "json", "parquet")
_FAULTS = (OSError, EOFError, zlib.error, ValueError)


@contextmanager
def open_rows(name: str, watch: Callable[[int], None] | None = None) -> Iterator[Rows]:
    """The rows of a file, or of standard input for "-"; BadFileError where the file is at fault.

    `watch` is told of every stretch of bytes read, for a progress bar.
    """
    with ExitStack() as stack:
        try:
            stream, form = _open(name, stack, watch)
        except _FAULTS as error:
            raise BadFileError(f"{name}: {_words(error)}. Nothing of it was stored.") from error
        yield _guarded(name, read_rows(stream, form))


def read_rows(stream: BinaryIO, form: str) -> Rows:
    """The rows of an open stream in one of the formats."""
    match form:
        case "csv":
            return csv_rows(stream)
        case "ndjson":
            return ndjson_rows(stream)
        case "json":
            return json_rows(stream)
        case _:
            return parquet_rows(stream)


def _open(name: str, stack: ExitStack, watch: Callable[[int], None] | None) -> tuple[BinaryIO, str]:
    if name == "-":
        stream = cast("BinaryIO", io.BufferedReader(sys.stdin.buffer))
        return _sniffed(stream, stack)
    path = Path(name)
    suffixes = [suffix.lstrip(".").lower() for suffix in path.suffixes]
    is_packed = bool(suffixes) and suffixes[-1] == "gz"
    form = next((suffix for suffix in reversed(suffixes) if suffix != "gz"), "")
    if path.is_dir():
        raise ValueError("is a directory, not a file")
    if form not in _FORMATS:
        raise ValueError("ends in none of .csv .ndjson .json .parquet, with or without .gz")
    stream = stack.enter_context(path.open("rb"))
    if path.stat().st_size == 0:
        raise ValueError("is empty")
    watched = cast("BinaryIO", _Watched(stream, watch)) if watch else stream
    unpacked = _unpacked(watched, stack) if is_packed else watched
    return (_seekable(unpacked, stack) if form == "parquet" else unpacked), form


class _Watched(io.RawIOBase):
    """A stream that tells how much of it was read."""

    def __init__(self, stream: BinaryIO, watch: Callable[[int], None]) -> None:
        self._stream, self._watch = stream, watch

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._stream.readinto(buffer)  # type: ignore[attr-defined]
        self._watch(count)
        return int(count)


def _sniffed(stream: BinaryIO, stack: ExitStack) -> tuple[BinaryIO, str]:
    """Standard input has no name: its first bytes tell."""
    head = stream.peek(4)[:4]  # type: ignore[attr-defined]
    if not head:
        raise ValueError("is empty")
    if head[:2] == b"\x1f\x8b":
        return _sniffed(cast("BinaryIO", io.BufferedReader(_unpacked(stream, stack))), stack)
    if head == b"PAR1":
        return _seekable(stream, stack), "parquet"
    return stream, {b"[": "json", b"{": "ndjson"}.get(head.lstrip()[:1], "csv")


def _unpacked(stream: BinaryIO, stack: ExitStack) -> BinaryIO:
    return cast("BinaryIO", stack.enter_context(gzip.GzipFile(fileobj=stream, mode="rb")))


def _seekable(stream: BinaryIO, stack: ExitStack) -> BinaryIO:
    """Parquet is read from its end: what cannot be wound goes to a temporary file first."""
    try:
        if stream.seekable() and not isinstance(stream, gzip.GzipFile | _Watched):
            return stream
    except ValueError:
        pass
    spool = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    shutil.copyfileobj(stream, spool, _CHUNK)
    spool.seek(0)
    return cast("BinaryIO", spool)


def _guarded(name: str, rows: Rows) -> Rows:
    """The same rows; BadFileError where the file turns out broken on the way, or without rows."""
    is_empty = True
    try:
        for row in rows:
            is_empty = False
            yield row
    except _FAULTS as error:
        raise BadFileError(f"{name}: {_words(error)}. Nothing of it was stored.") from error
    if is_empty:
        raise BadFileError(f"{name}: holds no rows. Nothing of it was stored.")


def _words(error: Exception) -> str:
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return f"is broken or cut gzip ({error})"
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
