"""What a price book has prices for: what the form offers, so that nobody asks for the unknown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.estimates.rules.months import month_of
from dcx.estimates.service.prices import STANDARD, Desk
from dcx.kit.periods import Period, month_after
from dcx.pricing import service as pricing
from dcx.pricing.service import Book

MONTHS_AHEAD = 12


@dataclass(frozen=True, slots=True)
class Offer:
    """What the prices of a book tell apart; `tiers` begins with the one to begin with."""

    tiers: Sequence[str]
    systems: Sequence[str]
    regions: Sequence[str]
    flavors: Sequence[str]

    @property
    def tier(self) -> str:
        return next(iter(self.tiers), STANDARD)


def offer(session: Session, book: str, month: str, desk: Desk, *, customer: str) -> Offer:
    """What a book offers in a month; nothing where there is no such book or month, or it is not
    `customer`'s to see ('' sees all).
    """
    is_open = not customer or book in books_for(session, customer)
    found = _versions(session, book, month, desk) if is_open else ()
    books = [each for each, _ in found if each]
    return Offer(
        tiers=_named(books, "tier", "disk.gib_hours"),
        systems=_named(books, "os"),
        regions=_named(books, "region"),
        flavors=_named(books, "flavor"),
    )


def starts_of(session: Session, book: str) -> int | None:
    """When the prices of a book begin; None where there is no such book."""
    starts = [row.starts_us for row in pricing.books(session) if row.book == book]
    return min(starts, default=None)


def _versions(
    session: Session, book: str, month: str, desk: Desk
) -> Sequence[tuple[Book | None, Period]]:
    try:
        found = month_of(month, desk.zone)
    except ValueError:
        return ()
    now = Period(desk.now_us, desk.now_us + 1)
    period = found.period if found.is_calendar else now
    return pricing.versions_in(session, book, period, currency=desk.currency)


def _named(books: Sequence[Book], key: str, meter: str = "") -> tuple[str, ...]:
    """The values that prices name under a key, in file order, each once."""
    named = (
        price.where[key]
        for book in books
        for price in book.prices
        if key in price.where and price.meter.startswith(meter)
    )
    return tuple(dict.fromkeys(named))


def books_for(session: Session, customer: str) -> list[str]:
    """The price books to choose from: a customer's own first and the standard one, or all."""
    if customer:
        own = accounts.get_customer(session, customer).price_book
        return list(dict.fromkeys([own, STANDARD]))
    named = dict.fromkeys(row.book for row in pricing.books(session))
    return list(dict.fromkeys([STANDARD, *named]))


def months_ahead(desk: Desk) -> list[str]:
    """This calendar month and those after it."""
    return list(islice(_months(desk.this_month), MONTHS_AHEAD))


def _months(name: str) -> Iterator[str]:
    while True:
        yield name
        name = month_after(name)
