"""The attributes of a planned resource: handed out one by one, and only what a price needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dcx.estimates.rules.plans.written import Written
from dcx.estimates.rules.reading import LONGEST_TEXT

_ABSURD = 10**15


@dataclass(frozen=True, slots=True)
class Gap:
    """Something of a resource that a price needs and the plan does not tell, in a sentence.

    `is_unknown`: apply will tell. Else nobody will. `flavor` is one whose size is missing.
    """

    words: str
    is_unknown: bool = False
    flavor: str = ""


class GapError(Exception):
    """A value is asked for that cannot be had."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap.words)
        self.gap = gap


def not_told(words: str) -> GapError:
    return GapError(Gap(words))


class Attributes:
    """One side of a change, before or after. What is known only after apply, or marked sensitive,
    is never handed out: GapError says why, with `words` for what was asked for ("its size").
    """

    def __init__(
        self, values: Mapping[str, Any], unknown: Any, sensitive: Any, written: Written
    ) -> None:
        self._values, self._unknown, self._sensitive = values, unknown, sensitive
        self.written = written

    def has(self, key: str) -> bool:
        """Is there anything under a key, be it known or not?"""
        return bool(self._values.get(key)) or _marked(self._unknown, key) is True

    def text(self, key: str, words: str) -> str:
        """A text that a price book could name; '' where there is none."""
        value = self._value(key, words)
        if value is None:
            return ""
        text = value.strip() if isinstance(value, str) else ""
        if text != value or len(text) > LONGEST_TEXT or not text.isprintable():
            raise not_told(f"Not one line of at most {LONGEST_TEXT} signs: {words}.")
        return text

    def chosen(self, key: str, words: str) -> str:
        """As `text`; '' also where nothing was chosen and the cloud takes its own."""
        if _marked(self._unknown, key) and self.written.leaves_out(key):
            return ""
        return self.text(key, words)

    def whole(self, key: str, words: str, *, most: int, absent: int | None = None) -> int:
        """A whole number from 1 to `most`; `absent` is what stands for none."""
        value = self._value(key, words)
        if value is None and absent is not None:
            return absent
        if value is None:
            raise not_told(f"Not in the plan: {words}.")
        number = _whole(value)
        if number is None or not 0 < number <= most:
            raise not_told(f"Not a whole number from 1 to {most}: {words}, {_shown(number)}.")
        return number

    def is_on(self, key: str, words: str, *, absent: bool) -> bool:
        value = self._value(key, words)
        return absent if value is None else value is True

    def blocks(self, key: str, words: str) -> "Sequence[Attributes]":
        """The blocks of a name, in order."""
        value = self._value(key, words)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
            raise not_told(f"Not a list of blocks: {words}.")
        unknown, sensitive = (_marked(marks, key) for marks in (self._unknown, self._sensitive))
        return [
            Attributes(each, _marked(unknown, place), _marked(sensitive, place), self.written)
            for place, each in enumerate(value)
        ]

    def _value(self, key: str, words: str) -> Any:
        if _marked(self._sensitive, key) is True:
            raise not_told(f"Marked sensitive, and so not read: {words}.")
        if _marked(self._unknown, key) is True:
            raise GapError(Gap(f"Known only after apply: {words}.", is_unknown=True))
        return self._values.get(key)


def _marked(marks: Any, key: str | int) -> Any:
    """What marks of a plan say of one key: True, more marks, or nothing."""
    if marks is True:
        return True
    if isinstance(marks, Mapping):
        return marks.get(str(key))
    is_place = isinstance(marks, list) and isinstance(key, int) and key < len(marks)
    return marks[key] if is_place else None


def _whole(value: Any) -> int | None:
    """A number of JSON or its text, as providers write both; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str):
        digits = value.removeprefix("-")
        is_number = digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_TEXT
        return int(value) if is_number else None
    return value if isinstance(value, int) else None


def _shown(number: int | None) -> str:
    """A number that makes no sense; what is no number at all is not repeated."""
    if number is None:
        return "which is none"
    return str(number) if abs(number) < _ABSURD else "absurdly large"
