"""What programs send with a Terraform plan and get for it."""

from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, Integer, List, Nested, String

from dcx.estimates.api.ground import Sent
from dcx.estimates.forms import NUMBER, EstimateBookAnswer
from dcx.estimates.rules.plans.rows import CLASSES, Row
from dcx.estimates.service import Answer
from dcx.estimates.service import plans as service
from dcx.kit.money import cents_text, decimal_text

_SIZE: dict[str, Any] = {
    "type": "object",
    "required": ["vcpus", "memory_gib"],
    "properties": {
        "vcpus": {"type": "integer", "minimum": 1},
        "memory_gib": NUMBER,
        "disk_gib": NUMBER,
    },
}
_WRAPPED: dict[str, Any] = {
    "type": "object",
    "required": ["plan"],
    "properties": {
        "plan": {"type": "object", "description": "What `terraform show -json` prints."},
        "price_book": {"type": "string", "default": "standard"},
        "month": {
            "type": "string",
            "description": "2026-08, or 730, 720, 744 hours; this month where absent.",
        },
        "flavors": {
            "type": "object",
            "additionalProperties": _SIZE,
            "description": "Sizes of flavours that the plan only names, by name or id.",
            "example": {"m1.small": {"vcpus": 1, "memory_gib": "2", "disk_gib": "20"}},
        },
    },
}
_BARE: dict[str, Any] = {
    "type": "object",
    "required": ["format_version"],
    "properties": {
        "format_version": {"type": "string", "example": "1.2"},
        "resource_changes": {"type": "array", "items": {"type": "object"}},
    },
}
PLAN: dict[str, Any] = {
    "content": {"application/json": {"schema": {"oneOf": [_BARE, _WRAPPED]}}},
}
"""The body of POST /estimates/terraform-plan."""


class PlannedAnswer(Schema):
    """A resource of a plan. Amounts are without VAT; null where nothing of it is known."""

    address = String(required=True)
    module = String(required=True)
    action = String(
        required=True,
        metadata={"description": "create, update, replace, delete, no-op, read, forget or other."},
    )
    class_ = String(data_key="class", required=True, metadata={"enum": list(CLASSES)})
    reason = String(required=True)
    before = String(required=True, allow_none=True)
    after = String(required=True, allow_none=True)
    delta = String(required=True, allow_none=True)
    is_partial = Boolean(
        data_key="partial",
        required=True,
        metadata={"description": "True: some of it is in the amounts, and some has no price."},
    )


class PlanCounts(Schema):
    """How many resources are in each class; each is in exactly one."""

    priced = Integer(required=True)
    free = Integer(required=True)
    unsupported = Integer(required=True)
    unpriced = Integer(required=True)
    unknown_ = Integer(data_key="unknown", required=True)


class PlanStepped(Schema):
    """What is priced in steps over all resources together, and is in no resource's amounts."""

    before = String(required=True)
    after = String(required=True)
    delta = String(required=True)


class PlanUnpriced(Schema):
    """A resource that is not, or not wholly, in the sums."""

    address = String(required=True)
    class_ = String(data_key="class", required=True)
    reason = String(required=True)


class PlanAnswer(Schema):
    """What a plan costs. Every difference is after less before."""

    resources = List(Nested(PlannedAnswer), required=True)
    counts = Nested(PlanCounts, required=True)
    stepped = Nested(PlanStepped, required=True)
    net_before = String(required=True)
    net_after = String(required=True)
    delta = String(required=True)
    vat_rate = String(required=True)
    vat_before = String(required=True)
    vat_after = String(required=True)
    vat_delta = String(required=True)
    total_before = String(required=True)
    total_after = String(required=True)
    total_delta = String(required=True)
    complete = Boolean(
        required=True,
        metadata={"description": "False: something of the plan, or of its resources, is missing."},
    )
    warnings = List(String(), required=True)
    unpriced = List(Nested(PlanUnpriced), required=True)
    assumptions = List(String(), required=True)
    not_estimated = List(String(), required=True)
    currency = String(required=True)
    price_book = Nested(EstimateBookAnswer, required=True)
    month = String(required=True)
    hours = String(required=True)


def plan_json(answer: service.PlanAnswer) -> Sent:
    """As the API answers it: amounts as text, before and after apart."""
    after = answer.after
    return {
        "resources": [_row_json(row) for row in answer.rows],
        "counts": answer.counts,
        "stepped": _amounts("", *answer.stepped),
        **_sums(answer.before, after),
        "vat_rate": decimal_text(after.vat_rate_e8, 8, at_least=2),
        "complete": answer.is_complete,
        "warnings": list(answer.warnings),
        "unpriced": [
            {"address": row.address, "class": row.verdict, "reason": row.reason}
            for row in answer.rows
            if row.verdict not in {"priced", "free"}
        ],
        "assumptions": list(answer.assumptions),
        "not_estimated": list(answer.not_estimated),
        "currency": after.currency,
        "price_book": {"name": after.book, "version": after.version},
        "month": after.month,
        "hours": str(after.hours),
    }


def _sums(before: Answer, after: Answer) -> Sent:
    net = _amounts("net_", before.net_cents, after.net_cents)
    return {
        "net_before": net["net_before"],
        "net_after": net["net_after"],
        "delta": net["net_delta"],
        **_amounts("vat_", before.vat_cents, after.vat_cents),
        **_amounts("total_", before.total_cents, after.total_cents),
    }


def _amounts(start: str, before: int, after: int) -> Sent:
    cents = {"before": before, "after": after, "delta": after - before}
    return {f"{start}{name}": cents_text(value) for name, value in cents.items()}


def _row_json(row: Row) -> Sent:
    cents = {"before": row.before_cents, "after": row.after_cents, "delta": row.delta_cents}
    return {
        "address": row.address,
        "module": row.module,
        "action": row.action,
        "class": row.verdict,
        "reason": row.reason,
        **{name: None if value is None else cents_text(value) for name, value in cents.items()},
        "partial": row.is_partial,
    }
