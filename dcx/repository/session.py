"""The database handle and the transactions. Nothing else in DCX commits."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

import psycopg
from flask import has_app_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from dcx.repository.base import Base
from dcx.repository.places import place_of

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
            _places_named(database),
            Session(engine_of(database).execution_options(dcx_writes=True)) as session,
            session.begin(),
        ):
            yield session
    finally:
        _writing.reset(mark)


@contextmanager
def reading(database: Database = "main") -> Iterator[Session]:
    """A snapshot to read from: takes no write lock, and what is changed in it is dropped."""
    with _places_named(database), Session(engine_of(database)) as session:
        yield session


@contextmanager
def _places_named(database: Database) -> Iterator[None]:
    """An error of the driver says which database it came from: bulk work speaks to it directly."""
    try:
        yield
    except (sqlite3.Error, psycopg.Error) as error:
        _name_place(error, engine_of(database))
        raise


@event.listens_for(Engine, "handle_error")
def _name_engine(context: ExceptionContext) -> None:
    """An error of SQLAlchemy says which database it came from."""
    error = context.sqlalchemy_exception
    if isinstance(error, DBAPIError) and context.engine is not None:
        _name_place(error, context.engine)


def _name_place(error: BaseException, engine: Engine) -> None:
    if getattr(error, "__notes__", None) or not has_app_context():
        return
    for name, own in db.engines.items():
        if own.url == engine.url:
            error.add_note(f"{name or 'main'} database, {place_of(own.url)},")


def place_of_error(error: BaseException) -> str:
    """ "main database, PATH," of the one that an error came from; "database" where unknown."""
    notes = getattr(error, "__notes__", ["database"])
    return str(notes[0])


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
