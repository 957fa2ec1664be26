"""An answer as people read it: its amounts by the line of the ask, each quantity per copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from dcx.estimates.rules.answers import Answer, AnswerLine, NotPriced
from dcx.kit.money import half_up
from dcx.pricing.rules.meters import METERS

ALL_LINES = "All lines together, by steps"
_FACETS = {"tier": "tier", "region": "region", "flavor": "flavour", "os": "operating system"}


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
    name = (lines[0].name if lines else unpriced[0].name) if line >= 0 else ALL_LINES
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


def amount_words(line: AnswerLine | NotPriced) -> str:
    """Disk 2, ssd: what an amount is for."""
    words = METERS[line.meter].words + (f" {line.disk}" if line.disk else "")
    tier = line.tier if isinstance(line, AnswerLine) else line.where.get("tier", "")
    step = f"step {line.step}" if isinstance(line, AnswerLine) and line.step else ""
    return ", ".join(part for part in (words, tier, step) if part)


def facets(where: Mapping[str, str]) -> str:
    """tier nvme, region north: for what there is no price; '' where nothing narrows it down."""
    return ", ".join(f"{_FACETS.get(key, key)} {value}" for key, value in where.items() if value)
