"""The database handle and the transactions. Nothing else in DCX commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from dcx.repository.base import Base

Database = Literal["main", "bronze"]

db = SQLAlchemy(model_class=Base, engine_options={"hide_parameters": True})
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
_writing: ContextVar[str | None] = ContextVar("writing", default=None)


@contextmanager
def transaction(database: Database = "main") -> Iterator[Session]:
    """One unit of writing: commits at the end, or leaves nothing behind.

    Never opened inside another one, of either database; RuntimeError says so.
    """
    if _writing.get():
        raise RuntimeError(f"A transaction on {_writing.get()} is already open.")
    mark = _writing.set(database)
    try:
        with (
            Session(engine_of(database).execution_options(dcx_writes=True)) as session,
            session.begin(),
        ):
            yield session
    finally:
        _writing.reset(mark)


@contextmanager
def reading(database: Database = "main") -> Iterator[Session]:
    """A snapshot to read from: takes no write lock, and what is changed in it is dropped."""
    with Session(engine_of(database)) as session:
        yield session


def engine_of(database: Database) -> Engine:
    return db.engines[None if database == "main" else database]


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    """WAL, foreign keys, a patient lock; and BEGIN is ours to say, not the driver's."""
    if type(connection).__module__ != "sqlite3":
        return
    connection.isolation_level = None
    for pragma in (
        "foreign_keys=ON",
        "busy_timeout=5000",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once, so that it never fails half-way for want of it."""
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get("dcx_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
