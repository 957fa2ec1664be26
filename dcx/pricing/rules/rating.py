"""The one pricing function: estimate, draft, invoice and re-rating all call `price`."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dcx.kit.money import E8, half_up
from dcx.pricing.rules.books import Book, Price
from dcx.pricing.rules.meters import METERS, Usage


@dataclass(frozen=True, slots=True)
class Stretch:
    """Usage that happened while one version of a book was in force; None: before the first one."""

    book: Book | None
    usage: Sequence[Usage]


@dataclass(frozen=True, slots=True)
class Line:
    """One amount: quantity in its unit x unit price, over the hours of the month where the price is
    monthly, rounded half up to the cent once, and once for each of `copies` alike.

    `step` is 0 for a flat price; a stepped line has no resource and counts its customer's whole
    use.
    """

    kind: str
    resource: str
    meter: str
    quantity: int
    unit_price_e8: int
    is_monthly: bool
    month_hours: int
    book: str
    version: int
    rule: int
    step: int
    where: tuple[tuple[str, str], ...]
    copies: int = 1

    @property
    def amount_cents(self) -> int:
        hours = self.month_hours if self.is_monthly else 1
        divisor = METERS[self.meter].divisor * hours * (E8 // 100)
        return self.copies * half_up(self.quantity * self.unit_price_e8, divisor)


def exact_amount_e8(quantity: int, unit_price_e8: int, meter: str, month_hours: int) -> int:
    """An amount to 8 decimals, before it is rounded to cents: for showing the arithmetic."""
    return half_up(quantity * unit_price_e8, METERS[meter].divisor * max(month_hours, 1))


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Used, but no price fits: never taken for zero."""

    kind: str
    resource: str
    meter: str
    quantity: int
    where: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Priced:
    """What usage costs, and what of it has no price."""

    lines: list[Line]
    unpriced: list[Unpriced]

    @property
    def net_cents(self) -> int:
        return sum(line.amount_cents for line in self.lines)


_Slot = tuple[int, int, str, str, int]


def price(stretches: Sequence[Stretch], month_hours: int) -> Priced:
    """Price one customer's usage of one calendar month of `month_hours` hours.

    `stretches` in order of time. A line is (resource, meter, price version, price), or (price
    version, price, step) where the price is stepped; steps count per customer and calendar month,
    whichever version was in force. Free usage and zero quantities give no line. Pure: the order of
    usage and its splitting within a stretch change nothing. Source: contract, money rules.
    """
    flat: defaultdict[_Slot, int] = defaultdict(int)
    stepped: defaultdict[tuple[int, int], int] = defaultdict(int)
    unpriced: defaultdict[Unpriced, int] = defaultdict(int)
    for place, stretch in enumerate(stretches):
        for used in stretch.usage:
            found = stretch.book.price_of(used) if stretch.book else None
            if not used.quantity:
                continue
            if found is None:
                unpriced[_unpriced(used)] += used.quantity * used.copies
            elif found[1].is_stepped:
                stepped[place, found[0]] += used.quantity * used.copies
            elif found[1].steps:
                flat[place, found[0], used.kind, used.resource, used.copies] += used.quantity
    lines = [_flat_line(stretches, slot, quantity, month_hours) for slot, quantity in flat.items()]
    for (place, rule), quantity in stepped.items():
        lines += _step_lines(stretches, (place, rule), quantity, month_hours)
    return Priced(
        sorted(lines, key=_order),
        [
            _with_quantity(key, quantity)
            for key, quantity in sorted(unpriced.items(), key=_unpriced_order)
        ],
    )


def _flat_line(stretches: Sequence[Stretch], slot: _Slot, quantity: int, month_hours: int) -> Line:
    place, rule, kind, resource, copies = slot
    book = _book(stretches, place)
    taken = book.prices[rule - 1]
    return Line(
        kind,
        resource,
        taken.meter,
        quantity,
        taken.steps[0].unit_price_e8,
        taken.is_monthly,
        month_hours,
        book.name,
        book.number,
        rule,
        0,
        tuple(taken.where.items()),
        copies,
    )


def _step_lines(
    stretches: Sequence[Stretch], slot: tuple[int, int], quantity: int, month_hours: int
) -> list[Line]:
    """Cut the quantity at the steps; what the month used before counts too."""
    place, rule = slot
    book = _book(stretches, place)
    taken = book.prices[rule - 1]
    from_quantity = _used_before(stretches[:place], book, rule)
    lines = []
    floor = 0
    for number, step in enumerate(taken.steps, 1):
        top = _quantity_of(step.up_to_e8, taken, month_hours)
        end = from_quantity + quantity if top is None else min(from_quantity + quantity, top)
        part = end - max(from_quantity, floor)
        floor = floor if top is None else top
        if part > 0:
            where = tuple(taken.where.items())
            kind = taken.meter.partition(".")[0]
            lines.append(
                Line(
                    kind,
                    "",
                    taken.meter,
                    part,
                    step.unit_price_e8,
                    taken.is_monthly,
                    month_hours,
                    book.name,
                    book.number,
                    rule,
                    number,
                    where,
                )
            )
    return lines


def _used_before(earlier: Sequence[Stretch], book: Book, rule: int) -> int:
    fitting = (used for stretch in earlier for used in stretch.usage)
    return sum(
        used.quantity * used.copies for used in fitting if (book.price_of(used) or (0,))[0] == rule
    )


def _quantity_of(up_to_e8: int | None, taken: Price, month_hours: int) -> int | None:
    """A step's end as an exact quantity, rounded half up to the microsecond."""
    if up_to_e8 is None:
        return None
    hours = month_hours if taken.is_monthly else 1
    return half_up(up_to_e8 * METERS[taken.meter].divisor * hours, E8)


def _book(stretches: Sequence[Stretch], place: int) -> Book:
    book = stretches[place].book
    if book is None:
        raise ValueError("Usage without a book has no price.")
    return book


def _unpriced(used: Usage) -> Unpriced:
    where = tuple((key, getattr(used, key)) for key in ("tier", "region", "flavor", "os"))
    return Unpriced(
        used.kind, used.resource, used.meter, 0, tuple(pair for pair in where if pair[1])
    )


def _with_quantity(key: Unpriced, quantity: int) -> Unpriced:
    return Unpriced(key.kind, key.resource, key.meter, quantity, key.where)


def _unpriced_order(item: tuple[Unpriced, int]) -> tuple[object, ...]:
    key = item[0]
    return key.resource, key.meter, key.where


_METER_ORDER = {name: place for place, name in enumerate(METERS)}


def _order(line: Line) -> tuple[object, ...]:
    kind_last = 0 if line.kind == "vm" else 1
    return (
        line.step > 0, kind_last, line.resource, _METER_ORDER[line.meter],
        line.version, line.rule, line.step,
    )  # fmt: skip
