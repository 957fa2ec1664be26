"""What a calculator answers: a size, and how it was worked out, line by line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from dcx.estimates.rules.disks.inputs import plain
from dcx.kit.money import decimal_text, half_up

Look = Callable[[Fraction], str]
"""How a number is written: by programs with a point, on pages as the provider's locale has it."""
Figure = Fraction | int


@dataclass(frozen=True, slots=True)
class Step:
    """One line of arithmetic: words with a {} for each number."""

    words: str
    numbers: tuple[Fraction, ...] = ()

    def text(self, look: Look = plain) -> str:
        return self.words.format(*map(look, self.numbers))


@dataclass(frozen=True, slots=True)
class DiskAnswer:
    """`gib` is None where the answer is no size. `more` are further results by their keys: a
    Fraction is a decimal, an int a whole number, None is unknown or never.
    """

    gib: Fraction | None
    formula: str
    steps: tuple[Step, ...]
    source: str
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Worked:
    """What the arithmetic of a calculator gives, before its formula and source are added."""

    gib: Fraction | None
    steps: Sequence[Step]
    more: Mapping[str, Any] = field(default_factory=dict)


def step(words: str, *numbers: Figure) -> Step:
    return Step(words, tuple(map(Fraction, numbers)))


def disk_json(answer: DiskAnswer) -> dict[str, Any]:
    """The answer as the contract writes it, further results after it."""
    return {
        "gib": None if answer.gib is None else fraction_text(answer.gib),
        "formula": answer.formula,
        "steps": [each.text() for each in answer.steps],
        "source": answer.source,
        **{key: _as_json(value) for key, value in answer.more.items()},
    }


def fraction_text(value: Fraction, places: int = 3) -> str:
    """A decimal with so many places, rounded half up: "333.748"."""
    return decimal_text(half_up(value.numerator * 10**places, value.denominator), places)


def _as_json(value: Any) -> Any:
    return fraction_text(value) if isinstance(value, Fraction) else value
