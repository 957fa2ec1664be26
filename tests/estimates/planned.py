"""Plans as `terraform show -json` writes them, made of a few words each."""

import json
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
PROVIDERS = {
    "openstack": "registry.terraform.io/terraform-provider-openstack/openstack",
    "vsphere": "registry.terraform.io/hashicorp/vsphere",
    "vcd": "registry.terraform.io/vmware/vcd",
    "nsxt": "registry.terraform.io/vmware/nsxt",
    "aws": "registry.terraform.io/hashicorp/aws",
}


def change(  # noqa: PLR0913 - what Terraform says of each
    address: str,
    after: Mapping[str, Any] | None,
    before: Mapping[str, Any] | None = None,
    *,
    module: str = "",
    unknown: Any = None,
    sensitive: Any = None,
    actions: list[str] | None = None,
) -> Json:
    """One entry of resource_changes: created, deleted, changed or left alone by its two sides."""
    kind, _, rest = address.partition(".")
    found: Json = {
        "address": f"{module}.{address}" if module else address,
        "mode": "managed",
        "type": kind,
        "name": rest.partition("[")[0],
        "provider_name": PROVIDERS.get(kind.partition("_")[0], "registry.terraform.io/x/x"),
        "change": {
            "actions": actions or _actions(before, after),
            "before": before,
            "after": after,
            "after_unknown": {"id": True} if unknown is None else unknown,
            "before_sensitive": False if before is None else sensitive or {},
            "after_sensitive": sensitive or {},
        },
    }
    return found | ({"module_address": module} if module else {})


def _actions(before: Any, after: Any) -> list[str]:
    if before is None:
        return ["create"]
    if after is None:
        return ["delete"]
    return ["no-op"] if before == after else ["update"]


def plan(
    *changes: Json, written: Mapping[str, Mapping[str, Any]] | None = None, **more: Any
) -> Json:
    """A plan of some changes; `written` are the expressions of resources of the root module."""
    resources = [
        {"address": address, "expressions": dict(expressions)}
        for address, expressions in (written or {}).items()
    ]
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "resource_changes": list(changes),
        "configuration": {"root_module": {"resources": resources}},
        "complete": True,
        "errored": False,
        "applyable": True,
        **more,
    }


def as_sent(given: Json) -> bytes:
    return json.dumps(given).encode()


def instance(size: str | None = "m1.small", **more: Any) -> Json:
    """An OpenStack instance that boots from its image."""
    return {
        "name": "web", "flavor_name": size, "image_name": "debian-12", "power_state": "active",
        "block_device": [], "admin_pass": None, "user_data": None, "region": "RegionOne", **more,
    }  # fmt: skip


def boot_volume(size: int | None = 50, tier: str | None = "ssd", **more: Any) -> Json:
    return {
        "source_type": "image", "destination_type": "volume", "boot_index": 0, "uuid": "9c1c",
        "volume_size": size, "volume_type": tier, "delete_on_termination": True, **more,
    }  # fmt: skip


def flavor(name: str = "m1.small", vcpus: int = 1, ram: int = 2048, disk: int = 20) -> Json:
    return {"name": name, "vcpus": vcpus, "ram": ram, "disk": disk, "is_public": True}


def volume(size: Any = 100, tier: str | None = "ssd", **more: Any) -> Json:
    return {"name": "data", "size": size, "volume_type": tier, "region": "RegionOne", **more}


def vsphere_vm(*disks: Json, **more: Any) -> Json:
    return {
        "name": "app", "num_cpus": 2, "memory": 4096, "guest_id": "debian12_64Guest",
        "disk": list(disks), "clone": [], "ovf_deploy": [], "wait_for_guest_net_timeout": 5, **more,
    }  # fmt: skip


def vsphere_disk(size: int | None = 40, **more: Any) -> Json:
    return {"label": "disk0", "size": size, "thin_provisioned": True, "attach": False, **more}


def vcd_vm(*disks: Json, **more: Any) -> Json:
    return {
        "name": "erp", "cpus": 4, "memory": 8192, "power_on": True, "vapp_template_id": "urn:1",
        "storage_profile": "ssd", "override_template_disk": list(disks), **more,
    }  # fmt: skip


def vcd_disk(size_in_mb: Any = 102_400, profile: str = "") -> Json:
    return {
        "bus_type": "paravirtual", "bus_number": 0, "unit_number": 0, "size_in_mb": size_in_mb,
        "storage_profile": profile,
    }  # fmt: skip
