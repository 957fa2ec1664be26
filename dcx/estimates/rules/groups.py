"""An answer as people read it: its amounts by the line of the ask, each quantity per copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from dcx.estimates.rules.answers import Answer, AnswerLine, NotPriced
from dcx.kit.money import half_up
from dcx.pricing.rules.meters import METERS


@dataclass(frozen=True, slots=True)
class Group:
    """What one line of the ask costs; `line` is -1 for what steps count of all together."""

    line: int
    name: str
    count: int
    cents: int
    lines: Sequence[AnswerLine]
    unpriced: Sequence[NotPriced]


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much of something: `count` times `micros` millionths of `unit`."""

    count: int
    micros: int
    unit: str


def groups_of(answer: Answer) -> list[Group]:
    """The amounts by line of the ask, in its order; what steps count of all comes last."""
    priced = {line: list(each) for line, each in groupby(answer.lines, lambda each: each.line)}
    unpriced: dict[int, list[NotPriced]] = {}
    for entry in answer.unpriced:
        unpriced.setdefault(entry.line, []).append(entry)
    places = sorted(priced.keys() | unpriced.keys(), key=lambda line: (line < 0, line))
    return [_group(line, priced.get(line, []), unpriced.get(line, [])) for line in places]


def _group(line: int, lines: Sequence[AnswerLine], unpriced: Sequence[NotPriced]) -> Group:
    name = lines[0].name if lines else unpriced[0].name
    count = max((each.count for each in lines), default=1) if line >= 0 else 1
    return Group(line, name, count, sum(each.amount_cents for each in lines), lines, unpriced)


def quantity_of(line: AnswerLine) -> Quantity:
    """As its price counts it: 3 x 1 460 vCPU·h of an hourly one; of a monthly one what there was of
    it over the whole month, 3 x 50 GiB and month.
    """
    meter = METERS[line.meter]
    hours = line.per_month or 1
    unit = meter.unit_a_month if line.per_month else line.unit
    return Quantity(line.count, half_up(line.micros, line.count * hours), unit)
