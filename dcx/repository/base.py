"""Base of all tables and repositories: names of constraints, column types, small read helpers."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Integer, MetaData, Select, String, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

RowId = BigInteger().with_variant(Integer, "sqlite")
ByteText = String().with_variant(String(collation="C"), "postgresql")
"""Text that orders or identifies: compared byte by byte on every database."""

T = TypeVar("T")
Key = Annotated[str, mapped_column(ByteText)]
Big = Annotated[int, mapped_column(BigInteger)]


class Base(DeclarativeBase):
    """Root of all tables."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING), type_annotation_map={int: BigInteger()}
    )


class Row:
    """Gives a table its row number, which is never shown to the outside."""

    id: Mapped[int] = mapped_column(RowId, primary_key=True)


class Repository:
    """Holds the session; a room's repository adds one method per question."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, row: object) -> None:
        self.session.add(row)
        self.session.flush()

    def _all(self, query: Select[T]) -> Sequence[T]:
        return self.session.scalars(query).all()

    def _one(self, query: Select[T]) -> T | None:
        return self.session.scalars(query).one_or_none()

    def _cells(self, query: Select[*tuple[Any, ...]]) -> Sequence[Any]:
        """Rows of plain columns, many of them: read beside the ORM, which costs as much again."""
        return self.session.connection().execute(query).all()

    def _insert(self, model: Any) -> Any:
        """An INSERT of this database's own kind: it can say what to do ON CONFLICT."""
        dialect = sqlite if self.session.get_bind().dialect.name == "sqlite" else postgresql
        return dialect.insert(model.__table__)

    def _rows(self, query: Select[*tuple[Any, ...]]) -> Sequence[Any]:
        return self.session.execute(query).all()


def lowered(text: Any) -> ColumnElement[str]:
    """The text in small letters, to sort by: a page turns only by what is known to be text."""
    return func.lower(text, type_=String())


def holds(text: Any, words: str) -> ColumnElement[bool]:
    """Does the text hold the words, whatever their case? No sign in them is a wildcard."""
    plain = words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return func.lower(text).like(f"%{plain}%", escape="\\")
