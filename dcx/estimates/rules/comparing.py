"""Estimates side by side: their lines matched, and how each differs from the first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from dcx.estimates.rules.answers import Answer
from dcx.estimates.rules.asks import Ask, AskedLine, number_text
from dcx.kit.money import cents_text, decimal_text

LEAST, MOST = 2, 4
ALL_LINES = "All lines together, by steps"


class Priced(Protocol):
    """What can stand beside others: what was asked and what was answered."""

    @property
    def ask(self) -> Ask: ...
    @property
    def answer(self) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Cell:
    """One line in one estimate; `words` say what it is, `unpriced` how many amounts lack a price.
    `more_cents` is the difference to the first estimate, which has nothing where it lacks the line.
    """

    name: str
    words: str
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


def compare(estimates: Sequence[Priced]) -> Comparison:
    """Lines are the same where kind and name are; of those left over, where kind and place are."""
    slots: list[dict[int, int]] = []
    for column, each in enumerate(estimates):
        _place_lines(slots, estimates, column, each.ask.lines)
    rows = [_row(estimates, slot) for slot in slots]
    steps = tuple(_steps_cell(each.answer, estimates[0].answer) for each in estimates)
    if any(cell.cents for cell in steps):
        rows.append(Row(ALL_LINES, steps))
    return Comparison(tuple(each.answer for each in estimates), tuple(rows))


def _place_lines(
    slots: list[dict[int, int]],
    estimates: Sequence[Priced],
    column: int,
    lines: Sequence[AskedLine],
) -> None:
    """Put each line of a column into the row where it belongs. A slot maps columns to lines."""
    left: list[int] = []
    open_slots: dict[object, list[dict[int, int]]] = {}
    for slot in slots:
        open_slots.setdefault(_called(_first_line(estimates, slot)), []).append(slot)
    for place, line in enumerate(lines):
        if same := open_slots.get(_called(line)):
            same.pop(0)[column] = place
        else:
            left.append(place)
    at_place = {
        (_first_line(estimates, slot).kind, next(iter(slot.values()))): slot
        for slot in reversed(slots)
        if column not in slot
    }
    for place in left:
        same_place = (lines[place].kind, place)
        if same_place in at_place:
            at_place.pop(same_place)[column] = place
        else:
            slots.append({column: place})


def _called(line: AskedLine) -> tuple[str, str]:
    return line.kind, line.name.casefold()


def _first_line(estimates: Sequence[Priced], slot: dict[int, int]) -> AskedLine:
    column, place = next(iter(slot.items()))
    return estimates[column].ask.lines[place]


def _row(estimates: Sequence[Priced], slot: dict[int, int]) -> Row:
    first = estimates[0].answer.net_of(slot[0]) if 0 in slot else 0
    cells = [
        _cell(each, slot[column], first) if column in slot else None
        for column, each in enumerate(estimates)
    ]
    return Row(_first_line(estimates, slot).name, tuple(cells))


def _cell(each: Priced, place: int, first_cents: int) -> Cell:
    line, cents = each.ask.lines[place], each.answer.net_of(place)
    unpriced = sum(entry.line == place for entry in each.answer.unpriced)
    return Cell(line.name, line_words(line), cents, cents - first_cents, unpriced)


def _steps_cell(answer: Answer, first: Answer) -> Cell:
    cents = answer.net_of(-1)
    return Cell(ALL_LINES, "", cents, cents - first.net_of(-1), 0)


def line_words(line: AskedLine) -> str:
    """3 × 2 vCPU, 4 GiB, ssd 50 GiB, 200 h: what one line asks for, in short."""
    found = list(_facts(line))
    if line.hours_e8 is not None:
        found.append(f"{number_text(line.hours_e8)} h")
    if line.schedule:
        found.append(line.schedule.words)
    words = ", ".join(found)
    return f"{line.count} × {words}".removesuffix(" × ") if line.count > 1 else words


def _facts(line: AskedLine) -> Iterator[str]:
    if line.kind == "vm":
        memory = decimal_text(line.memory_mib * 10**10 // 1024, 10, at_least=0)
        yield from (f"{line.vcpus} vCPU", f"{memory} GiB")
        yield from (f"{disk.tier} {disk.size_gib} GiB" for disk in line.disks)
    if line.kind in {"disk", "backup"}:
        yield f"{line.tier} {number_text(line.size_e8)} GiB".strip()
    yield from (fact for fact in (line.os, line.flavor, line.region) if fact)
    yield from (
        word for word, has in (("backup", line.backup), ("snapshots", line.snapshots)) if has
    )


HEAD = ("line", "estimate", "month", "what", "net", "difference", "complete")


def file_rows(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    """A row for each line of each estimate, then the sums of each."""
    for row in comparison.rows:
        for place, (answer, cell) in enumerate(zip(comparison.answers, row.cells, strict=True)):
            said = ("", "", "") if cell is None else (
                cell.words, cents_text(cell.cents), "no" if cell.unpriced else "yes",
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
