"""vCloud Director: machines of vApps and by themselves, their disks, public addresses."""

from collections.abc import Iterator, Sequence

from dcx.estimates.rules.asks import AskedDisk, AskedLine
from dcx.estimates.rules.plans.attributes import Attributes, Gap, GapError, not_told
from dcx.estimates.rules.plans.flavors import Flavor
from dcx.estimates.rules.plans.found import (
    Found,
    Gathering,
    Side,
    asked_disk,
    disk,
    flavor_of,
    gib_of_mb,
    machine,
    no_meter,
    rules_of,
)
from dcx.estimates.rules.reading import MOST_COPIES, MOST_MEMORY_MIB, MOST_VCPUS

_POLICY = "sizing_policy_id"
_TEMPLATES = ("vapp_template_id", "template_name", "copy_from_vm_id")
_BITS = 32


def virtual_machine(side: Side) -> Found:
    given, gathering = side.given, Gathering()
    size = gathering.ask(lambda: _size(side))
    is_on = gathering.ask(lambda: given.is_on("power_on", "whether it is on", absent=True))
    disks = list(_disks(side, gathering))
    if size is None or is_on is None:
        return gathering.found()
    return machine(side, size, disks, gathering, is_on=is_on, facets={})


def _size(side: Side) -> Flavor:
    """By its own numbers where it has them, else by its sizing policy."""
    given = side.given
    try:
        vcpus = given.whole("cpus", "its number of vCPU", most=MOST_VCPUS)
        return Flavor("", vcpus, given.whole("memory", "its memory", most=MOST_MEMORY_MIB))
    except GapError:
        if not given.has(_POLICY) or not given.written.may_leave_out("cpus"):
            raise
    return flavor_of(side, (_POLICY,))


def sizing_policy(given: Attributes) -> Flavor:
    """A size of machine that the plan makes; GapError where it leaves something open."""
    cpu, memory = (given.blocks(key, "its sizing policy") for key in ("cpu", "memory"))
    if not cpu or not memory:
        raise not_told("Its sizing policy does not say both vCPU and memory.")
    return Flavor(
        "",
        cpu[0].whole("count", "the vCPU of its sizing policy", most=MOST_VCPUS),
        memory[0].whole("size_in_mb", "the memory of its sizing policy", most=MOST_MEMORY_MIB),
    )


def _disks(side: Side, gathering: Gathering) -> Iterator[AskedDisk]:
    """Once it exists, those that it has; before, those of its template that are given a size."""
    given = side.given
    known = gathering.ask(lambda: _existing(given))
    if known is None:
        return
    blocks = known or gathering.ask(lambda: given.blocks("override_template_disk", "its disks"))
    if blocks is not None and not blocks and any(given.has(key) for key in _TEMPLATES):
        gathering.gaps.append(Gap("Not in the plan: the disk of its template."))
    for number, block in enumerate(blocks or (), 1):
        if _id(block) not in side.elsewhere:
            yield from _one_disk(given, block, f"disk {number}", gathering)


def _existing(given: Attributes) -> Sequence[Attributes]:
    try:
        return given.blocks("internal_disk", "its disks")
    except GapError as error:
        if error.gap.is_unknown:
            return ()
        raise


def _id(block: Attributes) -> str:
    try:
        return block.text("disk_id", "its id")
    except GapError:
        return ""


def _one_disk(
    given: Attributes, block: Attributes, name: str, gathering: Gathering
) -> Iterator[AskedDisk]:
    size = gathering.ask(lambda: gib_of_mb(block, "size_in_mb", f"the size of {name}", gathering))
    own = gathering.ask(lambda: block.text("storage_profile", f"the storage profile of {name}"))
    tier = own or gathering.ask(lambda: given.chosen("storage_profile", "its storage profile"))
    if size is not None and own is not None and tier is not None:
        yield asked_disk(size, tier, gathering)


def own_disk(side: Side) -> Found:
    gathering = Gathering()
    size = gathering.ask(lambda: gib_of_mb(side.given, "size_in_mb", "its size", gathering))
    tier = gathering.ask(lambda: side.given.chosen("storage_profile", "its storage profile"))
    return disk(side, gathering, size, tier)


def addresses(side: Side) -> Found:
    """One address, or all of a prefix: a /29 has 8."""
    gathering = Gathering()
    count = gathering.ask(lambda: _count(side.given))
    return gathering.found([AskedLine("ip", side.name, count=count)] if count else [])


def _count(given: Attributes) -> int:
    kind = given.text("type", "its type")
    if kind == "FLOATING_IP":
        return 1
    if kind != "IP_PREFIX":
        raise not_told("It is neither a FLOATING_IP nor an IP_PREFIX.")
    length = given.whole("prefix_length", "the length of its prefix", most=_BITS)
    count = int(2 ** (_BITS - length))
    if count > MOST_COPIES:
        raise not_told(f"A prefix of /{length} has more addresses than are priced at once.")
    return count


_PRICED = {
    "vapp_vm": virtual_machine,
    "vm": virtual_machine,
    "vm_internal_disk": own_disk,
    "independent_disk": own_disk,
    "ip_space_ip_allocation": addresses,
    "nsxt_edgegateway": no_meter("An edge gateway"),
    "edgegateway": no_meter("An edge gateway"),
    "nsxt_alb_virtual_service": no_meter("A load balancer"),
    "lb_virtual_server": no_meter("A load balancer"),
    "nsxt_ipsec_vpn_tunnel": no_meter("A VPN"),
    "vapp_template": no_meter("The space that a template takes"),
    "catalog_vapp_template": no_meter("The space that a template takes"),
    "catalog_item": no_meter("The space that a template takes"),
    "catalog_media": no_meter("The space that a medium takes"),
}
_FREE = {
    "A vApp costs what its machines cost.": "vapp vapp_access_control cloned_vapp",
    "Networks, routes and their rules have no price of their own.": """
        vapp_network vapp_org_network network_routed network_routed_v2 network_isolated
        network_isolated_v2 network_direct external_network_v2 nsxt_network_imported
        nsxt_network_segment_profile nsxt_nat_rule nsxt_firewall nsxt_distributed_firewall
        nsxt_distributed_firewall_rule nsxt_security_group nsxt_dynamic_security_group nsxt_ip_set
        nsxt_app_port_profile nsxt_route_advertisement nsxt_edgegateway_static_route
        nsxt_edgegateway_rate_limiting nsxt_edgegateway_bgp_configuration
        nsxt_edgegateway_bgp_neighbor nsxt_edgegateway_dns vapp_firewall_rules vapp_nat_rules
        vapp_static_routing security_tag vm_affinity_rule""",
    "DHCP has no price.": "nsxt_network_dhcp nsxt_network_dhcp_binding",
    "It is part of its load balancer.": """
        nsxt_alb_pool nsxt_alb_settings nsxt_alb_edgegateway_service_engine_group
        nsxt_alb_virtual_service_http_req_rules nsxt_alb_virtual_service_http_resp_rules""",
    "It is a limit, a size or a right: what is made with it has a price.": """
        vm_sizing_policy vm_placement_policy vm_vgpu_policy org org_vdc org_user org_group role
        rights_bundle global_role catalog catalog_access_control org_vdc_access_control
        ip_space ip_space_uplink ip_space_custom_quota library_certificate api_token""",
}
RULES = rules_of("vcd_", _PRICED, _FREE)
