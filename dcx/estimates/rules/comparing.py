"""Estimates side by side: their lines matched, and how each differs from the first."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from dcx.estimates.rules.answers import Answer
from dcx.estimates.rules.asks import Ask, AskedLine, memory_text, number_text
from dcx.estimates.rules.groups import ALL_LINES
from dcx.estimates.rules.matching import called, places_by_name
from dcx.kit.money import cents_text

LEAST, MOST = 2, 4


class Priced(Protocol):
    """What can stand beside others: what was asked and what was answered."""

    @property
    def ask(self) -> Ask: ...
    @property
    def answer(self) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Cell:
    """The lines of an estimate that are called so; `unpriced` says how many amounts lack a price.
    `more_cents` is the difference to the first estimate, which has nothing where it lacks them.
    """

    lines: tuple[AskedLine, ...]
    cents: int
    more_cents: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class Row:
    """The same line in each estimate; None: it has no such line."""

    name: str
    cells: tuple[Cell | None, ...]

    @property
    def most_cents(self) -> int:
        """The largest difference to the first estimate, whichever way it goes."""
        found = [cell.more_cents if cell else -self._first for cell in self.cells[1:]]
        return max((abs(cents) for cents in found), default=0)

    @property
    def _first(self) -> int:
        return self.cells[0].cents if self.cells[0] else 0

    def more_cents(self, place: int) -> int:
        """How much more than in the first estimate; one that lacks the line pays nothing for it."""
        cell = self.cells[place]
        return cell.more_cents if cell else -self._first


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows in the order of the first estimate, then what only later ones have."""

    answers: tuple[Answer, ...]
    rows: tuple[Row, ...]

    @property
    def largest(self) -> int | None:
        """Which row differs most; None: no row differs."""
        if not any(row.most_cents for row in self.rows):
            return None
        return max(range(len(self.rows)), key=lambda place: self.rows[place].most_cents)

    @property
    def differ_in(self) -> tuple[str, ...]:
        """What makes these not quite comparable, in words of FACTS."""
        return tuple(
            words
            for words, fact in FACTS.items()
            if len({fact(answer) for answer in self.answers}) > 1
        )


FACTS: dict[str, Callable[[Answer], object]] = {
    "months": lambda answer: answer.month,
    "hours": lambda answer: answer.hours,
    "price books": lambda answer: answer.book,
    "versions of the price book": lambda answer: answer.version,
    "VAT rates": lambda answer: answer.vat_rate_e8,
    "currencies": lambda answer: answer.currency,
}


_Slot = dict[int, tuple[int, ...]]
"""A row to be: of each column the places of its lines."""


def compare(estimates: Sequence[Priced]) -> Comparison:
    """Lines are the same where kind and name are; of those left over, where kind and place are."""
    slots: list[_Slot] = []
    for column in range(len(estimates)):
        _place_lines(slots, estimates, column)
    columns = [_Column.of(each) for each in estimates]
    rows = [_row(columns, slot) for slot in slots]
    if any(column.net[-1] for column in columns):
        rows.append(_row(columns, dict.fromkeys(range(len(columns)), (-1,))))
    return Comparison(tuple(each.answer for each in estimates), tuple(rows))


def _place_lines(slots: list[_Slot], estimates: Sequence[Priced], column: int) -> None:
    """Put the lines of a column into the rows where they belong."""
    lines, left = estimates[column].ask.lines, []
    by_name = {called(_first_line(estimates, slot)): slot for slot in slots}
    for places in places_by_name(lines):
        if (name := called(lines[places[0]])) in by_name:
            by_name[name][column] = places
        else:
            left.append(places)
    by_place = {
        (_first_line(estimates, slot).kind, next(iter(slot.values()))[0]): slot
        for slot in reversed(slots)
        if column not in slot
    }
    for places in left:
        kind_and_place = (lines[places[0]].kind, places[0])
        if kind_and_place in by_place:
            by_place.pop(kind_and_place)[column] = places
        else:
            slots.append({column: places})


def _first_line(estimates: Sequence[Priced], slot: _Slot) -> AskedLine:
    column, places = next(iter(slot.items()))
    return estimates[column].ask.lines[places[0]]


@dataclass(frozen=True, slots=True)
class _Column:
    """The lines of an estimate, and by their place what each costs and how much has no price."""

    lines: Sequence[AskedLine]
    net: Counter[int]
    unpriced: Counter[int]

    @classmethod
    def of(cls, priced: Priced) -> "_Column":
        unpriced = Counter(entry.line for entry in priced.answer.unpriced)
        return cls(priced.ask.lines, priced.answer.net_by_line(), unpriced)

    def cell(self, places: Sequence[int], first_cents: int) -> Cell:
        cents = sum(self.net[place] for place in places)
        unpriced = sum(self.unpriced[place] for place in places)
        lines = tuple(self.lines[place] for place in places if place >= 0)
        return Cell(lines, cents, cents - first_cents, unpriced)


def _row(columns: Sequence[_Column], slot: _Slot) -> Row:
    first = sum(columns[0].net[place] for place in slot.get(0, ()))
    cells = [
        each.cell(slot[number], first) if number in slot else None
        for number, each in enumerate(columns)
    ]
    number, places = next(iter(slot.items()))
    name = columns[number].lines[places[0]].name if places[0] >= 0 else ALL_LINES
    return Row(name, tuple(cells))


def lines_words(lines: Sequence[AskedLine]) -> str:
    """3 x 2 vCPU, 4 GiB, ssd 50 GiB, 200 h: what lines ask for, for files; of many how many."""
    if len(lines) > 1:
        return f"{len(lines)} lines"
    return " ".join(f"{line.count} x {', '.join(_facts(line))}" for line in lines)


def _facts(line: AskedLine) -> Iterator[str]:
    if line.kind == "vm":
        yield from (f"{line.vcpus} vCPU", f"{memory_text(line.memory_mib)} GiB")
        yield from (f"{disk.tier} {disk.size_gib} GiB" for disk in line.disks)
    if line.kind in {"disk", "backup"}:
        yield f"{line.tier} {number_text(line.size_e8)} GiB".strip()
    yield from (fact for fact in (line.os, line.flavor, line.region) if fact)
    policies = {"backup": line.backup, "snapshots": line.snapshots}
    yield from (word for word, policy in policies.items() if policy)
    if line.hours_e8 is not None:
        yield f"{number_text(line.hours_e8)} h"
    if line.schedule:
        yield line.schedule.words


HEAD = ("line", "estimate", "month", "what", "net", "difference", "complete")


def file_rows(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    """A row for each line of each estimate, then the sums of each."""
    for row in comparison.rows:
        for place, (answer, cell) in enumerate(zip(comparison.answers, row.cells, strict=True)):
            said = ("", "", "") if cell is None else (
                lines_words(cell.lines), cents_text(cell.cents), "no" if cell.unpriced else "yes",
            )  # fmt: skip
            yield (row.name, answer.name, answer.month, *said[:2],
                   cents_text(row.more_cents(place)), said[2])  # fmt: skip
    first = comparison.answers[0]
    for answer in comparison.answers:
        complete = "yes" if answer.is_complete else "no"
        for words, cents, before in (
            ("total without VAT", answer.net_cents, first.net_cents),
            ("VAT", answer.vat_cents, first.vat_cents),
            ("total with VAT", answer.total_cents, first.total_cents),
        ):
            yield (words, answer.name, answer.month, "", cents_text(cents),
                   cents_text(cents - before), complete)  # fmt: skip
