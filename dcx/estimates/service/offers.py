"""What a price book has prices for: what the form offers, so that nobody asks for the unknown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.estimates.rules.costing import Spans
from dcx.estimates.rules.months import month_of
from dcx.estimates.service.prices import STANDARD, Desk, named, versions_of_book
from dcx.kit.periods import month_after
from dcx.pricing import service as pricing

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
    return Offer(
        tiers=named(found, "tier", "disk.gib_hours"),
        systems=named(found, "os"),
        regions=named(found, "region"),
        flavors=named(found, "flavor"),
    )


def starts_of(session: Session, book: str) -> int | None:
    """When the prices of a book begin; None where there is no such book."""
    starts = [row.starts_us for row in pricing.books(session) if row.book == book]
    return min(starts, default=None)


def _versions(session: Session, book: str, month: str, desk: Desk) -> Spans:
    try:
        found = month_of(month, desk.zone)
    except ValueError:
        return ()
    return versions_of_book(session, book, found, desk)


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
