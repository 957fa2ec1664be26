"""OpenStack notifications as rows of logs; the contract lists the events that count."""

from collections.abc import Callable, Mapping
from typing import Any

Notification = Mapping[str, Any]
Row = dict[str, Any]


def rows_of(event: Notification) -> list[Row]:
    """The log rows that a notification stands for; none where it changes nothing."""
    make = _EVENTS.get(str(event.get("event_type")))
    return make(event) if make else []


def _created(event: Notification) -> list[Row]:
    at = event.get("launched_at") or event.get("generated")
    return [_vm(event, at, "running"), _root(event, at, "attached")]


def _powered_off(event: Notification) -> list[Row]:
    return [_vm(event, event.get("generated"), "stopped")]


def _powered_on(event: Notification) -> list[Row]:
    return [_vm(event, event.get("generated"), "running")]


def _resized(event: Notification) -> list[Row]:
    at = event.get("generated")
    state = "stopped" if event.get("state") == "stopped" else "running"
    return [_vm(event, at, state), _root(event, at, "attached")]


def _deleted(event: Notification) -> list[Row]:
    at = event.get("deleted_at") or event.get("generated")
    return [_vm(event, at, "deleted"), _root(event, at, "deleted")]


def _volume(state: str, instant: str) -> Callable[[Notification], list[Row]]:
    def rows(event: Notification) -> list[Row]:
        return [_disk(event, event.get(instant) or event.get("generated"), state)]

    return rows


def _volume_resized(event: Notification) -> list[Row]:
    state = "attached" if event.get("status") == "in-use" else "detached"
    return [_disk(event, event.get("generated"), state)]


def _vm(event: Notification, at: object, state: str) -> Row:
    return {
        "event_id": event.get("message_id"),
        "vm_id": event.get("instance_id"),
        "customer": event.get("project_id"),
        "at": _utc(at),
        "state": state,
        "vcpus": event.get("vcpus"),
        "memory_mib": event.get("memory_mb"),
        "name": event.get("display_name"),
        "flavor": event.get("instance_type"),
    }


def _root(event: Notification, at: object, state: str) -> Row:
    instance = event.get("instance_id")
    return {
        "event_id": f"{event.get('message_id')}/root",
        "disk_id": f"{instance}/root",
        "customer": event.get("project_id"),
        "at": _utc(at),
        "state": state,
        "size_gib": event.get("root_gb"),
        "tier": "root",
        "vm_id": instance,
        "name": event.get("display_name"),
    }


def _disk(event: Notification, at: object, state: str) -> Row:
    return {
        "event_id": event.get("message_id"),
        "disk_id": event.get("resource_id"),
        "customer": event.get("project_id"),
        "at": _utc(at),
        "state": state,
        "size_gib": event.get("size"),
        "tier": event.get("type"),
        "name": event.get("display_name"),
    }


def _utc(at: object) -> object:
    """OpenStack's times without an offset are UTC."""
    if not isinstance(at, str) or at.endswith("Z") or "+" in at or "-" in at[10:]:
        return at
    return f"{at}Z"


_EVENTS: dict[str, Callable[[Notification], list[Row]]] = {
    "compute.instance.create.end": _created,
    "compute.instance.power_off.end": _powered_off,
    "compute.instance.power_on.end": _powered_on,
    "compute.instance.resize.confirm.end": _resized,
    "compute.instance.delete.end": _deleted,
    "volume.create.end": _volume("detached", "created_at"),
    "volume.attach.end": _volume("attached", "generated"),
    "volume.detach.end": _volume("detached", "generated"),
    "volume.resize.end": _volume_resized,
    "volume.delete.end": _volume("deleted", "generated"),
}
