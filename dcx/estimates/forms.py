"""What programs send to estimates and get from them: the bodies that the API specifies."""

from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, Dict, Integer, List, Nested, String

from dcx.estimates.rules.asks import DAYS, KINDS

NUMBER: dict[str, Any] = {"oneOf": [{"type": "string"}, {"type": "number"}]}
_DISK: dict[str, Any] = {
    "type": "object",
    "required": ["size_gib"],
    "properties": {"tier": {"type": "string"}, "size_gib": NUMBER},
}
_SCHEDULE: dict[str, Any] = {
    "type": "object",
    "required": ["days", "from", "to"],
    "properties": {
        "days": {"type": "array", "items": {"type": "string", "enum": list(DAYS)}},
        "from": {"type": "string", "example": "08:00"},
        "to": {"type": "string", "example": "18:00"},
    },
}
_LINE: dict[str, Any] = {
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": {"type": "string", "enum": list(KINDS)},
        "name": {"type": "string"},
        "count": {"type": "integer", "minimum": 1, "default": 1},
        "vcpus": {"type": "integer", "minimum": 1, "description": "Of a vm."},
        "memory_gib": NUMBER,
        "disks": {"type": "array", "items": _DISK},
        "tier": {"type": "string", "description": "Of a disk; standard where absent."},
        "size_gib": NUMBER,
        "hours": NUMBER,
        "schedule": _SCHEDULE,
        "os": {"type": "string"},
        "region": {"type": "string"},
        "flavor": {"type": "string"},
        "backup": {
            "type": "object",
            "properties": {
                "retention": {"type": "integer", "default": 14},
                "change": NUMBER,
                "ratio": NUMBER,
                "fulls": {"type": "integer", "default": 1},
            },
        },
        "snapshots": {
            "type": "object",
            "properties": {"days": {"type": "integer", "default": 3}, "change": NUMBER},
        },
        "resources": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Of a vm or disk: keys of the metered resources that the line is about.",
        },
    },
}
ASK: dict[str, Any] = {
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["lines"],
                "properties": {
                    "name": {"type": "string"},
                    "price_book": {"type": "string", "default": "standard"},
                    "month": {
                        "type": "string",
                        "description": "2026-08, or 730, 720, 744 hours; this month where absent.",
                    },
                    "lines": {"type": "array", "minItems": 1, "items": _LINE},
                },
            }
        }
    }
}
"""The body of POST /estimates."""


class FileQuery(Schema):
    """How a file is wanted."""

    bom = Boolean(
        load_default=False,
        metadata={"description": "Begin a CSV with a byte order mark, for spreadsheets."},
    )


class EstimateBookAnswer(Schema):
    """The version in force at the month's end."""

    name = String(required=True)
    version = Integer(required=True)


class EstimateLineAnswer(Schema):
    """One amount, of `count` resources alike that are each rounded by themselves."""

    name = String(required=True)
    meter = String(required=True)
    quantity = String(required=True)
    unit = String(required=True)
    unit_price = String(required=True)
    amount = String(required=True)
    count = Integer(required=True)
    line = Integer(
        required=True,
        metadata={"description": "Which line of what was asked, from 0; -1 for steps of all."},
    )
    disk = Integer(metadata={"description": "Which disk of the VM, from 1."})
    tier = String()
    version = Integer(required=True)
    step = Integer()
    per_month_of_hours = String()


class EstimateUnpricedAnswer(Schema):
    """What no price fits."""

    name = String(required=True)
    meter = String(required=True)
    quantity = String(required=True)
    unit = String(required=True)
    line = Integer(required=True)
    disk = Integer()
    where = Dict(required=True)


class EstimateAnswer(Schema):
    """An estimate."""

    id = String(required=True)
    name = String(required=True)
    currency = String(required=True)
    price_book = Nested(EstimateBookAnswer, required=True)
    month = String(required=True)
    hours = String(required=True)
    lines = List(Nested(EstimateLineAnswer), required=True)
    net = String(required=True)
    vat_rate = String(required=True)
    vat = String(required=True)
    total = String(required=True)
    complete = Boolean(required=True, metadata={"description": "False: something has no price."})
    unpriced = List(Nested(EstimateUnpricedAnswer), required=True)
    assumptions = List(String(), required=True)
    not_estimated = List(String(), required=True)
