"""A price book read from TOML: every fault named with its place."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dcx.kit.money import parse_e8
from dcx.kit.periods import to_us
from dcx.pricing.errors import PriceBookRefusedError
from dcx.pricing.rules.meters import METERS, Usage

WHERE_KEYS = ("tier", "region", "flavor", "os")
_PRICES = {"unit_price", "unit_price_per_month", "free", "steps"}
_PRICE_KEYS = _PRICES | {"meter", "where"}
_BOOK_KEYS = {"name", "currency", "starts_at", "price", "example"}


@dataclass(frozen=True, slots=True)
class Step:
    """`up_to_e8` of the unit priced (None: all the rest) at `unit_price_e8` each."""

    up_to_e8: int | None
    unit_price_e8: int


@dataclass(frozen=True, slots=True)
class Price:
    """One price: a flat one has a single step without an end; a free one has none."""

    meter: str
    where: Mapping[str, str]
    steps: tuple[Step, ...]
    is_monthly: bool
    is_stepped: bool

    def fits(self, usage: Usage) -> bool:
        return self.meter == usage.meter and all(
            getattr(usage, key) == wanted for key, wanted in self.where.items()
        )


@dataclass(frozen=True, slots=True)
class Example:
    """Quantities in their shown units (10^-8) that must cost `net_cents`."""

    given_e8: Mapping[str, int]
    where: Mapping[str, str]
    month: str | None
    net_e8: int


@dataclass(frozen=True, slots=True)
class Book:
    """One version of a price book. `number` is 0 until it is published."""

    name: str
    currency: str
    starts_us: int
    prices: tuple[Price, ...]
    examples: tuple[Example, ...] = ()
    number: int = 0
    _found: dict[Any, tuple[int, Price] | None] = field(
        default_factory=dict, compare=False, repr=False
    )

    def price_of(self, usage: Usage) -> tuple[int, Price] | None:
        """(1-based rule, price) of the first price in file order that fits; None: unpriced."""
        key = (usage.meter, usage.tier, usage.region, usage.flavor, usage.os)
        if key not in self._found:
            fitting = (
                (rule, price) for rule, price in enumerate(self.prices, 1) if price.fits(usage)
            )
            self._found[key] = next(fitting, None)
        return self._found[key]


def read_book(text: bytes, *, currency: str) -> Book:
    """Read a price book; PriceBookRefusedError lists every fault with its place."""
    try:
        given = tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PriceBookRefusedError(f"The price book is not TOML: {error}.") from error
    faults = [*_head_faults(given, currency), *_list_faults(given)]
    prices = _collected(given, "price", _price, faults)
    examples = _collected(given, "example", _example, faults)
    if not prices and not faults:
        faults.append("it has no [[price]]")
    if faults:
        raise PriceBookRefusedError("The price book is refused: " + "; ".join(faults) + ".")
    starts_us = to_us(given["starts_at"])
    return Book(given["name"], given["currency"], starts_us, tuple(prices), tuple(examples))


def _head_faults(given: Mapping[str, Any], currency: str) -> Iterator[str]:
    name, starts_at = given.get("name"), given.get("starts_at")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 100:  # noqa: PLR2004
        yield 'it needs name = "..."'
    if given.get("currency") != currency:
        yield f"its currency must be {currency}"
    if not isinstance(starts_at, datetime) or starts_at.tzinfo is None:
        yield "starts_at needs an instant with an offset, like 2026-01-01T00:00:00+02:00"
    unknown = sorted(given.keys() - _BOOK_KEYS)
    if unknown:
        yield f"it has unknown keys: {', '.join(unknown)}"


def _list_faults(given: Mapping[str, Any]) -> Iterator[str]:
    for name in ("price", "example"):
        entries = given.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            yield f"{name} must be written as [[{name}]]"


def _collected(given: Mapping[str, Any], name: str, read: Any, faults: list[str]) -> list[Any]:
    found = []
    entries = given.get(name, [])
    for place, entry in enumerate(entries if isinstance(entries, list) else [], 1):
        try:
            found.append(read(entry))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            faults.append(f"{name} {place}: {error}")
    return found


def _price(entry: Mapping[str, Any]) -> Price:
    meter = _meter(entry.get("meter"))
    kinds = _PRICES & entry.keys()
    if len(kinds) != 1:
        raise ValueError("needs exactly one of unit_price, unit_price_per_month, free, steps")
    if entry.keys() - _PRICE_KEYS:
        raise ValueError(f"has unknown keys: {', '.join(sorted(entry.keys() - _PRICE_KEYS))}")
    where = _where(entry.get("where", {}))
    kind = kinds.pop()
    if kind == "free":
        if entry["free"] is not True:
            raise ValueError("free must be true or absent")
        return Price(meter, where, (), is_monthly=False, is_stepped=False)
    if kind == "steps":
        steps, is_monthly = _steps(entry["steps"])
        return Price(meter, where, steps, is_monthly=is_monthly, is_stepped=True)
    flat = Step(None, _amount(kind, entry[kind]))
    return Price(meter, where, (flat,), is_monthly=kind == "unit_price_per_month", is_stepped=False)


def _steps(entries: list[Mapping[str, Any]]) -> tuple[tuple[Step, ...], bool]:
    kinds = {key for entry in entries for key in entry if key != "up_to"}
    if len(kinds) != 1 or not kinds <= {"unit_price", "unit_price_per_month"}:
        raise ValueError("steps must all have unit_price, or all unit_price_per_month")
    kind = kinds.pop()
    steps = tuple(
        Step(
            _amount("up_to", entry["up_to"]) if "up_to" in entry else None,
            _amount(kind, entry[kind]),
        )
        for entry in entries
    )
    ends = [step.up_to_e8 for step in steps]
    if ends[-1] is not None:
        raise ValueError("the last step must have no up_to")
    bounds = [end for end in ends[:-1] if end is not None]
    if len(bounds) != len(ends) - 1 or bounds != sorted(set(bounds)) or bounds[:1] == [0]:
        raise ValueError("each up_to must be greater than the one before it")
    return steps, kind == "unit_price_per_month"


def _example(entry: Mapping[str, Any]) -> Example:
    given = {_meter(meter): _amount(meter, quantity) for meter, quantity in entry["given"].items()}
    net = _amount("net", entry["net"])
    return Example(given, _where(entry.get("where", {})), entry.get("month"), net)


def _meter(name: Any) -> str:
    if name not in METERS:
        raise ValueError(f"meter {name!r} is none of {', '.join(METERS)}")
    return str(name)


def _where(where: Mapping[str, Any]) -> dict[str, str]:
    unknown = set(where) - set(WHERE_KEYS)
    if unknown:
        raise ValueError(f"where knows {', '.join(WHERE_KEYS)}, not {', '.join(sorted(unknown))}")
    return {key: str(value) for key, value in where.items()}


def _amount(name: str, value: Any) -> int:
    if not isinstance(value, str):
        raise TypeError(f'{name} must be written as text, like "0.1450"')
    try:
        amount = parse_e8(value)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from error
    if amount < 0:
        raise ValueError(f"{name} must not be negative")
    return amount
