"""Keyset paging: a page of rows and the keys that lead to its neighbours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`after` is the key to ask the next page with, None on the last one."""

    rows: Sequence[T]
    after: str | None = None


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], object]) -> Page[T]:
    """Make a page of at most `limit` out of `limit + 1` rows read."""
    if len(rows) <= limit:
        return Page(rows)
    return Page(rows[:limit], str(key(rows[limit - 1])))
