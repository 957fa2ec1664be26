"""What can be done with prices: publish, look up, check; and the pricing function itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.ids import fingerprint
from dcx.kit.memo import Memo
from dcx.kit.money import E8, cents_text, decimal_text, half_up
from dcx.kit.periods import FOREVER, HOUR_US, Period, instant_text, month_period
from dcx.kit.sorting import Ask, Page
from dcx.pricing.errors import PriceBookRefusedError, UnknownPriceBookError, VatRefusedError
from dcx.pricing.models import PriceBookVersion, VatRate
from dcx.pricing.repository import VERSION_COLUMNS, PriceBookRepository, VatRepository
from dcx.pricing.rules.books import Book, Example, Price, read_book
from dcx.pricing.rules.meters import METERS, Usage, quantity_micros, quantity_text
from dcx.pricing.rules.rating import Line, Priced, Stretch, Unpriced, exact_amount_e8, price
from dcx.pricing.rules.versions import VersionRow

_PARSED: Memo[Book] = Memo(50)
SEEDED_VAT_E8 = 15_000_000
PLAIN_MONTH_HOURS = 730


@dataclass(frozen=True, slots=True)
class Tried:
    """One example of a book: what it says it costs and what it does cost."""

    place: int
    says_cents: int
    costs_cents: int
    unpriced: bool

    @property
    def holds(self) -> bool:
        return not self.unpriced and self.says_cents == self.costs_cents


@dataclass(frozen=True, slots=True)
class Published:
    """A version that stands."""

    price_book: str
    version: int
    starts_us: int
    is_new: bool


def month_hours(month: str, zone: ZoneInfo) -> int:
    """Hours of a calendar month as it is lived in `zone`: 672 to 744, an hour off where clocks
    change.
    """
    return month_period(month, zone).length_us // HOUR_US


def try_book(text: bytes, *, currency: str, zone: ZoneInfo) -> tuple[Book, list[Tried]]:
    """Read a price book and run its examples; PriceBookRefusedError on faults."""
    book = read_book(text, currency=currency)
    return book, [
        _tried(book, place, example, zone) for place, example in enumerate(book.examples, 1)
    ]


def _tried(book: Book, place: int, example: Example, zone: ZoneInfo) -> Tried:
    usage = [
        Usage(
            customer="",
            kind=meter.partition(".")[0],
            resource="example",
            meter=meter,
            quantity=half_up(quantity * METERS[meter].divisor, E8),
            tier=example.where.get("tier", ""),
            region=example.where.get("region", ""),
            flavor=example.where.get("flavor", ""),
            os=example.where.get("os", ""),
        )
        for meter, quantity in example.given_e8.items()
    ]
    hours = _example_hours(example, place, zone)
    priced = price([Stretch(book, usage)], hours)
    return Tried(place, half_up(example.net_e8, E8 // 100), priced.net_cents, bool(priced.unpriced))


def _example_hours(example: Example, place: int, zone: ZoneInfo) -> int:
    if example.month is None:
        return PLAIN_MONTH_HOURS
    try:
        return month_hours(example.month, zone)
    except (ValueError, TypeError) as error:
        raise PriceBookRefusedError(
            f"The price book is refused: example {place}: {error}"
        ) from error


def publish(
    session: Session,
    text: bytes,
    *,
    currency: str,
    zone: ZoneInfo,
    now_us: int,
    issued_until: Callable[[str], int | None],
) -> Published:
    """Publish a version. Publishing the same text again answers the same version.

    Refused with PriceBookRefusedError: a fault, an example that does not hold, a start not after
    the version before, or inside a period that `issued_until(book)` says was issued with it.
    """
    book, tried = try_book(text, currency=currency, zone=zone)
    repository = PriceBookRepository(session)
    versions = repository.versions(book.name)
    digest = fingerprint(text.decode())
    for version in versions:
        if version.digest == digest:
            return Published(book.name, version.number, version.starts_us, is_new=False)
    _require_examples(tried)
    if versions:
        _require_later_start(book, versions[-1], issued_until(book.name))
    number = len(versions) + 1
    row = PriceBookVersion(
        book=book.name,
        number=number,
        starts_us=book.starts_us,
        text=text.decode(),
        digest=digest,
        published_us=now_us,
    )
    repository.add(row)
    return Published(book.name, number, book.starts_us, is_new=True)


def note_published(session: Session, done: Published, *, by: Actor, now_us: int) -> None:
    """Write who published, in the transaction of `publish`; nothing where the version stood."""
    if done.is_new:
        subject = f"{done.price_book} version {done.version}"
        facts = {"starts_at": instant_text(done.starts_us)}
        journal.record(
            session, by, Deed("price book published", subject, after=facts), now_us=now_us
        )


def _require_examples(tried: Sequence[Tried]) -> None:
    wrong = [
        f"example {one.place} says {cents_text(one.says_cents)}"
        f" but costs {'something without a price' if one.unpriced else cents_text(one.costs_cents)}"
        for one in tried
        if not one.holds
    ]
    if wrong:
        raise PriceBookRefusedError(f"The price book is refused: {'; '.join(wrong)}.")


def _require_later_start(book: Book, last: PriceBookVersion, issued_us: int | None) -> None:
    if book.starts_us <= last.starts_us:
        raise PriceBookRefusedError(
            f"Version {last.number + 1} of {book.name} must start after version {last.number},"
            f" which starts at {instant_text(last.starts_us)}."
        )
    if issued_us is not None and book.starts_us < issued_us:
        raise PriceBookRefusedError(
            f"Invoices were issued with {book.name} until {instant_text(issued_us)}:"
            " a new version must start then or later."
        )


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


def vat_rate_at(session: Session, instant_us: int) -> int:
    """The VAT rate (10^-8) in force at an instant; 15 % where none was dated."""
    rate = SEEDED_VAT_E8
    for row in VatRepository(session).rates():
        if row.starts_us <= instant_us:
            rate = row.rate_e8
    return rate


def vat_rates(session: Session) -> Sequence[VatRate]:
    return VatRepository(session).rates()


def add_vat_rate(
    session: Session,
    rate_e8: int,
    *,
    starts_us: int,
    issued_until_us: int | None,
    by: Actor,
    now_us: int,
) -> None:
    """Date a rate. Repeating it changes nothing; it cannot begin within what was issued."""
    if not 0 <= rate_e8 < E8:
        raise VatRefusedError("A VAT rate is a number from 0 to below 1, for example 0.155.")
    repository = VatRepository(session)
    for row in repository.rates():
        if row.starts_us == starts_us and row.rate_e8 == rate_e8:
            return
        if row.starts_us == starts_us:
            raise VatRefusedError(
                f"Another rate begins at {instant_text(starts_us)}. Withdraw it first."
            )
    if issued_until_us is not None and starts_us < issued_until_us:
        raise VatRefusedError(
            f"Invoices were issued until {instant_text(issued_until_us)}:"
            " a rate must begin then or later."
        )
    repository.add(VatRate(rate_e8=rate_e8, starts_us=starts_us))
    facts = {"from": instant_text(starts_us)}
    deed = Deed("VAT rate dated", rate_text(rate_e8), after=facts)
    journal.record(session, by, deed, now_us=now_us)


def withdraw_vat_rate(
    session: Session, rate_e8: int, *, starts_us: int, by: Actor, now_us: int
) -> None:
    """Take back a rate that has not begun."""
    repository = VatRepository(session)
    if not any(row.starts_us == starts_us and row.rate_e8 == rate_e8 for row in repository.rates()):
        raise VatRefusedError(f"No rate {rate_text(rate_e8)} begins at {instant_text(starts_us)}.")
    if starts_us <= now_us:
        raise VatRefusedError("This rate has begun and cannot be withdrawn.")
    repository.remove(starts_us)
    facts = {"from": instant_text(starts_us)}
    deed = Deed("VAT rate withdrawn", rate_text(rate_e8), before=facts)
    journal.record(session, by, deed, now_us=now_us)


def rate_text(rate_e8: int) -> str:
    """0.15 rather than 0.15000000."""
    return decimal_text(rate_e8, 8, at_least=2)


__all__ = [
    "METERS", "VERSION_COLUMNS", "Book", "Line", "Price", "PriceBookVersion", "Priced", "Stretch",
    "Unpriced", "Usage", "VersionRow", "add_vat_rate", "as_book", "books", "every_version",
    "exact_amount_e8", "examples_of", "get_version", "has_book", "month_hours", "note_published",
    "price", "prices_of", "publish", "quantity_micros", "quantity_text", "rate_text", "try_book",
    "vat_rate_at", "vat_rates", "version_page", "versions_in", "withdraw_vat_rate",
]  # fmt: skip
