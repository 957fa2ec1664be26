"""Keyset paging: a page of rows and the keys that lead to its neighbours."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_
from sqlalchemy.orm import Session

from dcx.kit.sorting import Ask, Page, Place, placed

T = TypeVar("T")
_STREAMED = 1_000

__all__ = ["Page", "Sorted", "page_of"]


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], object]) -> Page[T]:
    """Make a page of at most `limit` out of `limit + 1` rows read."""
    if len(rows) <= limit:
        return Page(rows)
    return Page(rows[:limit], str(key(rows[limit - 1])))


@dataclass(frozen=True, slots=True)
class Sorted:
    """A query whose rows may be sorted by some columns, none of them NULL, and a key of its own.

    A page costs two statements, whatever its size: its rows, and how many there are.
    """

    query: Select[*tuple[Any, ...]]
    columns: Mapping[str, ColumnElement[Any]]
    tie: ColumnElement[Any]

    def page(self, session: Session, ask: Ask) -> Page[Any]:
        """The rows asked for, as tuples of what the query selects."""
        wanted = self._known(ask.after or ask.before, ask)
        turns = wanted is not None and ask.after is None
        rows = list(session.execute(self._rows(ask, wanted, turns=turns)))
        if turns:
            rows.reverse()
        count, passed = self._counts(session, ask, wanted)
        first = max(passed - len(rows), 0) if turns else passed
        places = [Place(row[-2], row[-1]) for row in rows]
        return placed([tuple(row[:-2]) for row in rows], places, first, count, ask)

    def every(self, session: Session, ask: Ask) -> Iterator[Any]:
        """All rows in the order asked for, whatever page is asked for, streamed."""
        query = self._rows(replace(ask, limit=None), None, turns=False).execution_options(
            yield_per=_STREAMED
        )
        for row in session.execute(query):
            yield tuple(row[:-2])

    def _rows(self, ask: Ask, wanted: Place | None, *, turns: bool) -> Select[Any]:
        column, down = self.columns[ask.sort.key], ask.sort.down is not turns
        query = self.query.add_columns(column.label("sorted_by"), self.tie.label("tie"))
        if wanted is not None:
            query = query.where(self._beyond(column, wanted, down=down))
        order = (column.desc(), self.tie.desc()) if down else (column, self.tie)
        return query.order_by(*order).limit(ask.limit)

    def _counts(self, session: Session, ask: Ask, wanted: Place | None) -> tuple[int, int]:
        """(all rows, those that the page leaves behind it)."""
        column = self.columns[ask.sort.key]
        behind: ColumnElement[bool] = false()
        if wanted is not None:
            behind = self._beyond(column, wanted, down=not ask.sort.down)
            if ask.after is not None:
                behind = or_(behind, and_(column == wanted.value, self.tie == wanted.tie))
        query = self.query.with_only_columns(
            func.count(), func.count(case((behind, 1))), maintain_column_froms=True
        )
        count, passed = session.execute(query).one()
        return int(count), int(passed)

    def _beyond(
        self, column: ColumnElement[Any], place: Place, *, down: bool
    ) -> ColumnElement[bool]:
        if down:
            further, later = column < place.value, self.tie < place.tie
        else:
            further, later = column > place.value, self.tie > place.tie
        return or_(further, and_(column == place.value, later))

    def _known(self, place: Place | None, ask: Ask) -> Place | None:
        """The place, if it may be one of this table: an address may say anything."""
        column = self.columns[ask.sort.key]
        if place is None or not place.fits(column.type.python_type, self.tie.type.python_type):
            return None
        return place
