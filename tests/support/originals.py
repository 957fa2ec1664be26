"""A migrated PostgreSQL database, and how a copy of it that was used is made as new again."""

from typing import Any, LiteralString

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]
CATALOGUES: tuple[LiteralString, ...] = (
    "pg_attribute", "pg_constraint", "pg_index", "pg_proc", "pg_trigger", "pg_type",
)  # fmt: skip
"""Whatever changes a schema writes, or takes away, a row of one of these."""
MARKS: LiteralString = " UNION ALL ".join(
    f"SELECT '{name}', count(*), max(xmin::text::bigint) FROM {name}" for name in CATALOGUES
)
HOLDING = """SELECT relname FROM pg_class WHERE relkind = 'r'
    AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"""
SEQUENCES = """SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL
    FROM pg_sequences WHERE schemaname = 'public'"""
SET = "SELECT setval(quote_ident(%s)::regclass, %s, %s)"


class Original:
    """What copies are made from: its schema, its rows, and where its sequences stand."""

    def __init__(self, connection: Connection) -> None:
        self._marks = connection.execute(MARKS).fetchall()
        self._rows = {table: _read(connection, table) for table in _holding(connection)}
        self._sequences = set(connection.execute(SEQUENCES).fetchall())

    def restore(self, connection: Connection) -> bool:
        """Make a copy as new; False where its schema was changed, and a newer copy is cheaper."""
        if connection.execute(MARKS).fetchall() != self._marks:
            return False
        connection.execute("SET session_replication_role = replica")
        tables = _holding(connection)
        for table in tables:
            connection.execute(_of("DELETE FROM {}", table))
        connection.execute(sql.SQL("VACUUM {}").format(sql.SQL(", ").join(map(_name, tables))))
        for table, rows in self._rows.items():
            with connection.cursor().copy(_of("COPY {} FROM STDIN", table)) as stream:
                stream.write(rows)
        for moved in set(connection.execute(SEQUENCES).fetchall()) - self._sequences:
            self._set_back(connection, moved[0])
        return True

    def _set_back(self, connection: Connection, sequence: str) -> None:
        connection.execute(SET, next(each for each in self._sequences if each[0] == sequence))


def _holding(connection: Connection) -> list[str]:
    """The tables that hold rows, or the room that rows had."""
    return [str(row[0]) for row in connection.execute(HOLDING).fetchall()]


def _read(connection: Connection, table: str) -> bytes:
    with connection.cursor().copy(_of("COPY {} TO STDOUT", table)) as stream:
        return b"".join(bytes(piece) for piece in stream)


def _of(statement: LiteralString, table: str) -> sql.Composed:
    return sql.SQL(statement).format(_name(table))


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(table)
