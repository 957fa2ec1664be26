"""Tables as people turn them: by which column, which way, and which page, told by keys."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

T = TypeVar("T")
PER_PAGE = 25
_INT64 = 2**63


@dataclass(frozen=True, slots=True)
class Sort:
    """The column that a table is sorted by, and which way."""

    key: str
    down: bool = False

    @classmethod
    def read(cls, text: str, keys: Iterable[str], default: str) -> "Sort":
        """As an address says it: "-total" is the largest total first. What the table does not know
        gives way to its default.
        """
        wanted = text if text.removeprefix("-") in set(keys) else default
        return cls(wanted.removeprefix("-"), wanted.startswith("-"))

    def __str__(self) -> str:
        return f"-{self.key}" if self.down else self.key


@dataclass(frozen=True, slots=True)
class Place:
    """A row's place in a sorted table: the value it is sorted by, and the key that no other has."""

    value: Any
    tie: Any

    def written(self, sort: Sort) -> str:
        """As it stands in an address."""
        text = json.dumps([str(sort), self.value, self.tie], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, sort: Sort) -> "Place | None":
        """None for what is no place in a table so sorted: then it begins at its start."""
        try:
            padded = text + "=" * (-len(text) % 4)
            told, value, tie = json.loads(base64.urlsafe_b64decode(padded))
        except (ValueError, TypeError, binascii.Error, RecursionError):
            return None
        if told != str(sort) or not (_is_plain(value) and _is_plain(tie)):
            return None
        return cls(value, tie)

    def fits(self, value: type, tie: type) -> bool:
        """Are its value and key of these types? An address may say anything."""
        return type(self.value) is value and type(self.tie) is tie


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return "\0" not in value and value == value.encode("utf-8", "replace").decode()
    return type(value) is int and abs(value) < _INT64


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted of a table: its order, and at most `limit` rows after or before a place.

    `name` keeps the tables of a page apart in its address. No `limit`: all rows.
    """

    sort: Sort
    after: Place | None = None
    before: Place | None = None
    limit: int | None = PER_PAGE
    name: str = ""

    def param(self, what: str) -> str:
        """What the address calls the sort, after or before of this table."""
        return f"{self.name}-{what}" if self.name else what

    @property
    def is_later(self) -> bool:
        """Is this not the first page?"""
        return self.after is not None or self.before is not None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of a table, where they stand in it, and the keys that lead to the pages beside it.

    `before` and `after` are None at the ends of the table; `first` counts from 0.
    """

    rows: Sequence[T]
    after: str | None = None
    before: str | None = None
    first: int = 0
    count: int = 0
    ask: Ask | None = None

    @property
    def last(self) -> int:
        return self.first + len(self.rows)


def placed(rows: Sequence[T], places: Sequence[Place], first: int, count: int, ask: Ask) -> Page[T]:
    """The page of rows that begin at `first` of `count`, with their places."""
    last = first + len(rows)
    return Page(
        rows,
        after=places[-1].written(ask.sort) if rows and last < count else None,
        before=places[0].written(ask.sort) if rows and first > 0 else None,
        first=first,
        count=count,
        ask=ask,
    )


Columns = Mapping[str, Callable[[T], Any]]


def in_order(rows: Iterable[T], columns: Columns[T], tie: Callable[[T], Any], ask: Ask) -> list[T]:
    """All rows in the order asked for; equal ones by their key, the same way round."""
    column = columns[ask.sort.key]
    return sorted(rows, key=lambda row: (column(row), tie(row)), reverse=ask.sort.down)


def page_in_order(
    rows: Iterable[T], columns: Columns[T], tie: Callable[[T], Any], ask: Ask
) -> Page[T]:
    """The page of a table that is at hand as a whole. A row that is gone turns no page back."""
    ordered = in_order(rows, columns, tie, ask)
    column = columns[ask.sort.key]
    places = [Place(column(row), tie(row)) for row in ordered]
    first, last = _cut(places, ask)
    return placed(ordered[first:last], places[first:last], first, len(ordered), ask)


def page_holding(
    rows: Iterable[T], columns: Columns[T], tie: Callable[[T], Any], ask: Ask, wanted: T | None
) -> Page[T]:
    """The page asked for; where no place is asked for, the one that holds a row."""
    ordered = in_order(rows, columns, tie, ask)
    at = ordered.index(wanted) if wanted is not None and not ask.is_later else 0
    if ask.limit and at >= ask.limit:
        last = ordered[at - at % ask.limit - 1]
        ask = replace(ask, after=Place(columns[ask.sort.key](last), tie(last)))
    return page_in_order(ordered, columns, tie, ask)


def _cut(places: Sequence[Place], ask: Ask) -> tuple[int, int]:
    """(first, last) of the rows wanted, half-open."""
    limit = len(places) if ask.limit is None else ask.limit
    wanted = ask.after or ask.before
    if not places or wanted is None or not _alike(wanted, places[0]):
        return 0, limit
    passed = sum(not _follows(place, wanted, ask.sort) for place in places)
    if ask.after:
        return passed, passed + limit
    end = passed - any(place == wanted for place in places)
    return max(end - limit, 0), max(end, min(limit, len(places)))


def _alike(one: Place, other: Place) -> bool:
    return one.fits(type(other.value), type(other.tie))


def _follows(place: Place, wanted: Place, sort: Sort) -> bool:
    one, other = (place.value, place.tie), (wanted.value, wanted.tie)
    return one < other if sort.down else one > other
