"""How pages say what a calculator answers."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import current_app

from dcx.estimates.rules.disks.answers import DiskAnswer
from dcx.estimates.rules.disks.inputs import plain
from dcx.web.looks import Looks

TIMES = " \u00d7 "
_MORE = {
    "exact_gib": ("Before it is rounded up", "GiB"), "data_then_gib": ("Data at the end", "GiB"),
    "usable_gib": ("Can be used", "GiB"), "one_gib": ("One VM", "GiB"),
    "snapshots_gib": ("Of it snapshots", "GiB"),
    "unique_gib": ("Where blocks change again", "GiB"), "provisioned_gib": ("Provisioned", "GiB"),
    "overcommit": ("Overcommit", "times"), "filled": ("Filled", "%"), "state": ("State", ""),
    "months": ("Full", ""), "fulls_gib": ("Full backups", "GiB"),
    "increments_gib": ("Increments", "GiB"), "usable": ("Can be used", "%"), "bytes": ("Bytes", ""),
    "gb": ("In GB", ""), "tb": ("In TB", ""), "mib": ("In MiB", ""), "tib": ("In TiB", ""),
    "vcpus": ("vCPU", ""), "memory_gib": ("Memory", "GiB"),
}  # fmt: skip


def look(value: Fraction) -> str:
    """A number as the provider's locale has it."""
    return Looks(current_app.config["DCX"]).decimal(Decimal(plain(value)))


def headline(answer: DiskAnswer) -> str:
    """The answer in a few words: 340 GiB."""
    if answer.gib is not None:
        return f"{look(answer.gib)} GiB"
    if "months" in answer.more:
        return _full(answer.more["months"])
    if answer.more["vcpus"] is None:
        return "Not enough data"
    memory = answer.more["memory_gib"]
    vcpus = f"{look(Fraction(answer.more['vcpus']))} vCPU"
    return vcpus if memory is None else f"{vcpus}, {look(memory)} GiB"


def results(answer: DiskAnswer) -> list[tuple[str, str]]:
    """Further results with their words; what the headline says already is left out."""
    said = set() if answer.gib is not None else {"months", "vcpus", "memory_gib"}
    return [
        (_MORE[key][0], _value(key, value))
        for key, value in answer.more.items()
        if key not in said and value != answer.gib
    ]


def steps(answer: DiskAnswer) -> list[str]:
    return [each.text(look).replace(" x ", TIMES) for each in answer.steps]


def _value(key: str, value: Any) -> str:
    if key == "months":
        return _full(value)
    if isinstance(value, str):
        return value
    unit = _MORE[key][1]
    number = look(Fraction(value) * (100 if unit == "%" else 1))
    return f"{number} {unit}".strip()


def _full(months: int | None) -> str:
    if months is None:
        return "Not within 100 years"
    return f"In month {look(Fraction(months))}" if months else "Full already"
