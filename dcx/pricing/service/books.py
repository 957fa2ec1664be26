"""Looking price books up: their versions, and which is in force when."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dcx.kit.memo import Memo
from dcx.kit.periods import FOREVER, Period
from dcx.kit.sorting import Ask, Page
from dcx.pricing.errors import UnknownPriceBookError
from dcx.pricing.models import PriceBookVersion
from dcx.pricing.repository import PriceBookRepository
from dcx.pricing.rules.books import Book, Price, read_book
from dcx.pricing.rules.versions import VersionRow
from dcx.pricing.service.publishing import Tried, try_book

_PARSED: Memo[Book] = Memo(50)


def versions_in(
    session: Session, book: str, period: Period, *, currency: str
) -> list[tuple[Book | None, Period]]:
    """The versions in force during a period, cut at their borders, in order.

    None stands before the first version, and all along where nothing of that name was published.
    """
    books = [as_book(row, currency) for row in PriceBookRepository(session).versions(book)]
    starts = [period.starts_us, *(each.starts_us for each in books), FOREVER]
    spans = zip([None, *books], pairwise([-FOREVER, *starts[1:]]), strict=True)
    found = []
    for each, (begins, ends) in spans:
        part = Period(max(begins, period.starts_us), min(ends, period.ends_us))
        if part.length_us:
            found.append((each, part))
    return found


def as_book(row: PriceBookVersion, currency: str) -> Book:
    """A stored version, parsed once for as long as it is remembered. What a book found for usage it
    keeps itself: it is given away without that, so that nobody's questions pile up.
    """
    key = (row.digest, row.number, currency)
    return replace(_PARSED.recall(key, partial(_parsed, row.text, row.number, currency)), _found={})


def _parsed(text: str, number: int, currency: str) -> Book:
    return replace(read_book(text.encode(), currency=currency), number=number)


def books(session: Session) -> Sequence[PriceBookVersion]:
    """Every version of every book, newest first within a book."""
    return PriceBookRepository(session).every_version()


def has_book(session: Session, name: str) -> bool:
    """Was any version of a book of this name published?"""
    return bool(PriceBookRepository(session).versions(name))


def version_page(session: Session, ask: Ask) -> Page[VersionRow]:
    """Every version of every book, as they are asked for."""
    return PriceBookRepository(session).page(ask)


def every_version(session: Session, ask: Ask) -> Iterator[VersionRow]:
    """All versions in the order asked for, streamed."""
    return PriceBookRepository(session).every_sorted(ask)


def examples_of(row: PriceBookVersion, *, currency: str, zone: ZoneInfo) -> list[Tried]:
    """The examples of a stored version, run again."""
    return try_book(row.text.encode(), currency=currency, zone=zone)[1]


def prices_of(row: PriceBookVersion, currency: str) -> Sequence[Price]:
    """The prices of a stored version, in file order."""
    return as_book(row, currency).prices


def get_version(session: Session, book: str, number: int) -> PriceBookVersion:
    for row in PriceBookRepository(session).versions(book):
        if row.number == number:
            return row
    raise UnknownPriceBookError(f"There is no version {number} of a price book {book!r}.")
