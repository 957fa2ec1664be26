"""Bronze at full speed: bulk loading and ordered reading through the database's own driver."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.orm import Session

from dcx.kit.periods import FOREVER, Period
from dcx.metering.rules.logs import DISK_FIELDS, LOG_FIELDS, VM_FIELDS

TABLES = {"vm": "vm_log", "disk": "disk_log"}
COLUMNS = {"vm": LOG_FIELDS + VM_FIELDS, "disk": LOG_FIELDS + DISK_FIELDS}
FOLDED = {
    "vm": ("resource", "customer", "state", "vcpus", "memory_mib", "region", "flavor", "os"),
    "disk": ("resource", "customer", "state", "size_gib", "tier", "region"),
}
_PIECE = 5_000
_NOT_CONTENT = {"source_id", "batch_id", "offset_minutes"}
_NUMBERS = {
    "source_id",
    "batch_id",
    "at_us",
    "offset_minutes",
    "seq",
    "vcpus",
    "memory_mib",
    "size_gib",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """The logs of one resource between the neighbours of what came in: what a run folds again."""

    kind: str
    resource: str
    first_us: int
    last_us: int


class LogLoader:
    """Stores batches of logs of one kind; rows are tuples in the order of COLUMNS[kind]."""

    def __init__(self, session: Session, kind: str) -> None:
        self._session = session
        self._kind = kind
        self._table, self._columns = TABLES[kind], COLUMNS[kind]
        self._driver = session.connection().connection.driver_connection
        self._is_sqlite = session.get_bind().dialect.name == "sqlite"
        self._top = self._last_id() if self._is_sqlite else 0

    def store(self, rows: Sequence[tuple[Any, ...]]) -> tuple[int, list[dict[str, Any]]]:
        """Store what is new; answer how many, and the rows whose event id stands with other
        content.

        The first content of an event id stands, so storing again changes nothing.
        """
        if self._is_sqlite:
            stored = self._executemany(rows)
            if stored == len(rows):
                return stored, []
            self._fill_incoming(rows)
        else:
            self._copy_incoming(rows)
            stored = self._insert_incoming()
            if stored == len(rows):
                return stored, []
        return stored, self._conflicts()

    def note_pending(self) -> None:
        """SQLite: say which resources the logs touch that were stored since it was said last.

        Now and then during a long import, not once at its end: the grouping is done in memory.
        """
        if self._is_sqlite:
            # +resource: else SQLite walks its whole (resource, ...) index to group a few rows.
            self._session.execute(
                text(
                    f"INSERT INTO pending (kind, resource, first_us, last_us)"  # noqa: S608
                    " SELECT :kind, resource, min(at_us), max(at_us)"
                    f" FROM {self._table} WHERE id > :top GROUP BY +resource"
                ),
                {"kind": self._kind, "top": self._top},
            )
            self._top = self._last_id()

    def _last_id(self) -> int:
        query = text(f"SELECT coalesce(max(id), 0) FROM {self._table}")  # noqa: S608
        return int(self._session.execute(query).scalar_one())

    def _executemany(self, rows: Sequence[tuple[Any, ...]]) -> int:
        names, marks = ", ".join(self._columns), ", ".join("?" * len(self._columns))
        statement = f"INSERT INTO {self._table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
        return int(self._driver.executemany(statement, rows).rowcount)  # type: ignore[union-attr]

    def _fill_incoming(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._make_incoming()
        marks = ", ".join("?" * len(self._columns))
        self._driver.executemany(  # type: ignore[union-attr]
            f"INSERT INTO incoming ({', '.join(self._columns)}) VALUES ({marks})",  # noqa: S608
            rows,
        )

    def _make_incoming(self) -> None:
        self._session.execute(text("DROP TABLE IF EXISTS incoming"))
        columns = ", ".join(f"{name} {self._type(name)}" for name in self._columns)
        number = "INTEGER PRIMARY KEY" if self._is_sqlite else "BIGSERIAL"
        self._session.execute(text(f"CREATE TEMPORARY TABLE incoming (n {number}, {columns})"))

    def _type(self, name: str) -> str:
        if name in _NUMBERS:
            return "BIGINT"
        return "TEXT" if self._is_sqlite else 'TEXT COLLATE "C"'

    def _copy_incoming(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._make_incoming()
        names = ", ".join(self._columns)
        types = ["int8" if name in _NUMBERS else "text" for name in self._columns]
        with (
            self._driver.cursor() as cursor,  # type: ignore[union-attr]
            cursor.copy(f"COPY incoming ({names}) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(types)
            write = copy.write_row
            for row in rows:
                write(row)

    def _insert_incoming(self) -> int:
        """In order of event id, so that two loaders never wait for each other in a circle."""
        names = ", ".join(self._columns)
        query = text(
            f"WITH fresh AS (INSERT INTO {self._table} ({names})"  # noqa: S608
            f" SELECT {names} FROM incoming ORDER BY source_id, event_id, n"
            " ON CONFLICT DO NOTHING RETURNING resource, at_us),"
            " noted AS (INSERT INTO pending (kind, resource, first_us, last_us)"
            " SELECT :kind, resource, min(at_us), max(at_us) FROM fresh GROUP BY resource)"
            " SELECT count(*) FROM fresh"
        )
        return int(self._session.execute(query, {"kind": self._kind}).scalar_one())

    def _conflicts(self) -> list[dict[str, Any]]:
        content = [name for name in self._columns if name not in _NOT_CONTENT]
        differs = " OR ".join(f"i.{name} <> l.{name}" for name in content)
        query = text(
            f"SELECT {', '.join(f'i.{name}' for name in self._columns)} FROM incoming i"  # noqa: S608
            f" JOIN {self._table} l ON l.source_id = i.source_id AND l.event_id = i.event_id"
            f" WHERE {differs} ORDER BY i.n"
        )
        return [dict(row) for row in self._session.execute(query).mappings()]


def read_stretch(session: Session, stretch: Stretch) -> Iterator[list[tuple[Any, ...]]]:
    """All that the logs between first and last can change, in order, with a neighbour at each side.

    It comes in pieces, so that memory stays flat however long a resource's history is.

    A log is (at_us, *FOLDED[kind]). One prepared statement per resource keeps the plan an index
    range whatever the size of history.
    """
    driver = session.connection().connection.driver_connection
    mark = "?" if session.get_bind().dialect.name == "sqlite" else "%s"
    resource, first_us, last_us = stretch.resource, stretch.first_us, stretch.last_us
    values = (resource, resource, first_us, first_us, resource, last_us, FOREVER)
    cursor = driver.execute(_stretch_query(stretch.kind, mark), values)  # type: ignore[union-attr]
    while piece := cursor.fetchmany(_PIECE):
        yield piece


@cache
def _stretch_query(kind: str, mark: str) -> str:
    table = TABLES[kind]
    own = f"{table} WHERE resource = {mark}"
    return (
        f"SELECT at_us, {', '.join(FOLDED[kind])} FROM {table}"  # noqa: S608
        f" WHERE resource = {mark} AND at_us BETWEEN"
        f" coalesce((SELECT max(at_us) FROM {own} AND at_us < {mark}), {mark})"
        f" AND coalesce((SELECT min(at_us) FROM {own} AND at_us > {mark}), {mark})"
        " ORDER BY at_us, seq, event_id"
    )


def latest_logs(session: Session, kind: str, resources: Sequence[str]) -> list[dict[str, Any]]:
    """What the newest log of each of these resources says of its name and place."""
    vm_id = "l.vm_id" if kind == "disk" else "'' AS vm_id"
    query = text(
        f"SELECT o.kind, l.resource, l.customer, l.name, {vm_id}, l.at_us AS latest_us"  # noqa: S608
        f" FROM resource_owner o JOIN {TABLES[kind]} l ON l.id = (SELECT id FROM {TABLES[kind]}"
        " WHERE resource = o.resource ORDER BY at_us DESC, seq DESC, event_id DESC LIMIT 1)"
        " WHERE o.kind = :kind AND o.resource IN :resources"
    ).bindparams(bindparam("resources", expanding=True))
    rows = session.execute(query, {"kind": kind, "resources": list(resources)})
    return [dict(row) for row in rows.mappings()]


def logs_between(
    session: Session, about: tuple[str, str], period: Period, limit: int
) -> tuple[list[RowMapping], int]:
    """Raw logs that hold in [starts, ends) of (kind, resource): at most `limit`, and their count.

    The first is the one that stands at the start, however long before it was sent.
    """
    kind, resource = about
    where = (
        "l.resource = :resource AND l.at_us < :ends AND l.at_us >="  # noqa: S608
        " coalesce((SELECT max(at_us)"
        f" FROM {TABLES[kind]} WHERE resource = :resource AND at_us <= :starts), :starts)"
    )
    values = {"resource": resource, "starts": period.starts_us, "ends": period.ends_us}
    count = session.execute(
        text(f"SELECT count(*) FROM {TABLES[kind]} l WHERE {where}"),  # noqa: S608
        values,
    ).scalar_one()
    whole, order = _WHOLE.format(table=TABLES[kind]), "l.at_us, l.seq, l.event_id"
    query = f"{whole} WHERE {where} ORDER BY {order} LIMIT :limit"
    rows = session.execute(text(query), {**values, "limit": limit}).mappings().all()
    return list(rows), int(count)


def log_at(session: Session, kind: str, source: str, event_id: str) -> RowMapping | None:
    """One raw log by (source, event_id)."""
    query = f"{_WHOLE.format(table=TABLES[kind])} WHERE s.name = :source AND l.event_id = :event_id"
    return (
        session.execute(text(query), {"source": source, "event_id": event_id})
        .mappings()
        .one_or_none()
    )


_WHOLE = (
    "SELECT l.*, s.name AS source, b.name AS batch, b.received_us FROM {table} l"
    " JOIN source s ON s.id = l.source_id JOIN batch b ON b.id = l.batch_id"
)
