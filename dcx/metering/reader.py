"""Files and request bodies as rows: CSV, NDJSON, JSON and Parquet, plain or gzip, streamed."""

import codecs
import csv
import gzip
import io
import json
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, cast

from dcx.metering.errors import BadFileError

LONGEST_LINE = 16 * 1024 * 1024
_CHUNK = 1024 * 1024
_FORMATS = ("csv", "ndjson", "json", "parquet")
_FAULTS = (OSError, EOFError, zlib.error, ValueError)
_REQUIRED = {"event_id", "customer", "at", "state"}

Cells = Sequence[Any]
Rows = Iterator[tuple[Sequence[str], Cells | None, str]]
"""(columns, cells, raw text): cells None and the raw text set where the row cannot even be split.
"""


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
            return _csv_rows(stream)
        case "ndjson":
            return _ndjson_rows(stream)
        case "json":
            return _json_rows(stream)
        case _:
            return _parquet_rows(stream)


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


def _csv_rows(stream: BinaryIO) -> Rows:
    csv.field_size_limit(LONGEST_LINE)
    with io.TextIOWrapper(
        stream, encoding="utf-8-sig", errors="surrogateescape", newline=""
    ) as text:
        reader = csv.reader(iter(partial(text.readline, LONGEST_LINE), ""))
        columns = _checked_head(next(reader, []))
        while True:
            try:
                for cells in reader:
                    if cells:
                        yield columns, cells, ""
            except csv.Error as error:
                yield columns, None, str(error)
            else:
                return


def _checked_head(head: list[str]) -> tuple[str, ...]:
    columns = tuple(name.strip() for name in head)
    missing = sorted(_REQUIRED - set(columns))
    if not {"vm_id", "disk_id"} & set(columns):
        missing.append("vm_id or disk_id")
    if missing:
        raise ValueError(f"its head lacks {', '.join(missing)}")
    if len(set(columns)) < len(columns):
        raise ValueError("its head names a column twice")
    return columns


def _ndjson_rows(stream: BinaryIO) -> Rows:
    heads: dict[tuple[str, ...], tuple[str, ...]] = {}
    with io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape") as text:
        for line in iter(partial(text.readline, LONGEST_LINE), ""):
            if line.strip():
                yield _object_row(line, heads)


def _object_row(line: str, heads: dict[tuple[str, ...], tuple[str, ...]]) -> tuple[Any, Any, str]:
    try:
        return _row_of(json.loads(line), heads)
    except (ValueError, RecursionError):
        return (), None, line


def _json_rows(stream: BinaryIO) -> Rows:
    heads: dict[tuple[str, ...], tuple[str, ...]] = {}
    for item in json_items(stream):
        yield _row_of(item, heads)


def _row_of(item: Any, heads: dict[tuple[str, ...], tuple[str, ...]]) -> tuple[Any, Any, str]:
    if not isinstance(item, dict):
        return (), None, json.dumps(item, default=str)
    head = tuple(item)
    return heads.setdefault(head, head), _without_booleans(list(item.values())), ""


def _without_booleans(cells: list[Any]) -> list[Any]:
    """Python takes true for 1, a collector does not: booleans become words."""
    if True not in cells and False not in cells:
        return cells
    return [json.dumps(cell) if isinstance(cell, bool) else cell for cell in cells]


def json_items(stream: BinaryIO) -> Iterator[Any]:
    """The items of a JSON list one by one, however long the list; ValueError where it is cut or
    broken.
    """
    read = partial(stream.read, _CHUNK)
    decode = codecs.getincrementaldecoder("utf-8-sig")(errors="surrogateescape").decode
    scan = json.JSONDecoder().raw_decode
    text = decode(read()).lstrip()
    if not text.startswith("["):
        raise ValueError("is not a JSON list")
    place, closed = 1, False
    while not closed:
        place = _next_place(text, place)
        closed = text[place : place + 1] == "]"
        if closed:
            break
        try:
            item, place = scan(text, place)
            yield item
        except ValueError as error:
            more = read()
            if not more or len(text) - place > LONGEST_LINE:
                raise ValueError("is not a whole JSON list: it is cut or broken") from error
            text, place = text[place:] + decode(more), 0


def _next_place(text: str, place: int) -> int:
    while text[place : place + 1] and text[place] in " \t\r\n,":
        place += 1
    return place


def _parquet_rows(stream: BinaryIO) -> Rows:
    """Loaded only for Parquet: pyarrow is large."""
    parquet, arrow = import_module("pyarrow.parquet"), import_module("pyarrow")
    try:
        file = parquet.ParquetFile(stream, pre_buffer=False)
        columns = _checked_head(file.schema_arrow.names)
        for batch in file.iter_batches(batch_size=4096):
            for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield columns, cells, ""
    except (arrow.ArrowInvalid, arrow.ArrowException) as error:
        raise ValueError(f"is not readable Parquet ({error})") from error


def _words(error: Exception) -> str:
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return f"is broken or cut gzip ({error})"
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
