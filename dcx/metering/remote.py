"""Somebody else's log database as rows: read-only, from where the last pull ended, with an
overlap.
"""

import re
import sqlite3
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    column,
    create_engine,
    func,
    inspect,
    select,
    table,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchTableError, SQLAlchemyError

from dcx.metering.errors import SourceRefusedError
from dcx.repository.places import place_of

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_.]*$")
_FIELDS = {
    "event_id", "vm_id", "disk_id", "customer", "at", "state", "vcpus", "memory_mib", "size_gib",
    "name", "region", "flavor", "os", "tier", "seq",
}  # fmt: skip
_REQUIRED = {"event_id", "customer", "at", "state"}


class Theirs(sqlite3.Connection):
    """A connection to a database that is not ours to tune."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """Which table and columns stand for the fields of a log, and which column grows."""

    table: str
    columns: Mapping[str, str]
    constants: Mapping[str, Any]
    growing: str
    overlap: int


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one pull reads: the fields, the rows, and where the next pull begins."""

    fields: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]
    cursor: str | None


def read_mapping(toml: str) -> Mapped:
    """Read a mapping file; SourceRefusedError names what is wrong in it."""
    try:
        given = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise SourceRefusedError(f"The mapping is not TOML: {error}.") from error
    columns, constants = given.get("columns", {}), given.get("constants", {})
    mapped = Mapped(
        str(given.get("table", "")),
        columns,
        constants,
        str(given.get("growing", "")),
        given.get("overlap", 0),
    )
    fault = _mapping_fault(mapped)
    if fault:
        raise SourceRefusedError(f"The mapping {fault}.")
    return mapped


def _mapping_fault(mapped: Mapped) -> str | None:
    named = set(mapped.columns) | set(mapped.constants)
    names = [mapped.table, mapped.growing, *mapped.columns.values()]
    checks = [
        (bool(mapped.table), 'needs table = "..."'),
        (bool(mapped.growing), 'needs growing = "...", the column that tells what is new'),
        (named <= _FIELDS, f"names unknown fields: {', '.join(sorted(named - _FIELDS))}"),
        (named >= _REQUIRED, f"lacks {', '.join(sorted(_REQUIRED - named))}"),
        (bool({"vm_id", "disk_id"} & named), "lacks vm_id or disk_id"),
        (
            all(_NAME.match(str(name)) for name in names),
            "names a table or column with odd characters",
        ),
        (
            str(mapped.overlap).isdigit(),
            "needs a whole overlap of 0 or more",
        ),
    ]
    return next((words for holds, words in checks if not holds), None)


@contextmanager
def pull(url: str, mapped: Mapped, cursor: str | None) -> Iterator[Pulled]:
    """Open the rows whose growing column is beyond `cursor` less the overlap, oldest first.

    The overlap counts rows of an integer column, or seconds of a time column: rows may appear
    late, and what is read twice is stored once. Raises SourceRefusedError where it cannot be read.
    """
    with _connected(url) as connection:
        with _their_faults(url):
            pulled = _open(connection, mapped, cursor)
        yield Pulled(pulled.fields, _read(url, pulled.rows), pulled.cursor)


def try_out(url: str, mapped: Mapped) -> None:
    """Connect and read one row as the mapping says; SourceRefusedError says what stands against it.

    The columns are looked up first: SQLite takes a quoted name that is no column for a text.
    """
    schema, _, name = mapped.table.rpartition(".")
    with _connected(url) as connection, _their_faults(url):
        there = {each["name"].lower() for each in _columns(connection, name, schema or None)}
        wanted = [mapped.growing, *mapped.columns.values()]
        missing = sorted({each for each in wanted if each.lower() not in there})
        if missing:
            raise SourceRefusedError(
                f"{place_of(url)}: {mapped.table} has no column {', '.join(missing)}."
            )
        query: Any = select(*(column(each) for each in wanted)).limit(1)
        connection.execute(query.select_from(table(name, schema=schema or None))).all()


def _columns(connection: Connection, name: str, schema: str | None) -> Sequence[Any]:
    try:
        return inspect(connection).get_columns(name, schema)
    except NoSuchTableError as error:
        raise SourceRefusedError(
            f"{place_of(connection.engine.url)}: there is no table or view {name}."
        ) from error


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    with _their_faults(url):
        engine = _read_only(url)
    try:
        with _their_faults(url):
            connection = engine.connect()
        with connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _their_faults(url: str) -> Iterator[None]:
    """What goes wrong on their side, and only that, names their database; never its password."""
    try:
        yield
    except (SQLAlchemyError, ImportError, OSError, ValueError) as error:
        reason = _without_password(_reason(error), url)
        raise SourceRefusedError(f"{place_of(url)}: {reason}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, ArgumentError):
        return "give it like postgresql+psycopg://user@host/database or sqlite:////path/to/file"
    words = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return words.splitlines()[0] if words else type(error).__name__


def _without_password(words: str, url: str) -> str:
    try:
        password = make_url(url).password
    except (ArgumentError, ValueError):
        return words
    return words.replace(password, "***") if password else words


def _read(url: str, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The same rows: each is fetched from them, so each may fail on their side."""
    while True:
        with _their_faults(url):
            row = next(rows, None)
        if row is None:
            return
        yield row


def _open(connection: Connection, mapped: Mapped, cursor: str | None) -> Pulled:
    schema, _, name = mapped.table.rpartition(".")
    growing: ColumnElement[Any] = column(mapped.growing)
    fields = tuple(mapped.columns)
    source = table(
        name,
        *(column(each) for each in {*mapped.columns.values(), mapped.growing}),
        schema=schema or None,
    )
    newest = connection.execute(select(func.max(growing)).select_from(source)).scalar()
    query: Any = (
        select(*(column(mapped.columns[field]) for field in fields))
        .select_from(source)
        .order_by(growing)
    )
    if newest is not None:
        query = query.where(growing <= newest)
    if cursor is not None:
        query = query.where(growing > _start(cursor, newest, mapped.overlap))
    constants = tuple(mapped.constants.values())
    result = connection.execution_options(yield_per=1_000).execute(query)
    rows = ((*row, *constants) for row in result)
    return Pulled((*fields, *mapped.constants), rows, _text(newest) or cursor)


def _start(cursor: str, newest: Any, overlap: int) -> Any:
    """Where to begin, in the type of the growing column."""
    if isinstance(newest, datetime):
        return datetime.fromisoformat(cursor) - timedelta(seconds=overlap)
    if isinstance(newest, int | float):
        return type(newest)(cursor) - overlap
    try:
        moment = datetime.fromisoformat(cursor) - timedelta(seconds=overlap)
    except ValueError:
        return cursor
    return moment.isoformat(sep=cursor[10:11] or "T").replace(
        "+00:00", "Z" if cursor.endswith("Z") else "+00:00"
    )


def _text(newest: Any) -> str | None:
    if newest is None:
        return None
    return newest.isoformat() if isinstance(newest, datetime) else str(newest)


def _read_only(url: str) -> Engine:
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        path = f"file:{address.database}?mode=ro"
        return create_engine(f"sqlite:///{path}&uri=true", connect_args={"factory": Theirs})
    patience = {"connect_timeout": 10} if address.get_backend_name() == "postgresql" else {}
    return create_engine(
        address, execution_options={"postgresql_readonly": True}, connect_args=patience
    )
