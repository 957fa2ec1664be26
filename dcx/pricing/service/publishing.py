"""Publishing a version of a price book, after its examples were tried."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.ids import fingerprint
from dcx.kit.money import E8, cents_text, half_up
from dcx.kit.periods import HOUR_US, instant_text, month_period
from dcx.pricing.errors import PriceBookRefusedError
from dcx.pricing.models import PriceBookVersion
from dcx.pricing.repository import PriceBookRepository
from dcx.pricing.rules.books import Book, Example, read_book
from dcx.pricing.rules.meters import METERS, Usage
from dcx.pricing.rules.rating import Stretch, price

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
