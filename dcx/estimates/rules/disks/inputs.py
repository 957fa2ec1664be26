"""What calculators are given: each input with its unit, default and bounds, read from JSON."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dcx.estimates.errors import AskRefusedError
from dcx.kit.money import E8, decimal_text, half_up

NUMBER, SHARE, WHOLE, CHOICE, SIZES = "number", "share", "whole", "choice", "sizes"
MOST_GIB, MOST_COUNT, MOST_DAYS, MOST_MONTHS, MOST_SIZES = 2**30, 10_000, 3_660, 600, 64
_DECIMAL = re.compile(r"\d{1,15}(?:\.\d{1,12})?", re.ASCII)
SIZE = Fraction(1, E8)
"""The smallest number above nothing that can be written here."""


@dataclass(frozen=True, slots=True)
class Input:
    """One value of `given`. `default` is written as in JSON: None must be given, "" may be absent.
    `example` is what a form shows first, else its default.
    """

    key: str
    words: str
    unit: str = "GiB"
    kind: str = NUMBER
    default: str | None = None
    least: Fraction = SIZE
    most: Fraction = Fraction(MOST_GIB)
    example: str = ""
    hint: str = ""
    choices: Sequence[tuple[str, str]] = ()

    @property
    def first(self) -> str:
        """What a form shows before anybody typed."""
        return self.example or self.default or ""

    @property
    def bounds(self) -> str:
        """Above 0 and up to 600"""
        low = "above 0" if self.least == SIZE else f"from {plain(self.least)}"
        return f"{low} and up to {plain(self.most)}"


class Given:
    """The values of one calculation, by the keys of its inputs."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __contains__(self, key: str) -> bool:
        return self._values[key] is not None

    def number(self, key: str) -> Fraction:
        return Fraction(self._values[key])

    def whole(self, key: str) -> int:
        return int(self._values[key])

    def choice(self, key: str) -> str:
        return str(self._values[key])

    def sizes(self, key: str) -> tuple[Fraction, ...]:
        return tuple(self._values[key])


def size(key: str, words: str, default: str | None = None, **more: Any) -> Input:
    return Input(key, words, default=default, **more)


def share(key: str, words: str, default: str | None = None, **more: Any) -> Input:
    """From 0 to 1; a page shows it in percent."""
    bounds = {"unit": "%", "least": Fraction(0), "most": Fraction(1), **more}
    return Input(key, words, kind=SHARE, default=default, **bounds)


def whole(
    key: str, words: str, default: str | None = None, *, span: tuple[int, int], **more: Any
) -> Input:
    least, most = map(Fraction, span)
    kept = {"unit": "", **more}
    return Input(key, words, kind=WHOLE, default=default, least=least, most=most, **kept)


def read_given(inputs: Sequence[Input], given: Any) -> Given:
    """The values of `given`; AskRefusedError names every fault by its place: given.growth."""
    if not isinstance(given, Mapping):
        raise AskRefusedError({"given": "This must be an object."})
    known = {each.key for each in inputs}
    faults = {
        f"given.{key}": f"Unknown here. Known are {', '.join(sorted(known))}."
        for key in sorted(map(str, given.keys() - known))
    }
    values: dict[str, Any] = {}
    for each in inputs:
        try:
            values[each.key] = _read(each, given.get(each.key))
        except ValueError as error:
            faults[f"given.{each.key}"] = str(error)
    if faults:
        raise AskRefusedError(faults)
    return Given(values)


def plain(value: Fraction | int) -> str:
    """A number for people who read a point: at most 3 decimals, 8 below 0.01; rounded half up."""
    value = Fraction(value)
    places = 8 if 0 < abs(value) < Fraction(1, 100) else 3
    return decimal_text(
        half_up(value.numerator * 10**places, value.denominator), places, at_least=0
    )


def _read(each: Input, value: Any) -> Any:
    if value is None:
        value = each.default
    if value is None:
        raise ValueError("This is missing.")
    if value == "" and each.default == "":
        return None
    return _READERS[each.kind](each, value)


def _number(each: Input, value: Any) -> Fraction:
    found = _decimal(value)
    if not each.least <= found <= each.most:
        raise ValueError(f"A number {each.bounds}.")
    return found


def _share(each: Input, value: Any) -> Fraction:
    found = _decimal(value)
    if not each.least <= found <= each.most:
        raise ValueError(f"A share {each.bounds}, like 0.05 for 5 %.")
    return found


def _whole(each: Input, value: Any) -> int:
    found = _decimal(value)
    if found.denominator != 1 or not each.least <= found <= each.most:
        raise ValueError(f"A whole number {each.bounds}.")
    return int(found)


def _choice(each: Input, value: Any) -> str:
    names = [name for name, _ in each.choices]
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"One of {', '.join(names)}.")
    return value


def _sizes(each: Input, value: Any) -> tuple[Fraction, ...]:
    """A list of sizes, or one size alone."""
    listed = value if isinstance(value, list) else [value]
    if not 0 < len(listed) <= MOST_SIZES:
        raise ValueError(f"From 1 to {MOST_SIZES} sizes.")
    return tuple(_number(each, one) for one in listed)


def _decimal(value: Any) -> Fraction:
    """A number of JSON or its text, exactly; an exponent or a comma is no number in text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError('Write a number, like 4 or "0.5".')  # noqa: TRY004
    text = f"{Decimal(str(value)):f}" if isinstance(value, float) else str(value).strip()
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a number of 0 or more, like 4 or 0.5.")
    return Fraction(text)


_READERS: Mapping[str, Callable[[Input, Any], Any]] = {
    NUMBER: _number, SHARE: _share, WHOLE: _whole, CHOICE: _choice, SIZES: _sizes,
}  # fmt: skip
