"""Cells: what one value of a row means, or a sentence on why it means nothing."""

import json
import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from dcx.kit.periods import SECOND_US, to_us

EARLIEST_US = 946_684_800_000_000
LONGEST_TEXT = 1_000
LONGEST_EXTRA = 4_096
_INT64 = 1 << 63
_MOST_DIGITS = 18
_MINUTE_US = 60 * SECOND_US
_SECONDS = {f"{second:02d}Z": second * SECOND_US for second in range(60)}
_BAD_CHARACTERS = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff]")


class Fault(Exception):  # noqa: N818
    """A row that is not a log; the message is its reason."""


class Clock:
    """Reads instants; remembers the minute it saw, since logs come in order."""

    def __init__(self, latest_us: int, assumed_offset: str | None = None) -> None:
        self.latest_us = latest_us
        self.assumed_offset = assumed_offset or ""
        self._minutes: dict[str, int] = {}

    def read(self, at: object) -> tuple[int, int]:
        """(microseconds since 1970, minutes of its offset) of an allowed instant."""
        if isinstance(at, str) and len(at) == len("2026-11-23T19:10:00Z"):
            minute_us = self._minutes.get(at[:17])
            second_us = _SECONDS.get(at[17:])
            if minute_us is not None and second_us is not None:
                return self._allowed(minute_us + second_us), 0
        return self._read_slowly(at)

    def _read_slowly(self, at: object) -> tuple[int, int]:
        instant = self._instant(at)
        at_us = self._allowed(to_us(instant))
        offset = instant.utcoffset()
        minutes = int(offset.total_seconds()) // 60 if offset else 0
        if isinstance(at, str) and at[-1:] == "Z" and at[16:17] == ":":
            if len(self._minutes) > LONGEST_TEXT:
                self._minutes.clear()
            self._minutes[at[:17]] = at_us - at_us % _MINUTE_US
        return at_us, minutes

    def _instant(self, at: object) -> datetime:
        instant = at if isinstance(at, datetime) else _iso(at)
        if instant.tzinfo is None and self.assumed_offset:
            instant = datetime.fromisoformat(instant.isoformat() + self.assumed_offset)
        if instant.tzinfo is None:
            raise Fault("at needs an offset, for example 2026-11-23T19:10:00+02:00")
        return instant

    def _allowed(self, at_us: int) -> int:
        if at_us < EARLIEST_US:
            raise Fault("at is before the year 2000")
        if at_us > self.latest_us:
            raise Fault("at is more than 5 minutes in the future")
        return at_us


def _iso(at: object) -> datetime:
    if at is None or at == "":
        raise Fault("at is missing")
    try:
        return datetime.fromisoformat(at.strip())  # type: ignore[attr-defined]
    except (ValueError, AttributeError) as error:
        raise Fault("at is not a time, for example 2026-11-23T19:10:00+02:00") from error


def required_text(name: str, cell: object) -> str:
    """An id or key: present, printable, not too long."""
    text = optional_text(name, cell)
    if not text:
        raise Fault(f"{name} is missing")
    if "\n" in text or "\r" in text:
        raise Fault(f"{name} has a line break")
    return text


def optional_text(name: str, cell: object) -> str:
    """A text, '' where absent."""
    text = (
        "" if cell is None else str(cell).strip() if isinstance(cell, str) else _plain(name, cell)
    )
    if len(text) > LONGEST_TEXT:
        raise Fault(f"{name} is longer than {LONGEST_TEXT} characters")
    if _BAD_CHARACTERS.search(text):
        raise Fault(f"{name} has characters that are not UTF-8 text")
    return text


def _plain(name: str, cell: object) -> str:
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal | UUID):
        raise Fault(f"{name} is not a text")
    return str(cell)


def whole_number(name: str, cell: object, most: int, *, least: int = 0, unit: str = "") -> int:
    """An integer, however it is spelled: 4, "4", 4.0, "4.0"."""
    if cell is None or cell == "":
        raise Fault(f"{name} is missing")
    number = _integer(name, cell)
    if not least <= number <= most:
        raise Fault(f"{name} must be {least} to {most:,}{unit}")
    return number


def _integer(name: str, cell: object) -> int:
    if isinstance(cell, bool) or not isinstance(cell, int | float | str | Decimal):
        raise Fault(f"{name} is not a number")
    text = str(cell).strip()
    if len(text) > LONGEST_TEXT:
        raise Fault(f"{name} is longer than {LONGEST_TEXT} characters")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise Fault(f"{name} is not a number") from error
    if not number.is_finite():
        raise Fault(f"{name} is not a number")
    # Asked before any arithmetic: 1e999999999 is a number, but no sum of it can be formed.
    if number.adjusted() > _MOST_DIGITS or number != number.to_integral_value():
        raise Fault(f"{name} must be a whole number")
    return int(number)


def sequence_number(cell: object) -> int:
    """`seq`: an integer of 64 bits, 0 where absent."""
    if cell is None or cell == "":
        return 0
    return whole_number("seq", cell, _INT64 - 1, least=-_INT64)


def one_of(name: str, cell: object, words: frozenset[str]) -> str:
    word = required_text(name, cell)
    if word not in words:
        raise Fault(f"{name} must be one of {', '.join(sorted(words))}")
    return word


def extra_text(pairs: dict[str, object]) -> str:
    """Unknown columns as canonical JSON of texts; '' where there are none. Empty cells do not
    count.
    """
    texts = {
        name: _as_text(cell) for name, cell in pairs.items() if cell is not None and cell != ""
    }
    if not texts:
        return ""
    text = json.dumps(texts, sort_keys=True, ensure_ascii=False)
    if len(text) > LONGEST_EXTRA:
        raise Fault(f"the further columns are longer than {LONGEST_EXTRA} characters")
    if _BAD_CHARACTERS.search(text) or "\\u0000" in text:
        raise Fault("a further column has characters that are not UTF-8 text")
    return text


def _as_text(cell: object) -> str:
    return cell.strip() if isinstance(cell, str) else json.dumps(cell, sort_keys=True, default=str)
