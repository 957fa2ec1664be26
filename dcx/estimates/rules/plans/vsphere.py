"""vSphere: machines with their disks, and disks of their own."""

from collections.abc import Iterator

from dcx.estimates.rules.asks import AskedDisk
from dcx.estimates.rules.plans.attributes import Attributes, Gap, GapError
from dcx.estimates.rules.plans.flavors import Flavor
from dcx.estimates.rules.plans.found import (
    Found,
    Gathering,
    Side,
    asked_disk,
    disk,
    machine,
    no_meter,
    rules_of,
)
from dcx.estimates.rules.reading import MOST_GIB, MOST_MEMORY_MIB, MOST_VCPUS

USUAL_VCPUS, USUAL_MEMORY_MIB = 1, 1024
"""What the provider takes where nothing is written."""
PROVISIONED = "Disks are priced by the size they are given, thin ones and linked clones too."
_LICENCES = (("win", "windows"), ("rhel", "rhel"), ("sles", "sles"), ("suse", "sles"))
"""How guest_id begins, for operating systems that are paid for."""


def virtual_machine(side: Side) -> Found:
    given, gathering = side.given, Gathering()
    vcpus = gathering.ask(lambda: _vcpus(given))
    memory = gathering.ask(lambda: _memory(given))
    licence = gathering.ask(lambda: licence_of(given.chosen("guest_id", "its operating system")))
    disks = list(_disks(given, gathering))
    if vcpus is None or memory is None or licence is None:
        return gathering.found()
    if disks:
        gathering.notes.append(PROVISIONED)
    size = Flavor("", vcpus, memory)
    return machine(side, size, disks, gathering, is_on=True, facets={"os": licence})


def _vcpus(given: Attributes) -> int:
    words = "its number of vCPU"
    return given.whole("num_cpus", words, most=MOST_VCPUS, absent=USUAL_VCPUS)


def _memory(given: Attributes) -> int:
    words = "its memory"
    return given.whole("memory", words, most=MOST_MEMORY_MIB, absent=USUAL_MEMORY_MIB)


def licence_of(guest: str) -> str:
    """The operating system of a guest_id as price books name it; '' for one without a licence."""
    known = (name for start, name in _LICENCES if guest.lower().startswith(start))
    return next(known, "")


def _disks(given: Attributes, gathering: Gathering) -> Iterator[AskedDisk]:
    if given.has("ovf_deploy"):
        gathering.gaps.append(Gap("Not in the plan: the disks of its OVF."))
    blocks = gathering.ask(lambda: given.blocks("disk", "its disks"))
    if blocks is not None and not blocks and given.has("clone"):
        gathering.gaps.append(Gap("Not in the plan: the disks of its template."))
    for number, block in enumerate(blocks or (), 1):
        size = gathering.ask(lambda block=block, number=number: _size(block, number))  # type: ignore[misc]
        if size:
            yield asked_disk(size, "", gathering)


def _size(block: Attributes, number: int) -> int:
    """In GiB; 0 of a disk that is attached, and priced where it is made."""
    if block.is_on("attach", f"whether disk {number} is only attached", absent=False):
        return 0
    return block.whole("size", f"the size of disk {number}", most=MOST_GIB)


def virtual_disk(side: Side) -> Found:
    gathering = Gathering()
    size = gathering.ask(lambda: side.given.whole("size", "its size", most=MOST_GIB))
    return disk(side, gathering, size, "")


def _snapshot(side: Side) -> Found:
    words = "A snapshot grows with what is written after it, which no plan tells"
    try:
        has_memory = side.given.is_on("memory", "whether it keeps the memory", absent=False)
    except GapError as error:
        return Found(gaps=(error.gap,))
    more = ", and keeps the machine's memory" if has_memory else ""
    return Found(gaps=(Gap(f"{words}{more}."),))


_PRICED = {
    "virtual_machine": virtual_machine,
    "virtual_disk": virtual_disk,
    "virtual_machine_snapshot": _snapshot,
    "content_library_item": no_meter("The space that a template takes"),
    "file": no_meter("The space that a file takes"),
}
_FREE = {
    "Folders, tags, rights and rules have no price.": """
        folder tag tag_category custom_attribute role entity_permissions license
        storage_drs_vm_override drs_vm_override dpm_host_override ha_vm_override
        compute_cluster_vm_affinity_rule compute_cluster_vm_anti_affinity_rule
        compute_cluster_vm_dependency_rule compute_cluster_vm_group compute_cluster_vm_host_rule
        compute_cluster_host_group datastore_cluster_vm_anti_affinity_rule vm_storage_policy
        guest_os_customization content_library configuration_profile""",
    "A pool or a class is a limit or a size: the machines in it have a price.": """
        resource_pool vapp_container vapp_entity virtual_machine_class supervisor""",
    "Networks have no price of their own.": """
        distributed_port_group distributed_virtual_switch host_port_group host_virtual_switch
        vnic distributed_virtual_switch_pvlan_mapping""",
    "It is the provider's own: machines and disks on it have a price.": """
        datacenter compute_cluster host datastore_cluster nas_datastore vmfs_datastore""",
}
RULES = rules_of("vsphere_", _PRICED, _FREE)
