"""Pure rules of billing: what a document adds up to, and what an old period still owes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dcx.kit.money import E8, half_up
from dcx.kit.sorting import Ask, Columns, Page, page_holding

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class BillLine:
    """One amount of a draft or invoice. `adjusts` names the old period it corrects, '' mostly.

    `quantity` is unit x microseconds; `month_hours` is 0 unless the price is per month.
    """

    kind: str
    resource: str
    name: str
    meter: str
    quantity: int
    unit_price_e8: int
    month_hours: int
    book: str
    version: int
    rule: int
    step: int
    where: tuple[tuple[str, str], ...]
    amount_cents: int
    adjusts: str = ""

    @property
    def about(self) -> tuple[str, str]:
        """(kind, resource) of what was used."""
        return self.kind, self.resource

    @property
    def key(self) -> tuple[object, ...]:
        """What makes it the same line when its period is priced again."""
        return (self.kind, self.resource, self.meter, self.book, self.version, self.rule, self.step)


@dataclass(frozen=True, slots=True)
class Vat:
    """VAT of one rate on a document."""

    rate_e8: int
    net_cents: int
    vat_cents: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What a document adds up to."""

    net_cents: int
    vat_cents: int
    vats: tuple[Vat, ...]

    @property
    def total_cents(self) -> int:
        return self.net_cents + self.vat_cents


def add_up(lines: Sequence[BillLine], rate_of: dict[str, int]) -> Sums:
    """Net, VAT once per document and rate rounded half up, total. `rate_of` maps `adjusts` to a
    rate.

    Source: contract, money rules; VAT Act 89 of 1991, s66.
    """
    nets: defaultdict[int, int] = defaultdict(int)
    for line in lines:
        nets[rate_of[line.adjusts]] += line.amount_cents
    vats = tuple(Vat(rate, net, half_up(net * rate, E8)) for rate, net in sorted(nets.items()))
    return Sums(sum(nets.values()), sum(vat.vat_cents for vat in vats), vats)


def adjustments(now: Iterable[BillLine], billed: Iterable[BillLine], period: str) -> list[BillLine]:
    """An old period priced again less all that was billed for it: lines that name it, none of
    zero.
    """
    lines = [replace(line, adjusts=period) for line in less(now, billed)]
    return sorted(lines, key=lambda line: str(line.key))


def less(now: Iterable[BillLine], before: Iterable[BillLine]) -> list[BillLine]:
    """Lines less the same lines of before, none of zero."""
    due = {line.key: line for line in now}
    paid: dict[tuple[object, ...], BillLine] = {}
    for line in before:
        known = paid.get(line.key)
        paid[line.key] = line if known is None else _sum(known, line)
    lines = [_difference(due.get(key), paid.get(key)) for key in {**due, **paid}]
    return [line for line in lines if line.amount_cents or line.quantity]


def summed(lines: Iterable[BillLine]) -> list[BillLine]:
    """The same line of several months as one, in the order of its first."""
    found: dict[tuple[object, ...], BillLine] = {}
    for line in lines:
        key = (*line.key, line.adjusts)
        found[key] = _sum(found[key], line) if key in found else line
    return list(found.values())


def _sum(one: BillLine, other: BillLine) -> BillLine:
    return replace(
        one,
        quantity=one.quantity + other.quantity,
        amount_cents=one.amount_cents + other.amount_cents,
    )


def _difference(due: BillLine | None, paid: BillLine | None) -> BillLine:
    if due is None and paid is not None:
        return replace(paid, quantity=-paid.quantity, amount_cents=-paid.amount_cents)
    if due is None:
        raise ValueError("Nothing is neither due nor paid.")
    if paid is None:
        return due
    return _sum(due, replace(paid, quantity=-paid.quantity, amount_cents=-paid.amount_cents))


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one resource on a document, each with its position from 1."""

    resource: str
    name: str
    adjusts: str
    members: Sequence[tuple[int, BillLine]]

    @property
    def words(self) -> str:
        return self.name or self.resource or "All resources"

    @property
    def cents(self) -> int:
        return sum(line.amount_cents for _, line in self.members)

    @property
    def position(self) -> int:
        return self.members[0][0]

    def holds(self, position: int | None) -> bool:
        return any(place == position for place, _ in self.members)


GROUP_COLUMNS: Columns[Group] = {
    "resource": lambda group: group.words.lower(),
    "amount": lambda group: group.cents,
}


def groups_of(lines: Sequence[BillLine]) -> list[Group]:
    """Lines by resource in the order of the document, adjustments by themselves."""
    found: dict[tuple[str, str, str], list[tuple[int, BillLine]]] = {}
    for position, line in enumerate(lines, 1):
        found.setdefault((line.adjusts, line.kind, line.resource), []).append((position, line))
    return [
        Group(resource, members[0][1].name, adjusts, members)
        for (adjusts, _, resource), members in found.items()
    ]


def page_of_groups(groups: Sequence[Group], ask: Ask, *, opened: int | None) -> Page[Group]:
    """The page asked for; without a place in the address, the one that holds the opened line."""
    holder = next((group for group in groups if group.holds(opened)), None)
    return page_holding(groups, GROUP_COLUMNS, _position, ask, holder)


def _position(group: Group) -> int:
    return group.position


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment behind a line: its time, its size, and what it adds, in millionths of the unit."""

    starts_us: int
    ends_us: int
    size: int
    micros: int


def pieces_of(spans: Iterable[tuple[int, int, int]], divisor: int) -> list[Piece]:
    """(starts, ends, size) with what each adds to the whole; rounded so that they sum to it.

    `divisor` turns size x microseconds into the unit of the meter.
    """
    pieces, quantity, given = [], 0, 0
    for starts_us, ends_us, size in spans:
        quantity += (ends_us - starts_us) * size
        upto = half_up(quantity * MILLION, divisor)
        pieces.append(Piece(starts_us, ends_us, size, upto - given))
        given = upto
    return pieces
