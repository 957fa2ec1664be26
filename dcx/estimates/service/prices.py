"""Pricing an ask: the book's versions looked up once, the rest is arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.estimates.errors import AskRefusedError
from dcx.estimates.rules.answers import Answer, answer_of
from dcx.estimates.rules.asks import Ask
from dcx.estimates.rules.costing import Spans, cost
from dcx.estimates.rules.months import Month, month_of
from dcx.estimates.rules.words import (
    LONGEST,
    SHORTEST,
    assumptions,
    not_estimated,
    range_words,
    tier_words,
)
from dcx.kit.money import E8, cents_text
from dcx.kit.periods import Period, month_name
from dcx.pricing import service as pricing
from dcx.pricing.service import METERS, Book
from dcx.settings import Settings

STANDARD = "standard"
MOST_CENTS = 10**15
"""Ten million million: what no estimate is about, and far below what a database can hold."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where estimates are made: the zone of months, the currency, and the instant that is now."""

    zone: ZoneInfo
    currency: str
    now_us: int

    @classmethod
    def of(cls, settings: Settings, now_us: int) -> Self:
        return cls(settings.zone, settings.currency, now_us)

    @property
    def this_month(self) -> str:
        return month_name(self.now_us, self.zone)


def estimate(session: Session, ask: Ask, desk: Desk, *, customer: str = "") -> Answer:
    """What was asked for, priced by the versions of its book: in a calendar month by each while it
    is in force, else by the one in force now. Where `customer` is billed by another book, the
    assumptions say so. Reads only; the number of statements does not grow.

    AskRefusedError for an unknown book, hours that the month does not have, and sums beyond all
    measure.
    """
    month = month_of(ask.month, desk.zone)
    _require_hours(ask, month)
    spans = _spans(session, ask.price_book, month, desk)
    priced = cost(ask, month, spans, desk.zone)
    if priced.net_cents > MOST_CENTS:
        raise AskRefusedError({"lines": "This adds up to more than can be estimated."})
    last_us = month.period.ends_us - 1 if month.is_calendar else desk.now_us
    says = assumptions(ask, month, priced, zone=str(desk.zone), free=_free(spans))
    if not month.is_calendar:
        says.insert(1, _range(ask, spans, desk))
    says += tier_words(ask, priced, set(named(spans, "tier", "disk.gib_hours")))
    says += _other_book(session, ask, customer)
    version = next((book.number for book, _ in reversed(spans) if book), 0)
    return answer_of(
        ask,
        priced,
        month,
        currency=desk.currency,
        version=version,
        vat_rate_e8=pricing.vat_rate_at(session, last_us),
        words=(says, not_estimated(ask)),
    )


def require_open_book(session: Session, ask: Ask, customer: str) -> None:
    """A customer sees the standard prices and their own; AskRefusedError for any other book, as if
    there were none of that name.
    """
    own = accounts.get_customer(session, customer).price_book
    if ask.price_book not in {STANDARD, own}:
        raise _unknown_book(ask.price_book)


def _other_book(session: Session, ask: Ask, customer: str) -> list[str]:
    own = accounts.get_customer(session, customer).price_book if customer else ask.price_book
    if own == ask.price_book:
        return []
    return [f"These are the prices of {ask.price_book}; the bill is by those of {own}."]


def _unknown_book(name: str) -> AskRefusedError:
    return AskRefusedError({"price_book": f"There is no price book {name!r}."})


def _require_hours(ask: Ask, month: Month) -> None:
    faults = {
        f"lines.{place}.hours": f"{month.name} has only {month.hours} hours."
        for place, line in enumerate(ask.lines)
        if line.hours_e8 is not None and line.hours_e8 > month.hours * E8
    }
    if faults:
        raise AskRefusedError(faults)


def _spans(session: Session, name: str, month: Month, desk: Desk) -> Spans:
    found = versions_of_book(session, name, month, desk)
    if all(book is None for book, _ in found) and not pricing.has_book(session, name):
        raise _unknown_book(name)
    return found if month.is_calendar else [(found[-1][0], month.period)]


def versions_of_book(session: Session, name: str, month: Month, desk: Desk) -> Spans:
    """The versions in force in a calendar month, or now where it is no month in particular."""
    now = Period(desk.now_us, desk.now_us + 1)
    period = month.period if month.is_calendar else now
    return pricing.versions_in(session, name, period, currency=desk.currency)


def _free(spans: Spans) -> set[str]:
    """The meters that the book gives away whatever they are used for."""
    books: Sequence[Book] = [book for book, _ in spans if book]
    return {meter for meter in METERS if books and all(_is_free(book, meter) for book in books)}


def named(spans: Spans, key: str, meter: str = "") -> tuple[str, ...]:
    """The values that prices name under a key, in file order, each once."""
    found = (
        price.where[key]
        for book, _ in spans
        if book
        for price in book.prices
        if key in price.where and price.meter.startswith(meter)
    )
    return tuple(dict.fromkeys(found))


def _is_free(book: Book, meter: str) -> bool:
    first = next((price for price in book.prices if price.meter == meter), None)
    return first is not None and not first.where and not first.steps


def _range(ask: Ask, spans: Spans, desk: Desk) -> str:
    """Exact in the month that was asked for, and what it would be in real ones."""
    costs = []
    for hours in (SHORTEST, LONGEST):
        month = month_of(str(hours), desk.zone)
        priced = cost(ask, month, [(spans[-1][0], month.period)], desk.zone)
        costs.append((hours, priced.net_cents))
    return range_words(costs, lambda cents: f"{desk.currency} {cents_text(cents)}")
