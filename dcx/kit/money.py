"""Money as whole cents, unit prices and rates as integers of 10⁻⁸; rounded half up, once."""

import re
from dataclasses import dataclass
from typing import Self

E8 = 100_000_000
_TYPED = re.compile(
    r"([-\u2212]?)\s?(?:[A-Za-z$€£]{0,3})\s?"
    r"([0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+|[0-9]{1,12})(?:[.,]([0-9]{1,2}))?"
)
_DECIMAL = re.compile(r"^(-?)(\d{1,12})(?:\.(\d{1,8}))?$")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in whole cents of one currency."""

    cents: int
    currency: str = "ZAR"

    def __add__(self, other: Self) -> "Money":
        self._require_same_currency(other)
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other: Self) -> "Money":
        self._require_same_currency(other)
        return Money(self.cents - other.cents, self.currency)

    def _require_same_currency(self, other: Self) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up.")


def half_up(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest integer, halves away from zero (VAT Act 89 of 1991, s66)."""
    if numerator < 0:
        return -half_up(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def parse_e8(text: str) -> int:
    """Read a decimal with at most 8 places as an integer of 10⁻⁸; ValueError says why not."""
    found = _DECIMAL.match(text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a decimal number with at most 8 decimals.")
    sign, whole, fraction = found.groups()
    value = int(whole) * E8 + int((fraction or "").ljust(8, "0"))
    return -value if sign else value


def parse_cents(text: str) -> int:
    """Read an amount as people type it (1234,56 or R1 234.56) in cents; ValueError for anything
    else. Thousands are parted by spaces only: elsewhere a comma means something else than here.
    """
    cents = typed_cents(text)
    if cents is None or cents < 0:
        raise ValueError("Write an amount like 500,00.")
    return cents


def decimal_text(value: int, places: int, *, at_least: int | None = None) -> str:
    """Write an integer of 10^-places with a point; `at_least` drops zeros beyond so many places."""
    sign = "-" if value < 0 else ""
    whole, fraction = divmod(abs(value), 10**places)
    digits = f"{fraction:0{places}d}"
    if at_least is not None:
        digits = digits.rstrip("0").ljust(at_least, "0")
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def cents_text(cents: int) -> str:
    """1550 is "15.50"; for files and programs, never for pages."""
    return decimal_text(cents, 2)


def typed_cents(text: str) -> int | None:
    """The cents of an amount as people type it: 1234,56, 1 234,56, R1234.56, -50; None where it is
    none, or where a comma could mean thousands.
    """
    found = _TYPED.fullmatch(text.strip())
    if not found:
        return None
    sign, whole, fraction = found.groups()
    cents = int(re.sub(r"\D", "", whole)) * 100 + int((fraction or "").ljust(2, "0"))
    return -cents if sign else cents
