"""OpenStack: instances by their flavours, volumes by their types, floating IPs."""

from collections.abc import Iterator

from dcx.estimates.rules.asks import AskedDisk, AskedLine
from dcx.estimates.rules.plans.attributes import Attributes, Gap
from dcx.estimates.rules.plans.flavors import Flavor
from dcx.estimates.rules.plans.found import (
    Found,
    Gathering,
    Rule,
    Side,
    asked_disk,
    disk,
    flavor_of,
    machine,
    no_meter,
    rules_of,
)
from dcx.estimates.rules.reading import MOST_GIB, MOST_MEMORY_MIB, MOST_VCPUS

ROOT_TIER = "root"
"""Metering calls the disk that a flavour brings so."""
_NAMES = ("flavor_name", "flavor_id")


def instance(side: Side) -> Found:
    gathering = Gathering()
    size = gathering.ask(lambda: flavor_of(side, _NAMES))
    region = gathering.ask(lambda: side.given.chosen("region", "its region"))
    state = gathering.ask(lambda: side.given.text("power_state", "its power state"))
    disks = list(_disks(side, size, gathering))
    if size is None or region is None or state is None:
        return gathering.found()
    is_on = state in {"", "active"}
    return machine(side, size, disks, gathering, is_on=is_on, facets={"region": region})


def flavor(given: Attributes) -> Flavor:
    """A flavour that the plan makes; GapError where its size is not known."""
    return Flavor(
        given.text("name", "the name of its flavour"),
        given.whole("vcpus", "the number of vCPU of its flavour", most=MOST_VCPUS),
        given.whole("ram", "the memory of its flavour", most=MOST_MEMORY_MIB),
        _flavor_disk(given),
    )


def _flavor_disk(given: Attributes) -> int:
    words = "the disk of its flavour"
    return given.whole("disk", words, most=MOST_GIB, absent=0) if given.has("disk") else 0


def _disks(side: Side, size: Flavor | None, gathering: Gathering) -> Iterator[AskedDisk]:
    blocks = gathering.ask(lambda: side.given.blocks("block_device", "its block devices"))
    if blocks is None:
        return
    is_local = not blocks
    for number, block in enumerate(blocks, 1):
        kinds = gathering.ask(lambda block=block: _kinds(block))  # type: ignore[misc]
        if kinds == ("image", "local"):
            is_local = True
        elif kinds and kinds[1] == "volume" and kinds[0] != "volume":
            yield from _volume(block, number, gathering)
    if is_local and size:
        yield from _root(size, gathering)


def _kinds(block: Attributes) -> tuple[str, str]:
    source = block.text("source_type", "the source of a block device")
    words = "the destination of a block device"
    return source, block.text("destination_type", words) or _usual_destination(source)


def _usual_destination(source: str) -> str:
    return "local" if source in {"image", "blank"} else "volume"


def _volume(block: Attributes, number: int, gathering: Gathering) -> Iterator[AskedDisk]:
    words = f"the size of block device {number}"
    size = gathering.ask(lambda: block.whole("volume_size", words, most=MOST_GIB))
    tier = gathering.ask(lambda: block.text("volume_type", f"the type of block device {number}"))
    if size is not None and tier is not None:
        yield asked_disk(size, tier, gathering)


def _root(size: Flavor, gathering: Gathering) -> Iterator[AskedDisk]:
    if size.disk_gib:
        yield AskedDisk(ROOT_TIER, size.disk_gib)
        return
    gathering.gaps.append(Gap("Not in the plan: the size of its image, which is its root disk's."))


def volume(side: Side) -> Found:
    gathering = Gathering()
    size = gathering.ask(lambda: side.given.whole("size", "its size", most=MOST_GIB))
    tier = gathering.ask(lambda: side.given.chosen("volume_type", "its type"))
    return disk(side, gathering, size, tier)


def address(side: Side) -> Found:
    gathering = Gathering()
    region = gathering.ask(lambda: side.given.chosen("region", "its region"))
    if region is None:
        return gathering.found()
    return gathering.found([AskedLine("ip", side.name, region=region)])


_PRICED: dict[str, Rule] = {
    "compute_instance_v2": instance,
    "networking_floatingip_v2": address,
    "compute_floatingip_v2": address,
    "blockstorage_volume_v1": volume,
    "blockstorage_volume_v2": volume,
    "blockstorage_volume_v3": volume,
    "lb_loadbalancer_v2": no_meter("A load balancer"),
    "vpnaas_service_v2": no_meter("A VPN"),
    "vpnaas_site_connection_v2": no_meter("A connection of a VPN"),
    "objectstorage_container_v1": no_meter("Object storage, paid by what is kept in it"),
    "sharedfilesystem_share_v2": no_meter("A shared file system"),
    "db_instance_v1": no_meter("A database"),
    "containerinfra_cluster_v1": no_meter("A cluster, whose nodes the plan does not list"),
    "containerinfra_nodegroup_v1": no_meter("Nodes of a cluster, which the plan does not list"),
    "images_image_v2": no_meter("The space that an image takes"),
    "blockstorage_snapshot_v3": no_meter("A snapshot, whose size is not in the plan"),
}
_FREE = {
    "Networks, ports, routers and their rules have no price of their own.": """
        networking_network_v2 networking_subnet_v2 networking_subnet_route_v2
        networking_subnetpool_v2 networking_port_v2 networking_portforwarding_v2
        networking_port_secgroup_associate_v2 networking_secgroup_v2 networking_secgroup_rule_v2
        networking_router_v2 networking_router_interface_v2 networking_router_route_v2
        networking_router_routes_v2 networking_floatingip_associate_v2 networking_trunk_v2
        networking_addressscope_v2 networking_address_group_v2 networking_rbac_policy_v2
        networking_segment_v2 networking_qos_policy_v2 networking_qos_bandwidth_limit_rule_v2
        networking_qos_dscp_marking_rule_v2 networking_qos_minimum_bandwidth_rule_v2
        networking_quota_v2 fw_group_v2 fw_policy_v2 fw_rule_v2 compute_secgroup_v2""",
    "What is attached is priced where it is made.": """
        compute_volume_attach_v2 blockstorage_volume_attach_v3 compute_interface_attach_v2
        compute_floatingip_associate_v2""",
    "A flavour is a size: the machines of that size have a price.": """
        compute_flavor_v2 compute_flavor_access_v2""",
    "Names of hosts have no price of their own.": """
        dns_zone_v2 dns_recordset_v2 dns_transfer_request_v2 dns_transfer_accept_v2""",
    "Users, keys, rights, groups and templates have no price.": """
        compute_keypair_v2 compute_servergroup_v2 compute_aggregate_v2 compute_quotaset_v2
        blockstorage_quotaset_v3 blockstorage_volume_type_v3 blockstorage_volume_type_access_v3
        blockstorage_qos_v3 blockstorage_qos_association_v3 identity_application_credential_v3
        identity_project_v3 identity_role_v3 identity_role_assignment_v3 identity_user_v3
        identity_group_v3 identity_user_membership_v3 identity_ec2_credential_v3
        images_image_access_v2 images_image_access_accept_v2 keymanager_container_v1
        keymanager_secret_v1 containerinfra_clustertemplate_v1 lb_flavor_v2 lb_flavorprofile_v2""",
    "It is part of its load balancer.": """
        lb_listener_v2 lb_pool_v2 lb_member_v2 lb_members_v2 lb_monitor_v2 lb_l7policy_v2
        lb_l7rule_v2 lb_quota_v2""",
    "It is part of its VPN.": """
        vpnaas_endpoint_group_v2 vpnaas_ike_policy_v2 vpnaas_ipsec_policy_v2""",
    "It is part of what it belongs to.": """
        objectstorage_object_v1 objectstorage_tempurl_v1 objectstorage_account_v1
        sharedfilesystem_share_access_v2 sharedfilesystem_sharenetwork_v2
        sharedfilesystem_securityservice_v2 db_database_v1 db_user_v1 db_configuration_v1""",
}
RULES = rules_of("openstack_", _PRICED, _FREE)
