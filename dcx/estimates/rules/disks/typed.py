"""What people type into a calculator, as the contract writes it."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from dcx.estimates.rules.disks.answers import Look
from dcx.estimates.rules.disks.inputs import CHOICE, SHARE, SIZE, SIZES, Input, plain
from dcx.estimates.rules.typed import typed_gib, typed_number
from dcx.kit.money import decimal_text, half_up

_BETWEEN = re.compile(r"\s*[;+\r\n]\s*|,\s+")
_PLACES = 12


def given_typed(
    inputs: Sequence[Input], sent: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """(given, faults by their keys) of the fields of a form. An empty field says nothing: its
    default holds. Shares are typed in percent.
    """
    given: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for each in inputs:
        text = sent.get(each.key, "").strip()
        if not text:
            continue
        try:
            given[each.key] = _typed(each, text)
        except ValueError as error:
            faults[each.key] = str(error)
    return given, faults


def first_typed(inputs: Sequence[Input], look: Look) -> dict[str, str]:
    """What a form shows before anybody typed: defaults and examples as people write them."""
    return {each.key: _shown(each, look) for each in inputs}


def _shown(each: Input, look: Look) -> str:
    if each.kind in {CHOICE, SIZES} or not each.first:
        return each.first
    value = Fraction(each.first)
    return look(value * 100 if each.kind == SHARE else value)


def _typed(each: Input, text: str) -> Any:
    if each.kind == CHOICE:
        return text
    if each.kind == SIZES:
        return [typed_gib(part) for part in _BETWEEN.split(text) if part]
    if each.kind == SHARE:
        percent = Fraction(typed_number(text.removesuffix("%").strip()))
        if not each.least <= percent / 100 <= each.most:
            low = "Above 0" if each.least == SIZE else f"From {plain(each.least * 100)}"
            raise ValueError(f"{low} and up to {plain(each.most * 100)} %.")
        scaled = half_up(percent.numerator * 10**_PLACES, percent.denominator * 100)
        return decimal_text(scaled, _PLACES, at_least=0)
    return typed_gib(text) if each.unit.startswith("GiB") else typed_number(text)
