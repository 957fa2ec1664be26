"""An estimate against what was used: line by line, and how much of each difference came why."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from zoneinfo import ZoneInfo

from dcx.estimates.rules.answers import Answer, AnswerLine
from dcx.estimates.rules.asks import Ask, AskedLine
from dcx.estimates.rules.groups import ALL_LINES
from dcx.estimates.rules.matching import About, Matched, Metered, match, places_by_name
from dcx.estimates.rules.months import Month, stretches_on
from dcx.estimates.rules.reasons import NOTHING, Part, Side, rounded, split, summed
from dcx.estimates.rules.words import METERED
from dcx.kit.money import E8
from dcx.kit.periods import HOUR_US
from dcx.pricing.rules.meters import METERS

STEPS, UNASKED = -1, -2
_SIZES: dict[str, Callable[[AskedLine], Fraction]] = {
    "vm.hours": lambda _: Fraction(1),
    "vm.vcpu_hours": lambda line: Fraction(line.vcpus),
    "vm.memory_gib_hours": lambda line: Fraction(line.memory_mib, 1024),
}
"""The meters of a machine and what each counts of it."""
_DISK = "disk.gib_hours"
_CENT_E8 = E8 // 100


@dataclass(frozen=True, slots=True)
class Billed:
    """One amount of a draft or invoice; `month_hours` is 0 unless its price is per month."""

    kind: str
    resource: str
    meter: str
    quantity: int
    unit_price_e8: int
    month_hours: int
    amount_cents: int

    @property
    def exact(self) -> Fraction:
        """Cents before they were rounded."""
        divisor = METERS[self.meter].divisor * (self.month_hours or 1) * _CENT_E8
        return Fraction(self.quantity * self.unit_price_e8, divisor)


@dataclass(frozen=True, slots=True)
class Used:
    """A customer's month: the resources metered in it, how much of each (kind, resource, meter),
    and the amounts of the bill.
    """

    metered: Sequence[Metered]
    quantities: Mapping[tuple[str, str, str], int]
    billed: Sequence[Billed]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the ask with all that are called like it, or what steps count of all together
    (`line` -1), or a resource that nobody estimated (-2). The parts sum to the difference.
    """

    line: int
    kind: str
    name: str
    resources: tuple[Metered, ...]
    estimated_cents: int
    actual_cents: int
    parts: tuple[Part, ...]

    @property
    def difference_cents(self) -> int:
        return self.actual_cents - self.estimated_cents


@dataclass(frozen=True, slots=True)
class Compared:
    """Lines as they were asked for, then steps, then what was not asked for, largest first."""

    rows: tuple[Row, ...]

    @property
    def estimated_cents(self) -> int:
        return sum(row.estimated_cents for row in self.rows)

    @property
    def actual_cents(self) -> int:
        return sum(row.actual_cents for row in self.rows)

    @property
    def difference_cents(self) -> int:
        return self.actual_cents - self.estimated_cents

    @property
    def parts(self) -> tuple[Part, ...]:
        """The reasons of all rows together."""
        return summed([part for row in self.rows for part in row.parts])


def compare_actuals(
    ask: Ask, answer: Answer, used: Used, *, month: Month, zone: ZoneInfo
) -> Compared:
    """An estimate of a calendar month and what was used in it. Pure; every cent of the estimate and
    of the bill is in one row.
    """
    matched = match(ask, used.metered)
    estimated: defaultdict[int, list[AnswerLine]] = defaultdict(list)
    for each in answer.lines:
        estimated[each.line].append(each)
    bill: defaultdict[About, list[Billed]] = defaultdict(list)
    for amount in used.billed:
        bill[amount.kind, amount.resource].append(amount)
    owned: defaultdict[int, list[Metered]] = defaultdict(list)
    for one in used.metered:
        owned[matched.get(one.about, UNASKED)].append(one)
    rows = []
    for places in places_by_name(ask.lines):
        own = [each for place in places for each in owned[place]]
        amounts = [each for place in places for each in estimated[place]]
        asked = _asked_of([ask.lines[place] for place in places], month, zone)
        rows.append(_line_row(places[0], _Sides(asked, own, amounts, bill, used.quantities)))
    steps = _steps_row(estimated[STEPS], [each for each in used.billed if not each.resource])
    return Compared((*rows, *steps, *_unasked(used, matched, bill)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A line, the hours that it and its disks are asked for, and how many things it adds."""

    line: AskedLine
    on: Fraction
    whole: Fraction
    adds: int


def _asked_of(lines: Sequence[AskedLine], month: Month, zone: ZoneInfo) -> list[_Asked]:
    """A line that names only resources which lines before it name is the same thing once more, in
    another configuration: it adds hours, and none to the count.
    """
    whole, named, found = Fraction(month.period.length_us, HOUR_US), set[str](), []
    for line in lines:
        limited = line.hours_e8 is not None or line.schedule is not None
        on = stretches_on(line, month, zone) if limited else [month.period]
        hours = Fraction(sum(part.length_us for part in on), HOUR_US)
        is_known = bool(line.resources) and named.issuperset(line.resources)
        found.append(_Asked(line, hours, whole, 0 if is_known else line.count))
        named.update(line.resources)
    return found


@dataclass(frozen=True, slots=True)
class _Sides:
    """What there is to say about lines that are called alike: asked for and used."""

    asked: Sequence[_Asked]
    own: Sequence[Metered]
    amounts: Sequence[AnswerLine]
    bill: Mapping[About, Sequence[Billed]]
    quantities: Mapping[tuple[str, str, str], int]

    @property
    def billed(self) -> list[Billed]:
        return [each for one in self.own for each in self.bill.get(one.about, ())]

    def components(self) -> Iterator[tuple[Side, Side]]:
        """Both sides of all that is priced by itself: a disk; each meter of a machine, its disks by
        tier.
        """
        if self.asked[0].line.kind == "disk":
            sized = [(one, one.on, [Fraction(one.line.size_e8, E8)]) for one in self.asked]
            yield _asked(sized, self.amounts, _DISK), self._used(self.own, _DISK)
            return
        machines = [each for each in self.own if each.kind == "vm"]
        for meter, size in _SIZES.items():
            sized = [(one, one.on, [size(one.line)]) for one in self.asked]
            yield _asked(sized, self.amounts, meter), self._used(machines, meter)
        yield from self._disks()

    def _disks(self) -> Iterator[tuple[Side, Side]]:
        disks = [each for each in self.own if each.kind == "disk"]
        asked = {disk.tier for one in self.asked for disk in one.line.disks}
        for tier in sorted(asked | {disk.tier for disk in disks}):
            sized = [
                (one, one.whole,
                 [Fraction(disk.size_gib) for disk in one.line.disks if disk.tier == tier])
                for one in self.asked
            ]  # fmt: skip
            amounts = [each for each in self.amounts if each.tier == tier]
            mine = [disk for disk in disks if disk.tier == tier]
            yield _asked(sized, amounts, _DISK), self._used(mine, _DISK)

    def _used(self, own: Sequence[Metered], meter: str) -> Side:
        hours = Fraction(sum(each.held_us for each in own), HOUR_US)
        amount = sum(self.quantities.get((*each.about, meter), 0) for each in own)
        cents = sum(
            (each.exact for one in own for each in self.bill.get(one.about, ())
             if each.meter == meter),
            NOTHING,
        )  # fmt: skip
        return Side.of(len(own), hours, Fraction(amount, METERS[meter].divisor), cents)


_Sized = tuple[_Asked, Fraction, Sequence[Fraction]]
"""A line, its hours, and the sizes of what is counted of it."""


def _asked(sized: Sequence[_Sized], amounts: Sequence[AnswerLine], meter: str) -> Side:
    count = sum(one.adds * len(sizes) for one, _, sizes in sized)
    hours = sum((one.line.count * on * len(sizes) for one, on, sizes in sized), NOTHING)
    quantity = sum((one.line.count * on * sum(sizes) for one, on, sizes in sized), NOTHING)
    cents = sum((_exact(each) for each in amounts if each.meter == meter), NOTHING)
    return Side.of(max(count, 1 if hours else 0), hours, quantity, cents)


def _exact(line: AnswerLine) -> Fraction:
    """Cents before they were rounded, as far as the answer's quantity says."""
    return Fraction(line.micros * line.unit_price_e8, 10**6 * (line.per_month or 1) * _CENT_E8)


def _line_row(place: int, sides: _Sides) -> Row:
    line = sides.asked[0].line
    estimated = sum(each.amount_cents for each in sides.amounts)
    actual = sum(each.amount_cents for each in sides.billed)
    unmetered = -sum(each.amount_cents for each in sides.amounts if each.meter not in METERED)
    parts = [Part("unmetered", unmetered)]
    if sides.own:
        parts += rounded(reason for both in sides.components() for reason in split(*both).items())
    else:
        parts.append(Part("unused", -estimated - unmetered))
    parts.append(Part("rounding", actual - estimated - sum(part.cents for part in parts)))
    return Row(place, line.kind, line.name, tuple(sides.own), estimated, actual, summed(parts))


def _steps_row(asked: Sequence[AnswerLine], billed: Sequence[Billed]) -> list[Row]:
    """Steps count the whole use of a customer: only how much and at which price can be told."""
    if not asked and not billed:
        return []
    reasons = []
    for meter in sorted({each.meter for each in asked} | {each.meter for each in billed}):
        mine = [each for each in asked if each.meter == meter]
        real = [each for each in billed if each.meter == meter]
        before = Fraction(sum(each.micros for each in mine), 10**6)
        after = Fraction(sum(each.quantity for each in real), METERS[meter].divisor)
        cents = sum((_exact(each) for each in mine), NOTHING)
        now = sum((each.exact for each in real), NOTHING)
        used = cents * after / before if before else now
        reasons += [("use", used - cents), ("step", now - used)]
    parts = rounded(reasons)
    estimated = sum(each.amount_cents for each in asked)
    actual = sum(each.amount_cents for each in billed)
    parts.append(Part("rounding", actual - estimated - sum(part.cents for part in parts)))
    return [Row(STEPS, "", ALL_LINES, (), estimated, actual, summed(parts))]


def _unasked(used: Used, matched: Matched, bill: Mapping[About, Sequence[Billed]]) -> list[Row]:
    known = {each.about: each for each in used.metered}
    rows = []
    for about, amounts in bill.items():
        if about in matched or not about[1]:
            continue
        cents = sum(each.amount_cents for each in amounts)
        one = known.get(about)
        own, name = ((one,), one.words) if one else ((), about[1])
        rows.append(Row(UNASKED, about[0], name, own, 0, cents, summed([Part("unasked", cents)])))
    return sorted(rows, key=lambda row: (-row.actual_cents, row.name))
