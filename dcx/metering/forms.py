"""What programs send and get: the parameters, bodies and answers that the API specifies."""

from typing import Any

from apiflask import Schema
from apiflask.fields import DateTime, Integer, List, Nested, String
from apiflask.validators import Length, Range

from dcx.metering.rules.cells import LONGEST_TEXT
from dcx.metering.rules.logs import (
    DISK_STATES,
    MOST_MEMORY_MIB,
    MOST_SIZE_GIB,
    MOST_VCPUS,
    VM_STATES,
)
from dcx.metering.service import GROUPS

MOST_RUNS = 200
_FROM = "Usage from this instant on, ISO 8601 with an offset."
_TO = "Usage before this instant, ISO 8601 with an offset."
_BY = f"Group by {', '.join(GROUPS)}; may be repeated. customer and meter where absent."


class SendQuery(Schema):
    """Where logs come from."""

    source = String(
        required=True,
        validate=Length(min=1, error="Name the source of these logs: ?source=NAME."),
        error_messages={"required": "Name the source of these logs: ?source=NAME."},
        metadata={"description": "The source that these logs come from."},
    )


class CustomerQuery(Schema):
    """Whose data: a customer's own key needs to name nobody."""

    customer = String(metadata={"description": "A customer's key; without, all customers."})


class UsageQuery(CustomerQuery):
    """Which usage."""

    start = String(data_key="from", required=True, metadata={"description": _FROM})
    end = String(data_key="to", required=True, metadata={"description": _TO})
    by = List(String(), load_default=[], metadata={"description": _BY})


class RunsQuery(CustomerQuery):
    """Which runs."""

    limit = Integer(load_default=20, validate=Range(min=1, max=MOST_RUNS))
    after = Integer(
        validate=Range(min=1, max=2**63 - 1),
        metadata={"description": "`next` of the page before: older runs follow."},
    )


class Refused(Schema):
    """A row that was quarantined."""

    row = Integer(required=True, metadata={"description": "Counted from 1."})
    reason = String(required=True)


class Received(Schema):
    """What became of the rows."""

    stored = Integer(required=True)
    duplicates = Integer(required=True)
    conflicts = Integer(required=True)
    held = Integer(required=True, metadata={"description": "Of customers that do not exist yet."})
    quarantined = List(Nested(Refused), required=True)


class Used(Schema):
    """The asked groups as keys beside these two."""

    customer = String()
    resource = String()
    tier = String()
    day = String()
    meter = String(required=True)
    quantity = String(required=True, metadata={"description": "With 6 decimals."})


class UsageAnswer(Schema):
    """Usage of a period."""

    start = DateTime(data_key="from", required=True)
    end = DateTime(data_key="to", required=True)
    rows = List(Nested(Used), required=True)


class RunAnswer(Schema):
    """One run."""

    started_at = DateTime(required=True)
    ended_at = DateTime(required=True, allow_none=True)
    by = String(required=True)
    logs = Integer(required=True)
    segments = Integer(required=True)
    until = DateTime(required=True, allow_none=True)
    error = String(required=True, allow_none=True)


class RunsAnswer(Schema):
    """How far usage is metered, and for the provider's keys the runs and what waits."""

    metered_until = DateTime(required=True, allow_none=True)
    pending = Integer(required=True, allow_none=True)
    runs = List(Nested(RunAnswer), required=True)
    next = Integer(required=True, allow_none=True)


def _text(words: str = "", **more: object) -> dict[str, Any]:
    found = {"type": "string", "maxLength": LONGEST_TEXT, **more}
    return {**found, "description": words} if words else found


def _number(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": most}


_ANY_LOG = {
    "event_id": _text("Names this log for ever: the same id is stored once."),
    "customer": _text("The customer's key."),
    "at": {"type": "string", "format": "date-time", "description": "With an offset or Z."},
    "name": _text(),
    "region": _text(),
    "seq": {"type": "integer", "description": "Decides between logs of one instant; else 0."},
}
_VM_LOG = {
    **_ANY_LOG,
    "vm_id": _text(),
    "state": {"type": "string", "enum": sorted(VM_STATES)},
    "vcpus": _number(MOST_VCPUS),
    "memory_mib": _number(MOST_MEMORY_MIB),
    "flavor": _text(),
    "os": _text(),
}
_DISK_LOG = {
    **_ANY_LOG,
    "disk_id": _text(),
    "state": {"type": "string", "enum": sorted(DISK_STATES)},
    "size_gib": _number(MOST_SIZE_GIB),
    "tier": _text("standard where absent."),
    "vm_id": _text("The VM it is attached to."),
}


def _body(fields: dict[str, Any], *required: str) -> dict[str, Any]:
    log = {
        "type": "object",
        "properties": fields,
        "required": ["event_id", "customer", "at", "state", *required],
        "additionalProperties": True,
    }
    lines = {"type": "string", "description": "One such object a line."}
    return {
        "required": True,
        "description": "At most 64 MiB; may be gzip. A bad row is quarantined, the others stored.",
        "content": {
            "application/json": {"schema": {"type": "array", "items": log}},
            "application/x-ndjson": {"schema": lines},
        },
    }


VM_LOGS = _body(_VM_LOG, "vm_id", "vcpus", "memory_mib")
DISK_LOGS = _body(_DISK_LOG, "disk_id", "size_gib")
