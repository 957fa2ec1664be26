"""Pure rules of billing: what a document adds up to, and what an old period still owes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dcx.kit.money import E8, half_up


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
    due = {line.key: line for line in now}
    paid: dict[tuple[object, ...], BillLine] = {}
    for line in billed:
        known = paid.get(line.key)
        paid[line.key] = line if known is None else _sum(known, line)
    lines = []
    for key in due.keys() | paid.keys():
        line = _difference(due.get(key), paid.get(key))
        if line.amount_cents or line.quantity:
            lines.append(replace(line, adjusts=period))
    return sorted(lines, key=lambda line: str(line.key))


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
