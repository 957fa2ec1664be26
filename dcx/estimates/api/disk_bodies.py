"""What programs send to the calculators of disk space and get from them."""

from typing import Any

from apiflask import Schema
from apiflask.fields import Integer, List, String

from dcx.estimates.forms import NUMBER
from dcx.estimates.rules.disks.calculators import CALCULATORS, Calculator
from dcx.estimates.rules.disks.inputs import CHOICE, SIZES, Input


def _input(each: Input) -> dict[str, Any]:
    """One key of `given`, with its unit, bounds and default."""
    words = f"{each.words} ({each.unit})" if each.unit else each.words
    said = {"default": each.default} if each.default else {}
    if each.kind == CHOICE:
        names = [name for name, _ in each.choices]
        return {"type": "string", "enum": names, "description": f"{words}.", **said}
    number = {"type": "array", "items": NUMBER} if each.kind == SIZES else NUMBER
    return {**number, "description": f"{words}, {each.bounds}. {each.hint}".strip(), **said}


def _body(calculator: Calculator) -> dict[str, Any]:
    given = {
        "type": "object",
        "required": [each.key for each in calculator.inputs if each.default is None],
        "properties": {each.key: _input(each) for each in calculator.inputs},
    }
    return {
        "type": "object",
        "description": f"{calculator.words} {calculator.formula}",
        "required": ["kind", "given"],
        "properties": {"kind": {"type": "string", "enum": [calculator.kind]}, "given": given},
    }


DISK_ASK: dict[str, Any] = {
    "content": {
        "application/json": {"schema": {"oneOf": [_body(each) for each in CALCULATORS.values()]}}
    }
}
"""The body of POST /disk-estimates: what `given` may hold depends on the kind."""


def _also(kind: str, words: str) -> dict[str, str]:
    return {"description": f"Of {kind}: {words}."}


class DiskEstimateAnswer(Schema):
    """A size with its arithmetic; further results by the kind of calculation."""

    gib = String(required=True, allow_none=True)
    formula = String(required=True)
    steps = List(String(), required=True)
    source = String(required=True)
    exact_gib = String(metadata=_also("guest", "before it is rounded up"))
    data_then_gib = String(metadata=_also("guest", "the data at the end"))
    usable_gib = String(metadata=_also("guest", "what the file system leaves of it"))
    one_gib = String(metadata=_also("datastore", "what one VM takes"))
    snapshots_gib = String(metadata=_also("datastore", "a VM's snapshots"))
    unique_gib = String(metadata=_also("snapshots", "where blocks change again and again"))
    provisioned_gib = String(metadata=_also("thin", "what was promised"))
    overcommit = String(metadata=_also("thin", "promised over capacity"))
    filled = String(metadata=_also("thin", "used over capacity"))
    state = String(metadata=_also("thin", "fine, warn or alarm"))
    months = Integer(allow_none=True, metadata=_also("thin and full", "null is never"))
    fulls_gib = String(metadata=_also("backup", "all full backups"))
    increments_gib = String(metadata=_also("backup", "all daily increments"))
    usable = String(metadata=_also("redundancy", "the share of the raw capacity"))
    bytes = Integer(metadata=_also("units", "the same in bytes"))
    gb = String(metadata=_also("units", "the same in GB"))
    tb = String(metadata=_also("units", "the same in TB"))
    mib = String(metadata=_also("units", "the same in MiB"))
    tib = String(metadata=_also("units", "the same in TiB"))
    vcpus = Integer(allow_none=True, metadata=_also("rightsize", "null: not enough data"))
    memory_gib = String(allow_none=True, metadata=_also("rightsize", "null: not known"))
