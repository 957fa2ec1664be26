"""What the resources of a plan are: each provider's, and what is never guessed."""

from typing import Any

import pytest

from dcx.estimates.errors import AskRefusedError
from dcx.estimates.rules.plans.frame import read_file
from dcx.estimates.rules.plans.resources import Planned, read_plan
from dcx.estimates.rules.plans.rows import described, grouped
from dcx.estimates.rules.plans.sent import read_sent, read_typed_flavors
from tests.estimates.planned import (
    Json,
    as_sent,
    boot_volume,
    change,
    flavor,
    instance,
    plan,
    vcd_disk,
    vcd_vm,
    volume,
    vsphere_disk,
    vsphere_vm,
)

GIVEN = read_typed_flavors("m1.small 1 2 20\nm1.bare 1 2\nbig 4 16GB 40")
SMALL = "1 vCPU, 2 GiB memory"
OPENSTACK, VSPHERE = "openstack_compute_instance_v2.web", "vsphere_virtual_machine.app"
VOLUME, VCD = "openstack_blockstorage_volume_v3.data", "vcd_vapp_vm.erp"


def planned(*changes: Json, **more: Any) -> Planned:
    """The last resource of a plan."""
    return read_plan(plan(*changes, **more), GIVEN).resources[-1]


def said(found: Planned) -> list[str]:
    """What is priced of it afterwards, why it is free, and what is missing."""
    after = found.after
    if after is None:
        return [found.unsupported]
    says = [described(line) for line in after.lines] + ([after.free] if after.free else [])
    return says + [gap.words for gap in after.gaps]


LEVELS: list[tuple[str, Json, list[str]]] = [
    (OPENSTACK, instance(), [f"{SMALL}, 20 GiB root"]),
    (OPENSTACK, instance(None, flavor_id="big"), ["4 vCPU, 16 GiB memory, 40 GiB root"]),
    (OPENSTACK, instance(block_device=[boot_volume()]), [f"{SMALL}, 50 GiB ssd"]),
    (OPENSTACK, instance(block_device=[boot_volume(tier=None)]), [f"{SMALL}, 50 GiB standard"]),
    (OPENSTACK, instance(block_device=[boot_volume(source_type="volume", volume_size=None)]),
     [SMALL]),
    (OPENSTACK,
     instance(block_device=[boot_volume(destination_type="local"),
                            {"source_type": "blank", "destination_type": "local", "volume_size": 5},
                            boot_volume(200, "nvme", source_type="blank", boot_index=1)]),
     [f"{SMALL}, 200 GiB nvme, 20 GiB root"]),
    (OPENSTACK, instance(block_device=[boot_volume(None)]),
     [SMALL, "Not in the plan: the size of block device 1."]),
    (OPENSTACK, instance("m1.bare"),
     [SMALL, "Not in the plan: the size of its image, which is its root disk's."]),
    (OPENSTACK, instance("m1.huge"),
     ["Not in the plan: the size of flavour m1.huge. Give it with the plan."]),
    (OPENSTACK, instance(None), ["Not in the plan: its flavour."]),
    (OPENSTACK, instance(power_state="shutoff", block_device=[boot_volume()]), ["50 GiB ssd"]),
    (OPENSTACK, instance(power_state="shelved_offloaded"), ["20 GiB root"]),
    (OPENSTACK, instance(power_state="paused", block_device=[boot_volume(source_type="volume")]),
     ["It is off and has no disks of its own."]),
    (VOLUME, volume(), ["100 GiB ssd"]),
    (VOLUME, volume("250", None), ["250 GiB standard"]),
    (VOLUME, volume(None, snapshot_id="s"), ["Not in the plan: its size."]),
    (VOLUME, volume(-5), ["Not a whole number from 1 to 1048576: its size, -5."]),
    (VOLUME, volume(0), ["Not a whole number from 1 to 1048576: its size, 0."]),
    (VOLUME, volume(10**400),
     ["Not a whole number from 1 to 1048576: its size, absurdly large."]),
    (VOLUME, volume(1.5),
     ["Not a whole number from 1 to 1048576: its size, which is none."]),
    (VOLUME, volume(size=True),
     ["Not a whole number from 1 to 1048576: its size, which is none."]),
    (VOLUME, volume(tier="x\ny"), ["Not one line of at most 100 signs: its type."]),
    ("openstack_networking_floatingip_v2.ip", {"pool": "public"}, ["1 address"]),
    ("openstack_compute_volume_attach_v2.a", {"volume_id": "v"},
     ["What is attached is priced where it is made."]),
    ("openstack_networking_router_v2.r", {}, [
        "Networks, ports, routers and their rules have no price of their own."]),
    ("openstack_lb_loadbalancer_v2.lb", {}, [
        "A load balancer: price books have no meter for this."]),
    ("openstack_db_instance_v1.db", {"size": 10}, [
        "A database: price books have no meter for this."]),
    (VSPHERE, vsphere_vm(vsphere_disk(), vsphere_disk(100, thin_provisioned=False)),
     ["2 vCPU, 4 GiB memory, 40 GiB standard, 100 GiB standard"]),
    (VSPHERE, vsphere_vm(vsphere_disk(), num_cpus=None, memory=None),
     ["1 vCPU, 1 GiB memory, 40 GiB standard"]),
    (VSPHERE, vsphere_vm(vsphere_disk(None, attach=True, path="x.vmdk"), memory=512),
     ["2 vCPU, 0.5 GiB memory"]),
    (VSPHERE, vsphere_vm(vsphere_disk(60), clone=[{"template_uuid": "t", "linked_clone": True}],
                         guest_id="windows2019srv_64Guest"),
     ["2 vCPU, 4 GiB memory, 60 GiB standard, windows"]),
    (VSPHERE, vsphere_vm(clone=[{"template_uuid": "t"}]),
     ["2 vCPU, 4 GiB memory", "Not in the plan: the disks of its template."]),
    (VSPHERE, vsphere_vm(vsphere_disk(), ovf_deploy=[{"local_ovf_path": "x"}]),
     ["2 vCPU, 4 GiB memory, 40 GiB standard", "Not in the plan: the disks of its OVF."]),
    (VSPHERE, vsphere_vm(num_cpus=5000),
     ["Not a whole number from 1 to 4096: its number of vCPU, 5000."]),
    ("vsphere_virtual_disk.d", {"size": 30, "type": "thin"}, ["30 GiB standard"]),
    ("vsphere_virtual_machine_snapshot.s", {"memory": True},
     ["A snapshot grows with what is written after it, which no plan tells, and keeps the machine's"
      " memory."]),
    ("vsphere_resource_pool.p", {},
     ["A pool or a class is a limit or a size: the machines in it have a price."]),
    (VCD, vcd_vm(vcd_disk()), ["4 vCPU, 8 GiB memory, 100 GiB ssd"]),
    (VCD, vcd_vm(vcd_disk("13333", "nvme")), ["4 vCPU, 8 GiB memory, 14 GiB nvme"]),
    (VCD, vcd_vm(), ["4 vCPU, 8 GiB memory", "Not in the plan: the disk of its template."]),
    (VCD, vcd_vm(vapp_template_id=None, boot_image_id="b"), ["4 vCPU, 8 GiB memory"]),
    (VCD, vcd_vm(vcd_disk(), power_on=False), ["100 GiB ssd"]),
    (VCD, vcd_vm(vcd_disk(), cpus=None, sizing_policy_id="big"),
     ["4 vCPU, 16 GiB memory, 100 GiB ssd"]),
    (VCD, vcd_vm(vcd_disk(), cpus=None, sizing_policy_id="urn:7"),
     ["Not in the plan: the size of flavour urn:7. Give it with the plan."]),
    (VCD, vcd_vm(vcd_disk(), memory=None), ["Not in the plan: its memory."]),
    ("vcd_vm_internal_disk.d", {"size_in_mb": 20480, "storage_profile": "nvme"}, ["20 GiB nvme"]),
    ("vcd_independent_disk.d", {"size_in_mb": 1025, "storage_profile": None}, ["2 GiB standard"]),
    ("vcd_ip_space_ip_allocation.i", {"type": "FLOATING_IP"}, ["1 address"]),
    ("vcd_ip_space_ip_allocation.i", {"type": "IP_PREFIX", "prefix_length": "29"}, ["8 addresses"]),
    ("vcd_ip_space_ip_allocation.i", {"type": "IP_PREFIX", "prefix_length": 8},
     ["A prefix of /8 has more addresses than are priced at once."]),
    ("vcd_nsxt_edgegateway.e", {}, ["An edge gateway: price books have no meter for this."]),
    ("vcd_nsxt_network_dhcp_binding.b", {}, ["DHCP has no price."]),
    ("nsxt_policy_lb_service.lb", {"size": None},
     ["A load balancer, SMALL: price books have no meter for this."]),
    ("nsxt_policy_lb_service.lb", {"size": "XLARGE"},
     ["A load balancer, XLARGE: price books have no meter for this."]),
    ("nsxt_policy_ip_address_allocation.i", {}, ["1 address"]),
    ("nsxt_policy_tier1_gateway.t", {},
     ["Gateways, segments and their rules have no price of their own."]),
    ("random_password.p", {"length": 9}, ["It exists in Terraform alone."]),
    ("aws_instance.a", {},
     ["The type aws_instance of registry.terraform.io/hashicorp/aws is not known here."]),
]  # fmt: skip


@pytest.mark.parametrize(("address", "after", "says"), LEVELS)
def test_a_resource_is_priced_by_its_attributes(address: str, after: Json, says: list[str]) -> None:
    assert said(planned(change(address, after))) == says


UNKNOWN: list[tuple[str, Json, Any, list[str]]] = [
    (OPENSTACK, instance(None), {"flavor_name": True}, ["Known only after apply: its flavour."]),
    (OPENSTACK, instance(block_device=[boot_volume(None)]),
     {"block_device": [{"volume_size": True}]},
     [SMALL, "Known only after apply: the size of block device 1."]),
    (OPENSTACK, instance(), {"block_device": True},
     [SMALL, "Known only after apply: its block devices."]),
    (VOLUME, volume(None), {"size": True}, ["Known only after apply: its size."]),
    (VOLUME, volume(tier=None), {"volume_type": True}, ["Known only after apply: its type."]),
    (VSPHERE, vsphere_vm(num_cpus=None), {"num_cpus": True, "disk": True},
     ["Known only after apply: its number of vCPU.", "Known only after apply: its disks."]),
    (VCD, vcd_vm(vcd_disk(), cpus=None), {"cpus": True}, [
        "Known only after apply: its number of vCPU."]),
    (VOLUME, {}, True, ["Known only after apply: its size.",
                        "Known only after apply: its type."]),
]  # fmt: skip


@pytest.mark.parametrize(("address", "after", "unknown", "says"), UNKNOWN)
def test_what_apply_will_tell_is_unknown_and_never_zero(
    address: str, after: Json, unknown: Any, says: list[str]
) -> None:
    written = {address: {"volume_type": {"references": ["var.tier"]}}}
    found = planned(change(address, after, unknown=unknown), written=written)
    assert [words for words in said(found) if words in says] == says
    assert found.after
    assert found.after.gaps[0].is_unknown


def test_a_flavour_of_the_plan_is_found_by_name_by_id_and_by_reference() -> None:
    made = change(
        "openstack_compute_flavor_v2.own", {**flavor("own", 8, 32768, 0), "flavor_id": "77"}
    )
    machine = instance(None, block_device=[boot_volume()])
    refers = {"flavor_id": {"references": ["openstack_compute_flavor_v2.own.id"]}}
    by_reference = planned(
        made,
        change(OPENSTACK, machine, unknown={"flavor_id": True}),
        written={OPENSTACK: refers},
    )
    for found in (
        planned(made, change(OPENSTACK, {**machine, "flavor_name": "own"})),
        planned(made, change(OPENSTACK, {**machine, "flavor_id": "77"})),
        by_reference,
    ):
        assert said(found) == ["8 vCPU, 32 GiB memory, 50 GiB ssd"]
    other = change("openstack_compute_flavor_v2.own[1]", flavor("other"))
    either = planned(
        made,
        other,
        change(OPENSTACK, machine, unknown={"flavor_id": True}),
        written={OPENSTACK: refers},
    )
    assert said(either) == ["Known only after apply: which of several flavours it has."]


def test_a_flavour_that_was_written_counts_and_not_the_id_of_the_one_before() -> None:
    """The provider keeps the old id in its plan when only the name is changed."""
    before = instance(flavor_id="big", flavor_name="big")
    after = {**before, "flavor_name": "m1.small"}
    found = planned(
        change(OPENSTACK, after, before),
        written={OPENSTACK: {"flavor_name": {"constant_value": "m1.small"}}},
    )
    assert said(found) == [f"{SMALL}, 20 GiB root"]


def test_a_volume_for_which_nobody_chose_a_type_has_the_usual_one() -> None:
    unknown = {"volume_type": True, "region": True}
    found = planned(
        change(VOLUME, volume(tier=None, region=None), unknown=unknown),
        written={VOLUME: {"size": {"constant_value": 100}}},
    )
    assert said(found) == ["100 GiB standard"]
    assert found.after
    assert found.after.notes == (
        "Disks for which a plan chooses no type are priced as tier standard.",
    )


def test_a_disk_of_a_machine_that_is_a_resource_of_its_own_counts_once() -> None:
    has = {**vcd_vm(), "internal_disk": [{"disk_id": "1", "size_in_mb": 10240},
                                         {"disk_id": "2", "size_in_mb": 20480}]}  # fmt: skip
    own = {"id": "2", "size_in_mb": 20480, "storage_profile": "ssd"}
    found = planned(change("vcd_vm_internal_disk.d", own, own), change(VCD, has, has))
    assert said(found) == ["4 vCPU, 8 GiB memory, 10 GiB ssd"]


def test_what_is_marked_sensitive_is_neither_read_nor_told() -> None:
    hidden = "hush-hush"
    for address, after, marks in (
        (OPENSTACK, instance(hidden), {"flavor_name": True}),
        (VOLUME, volume(tier=hidden), {"volume_type": True}),
        (VOLUME, volume(hidden), True),
        (VSPHERE, vsphere_vm(vsphere_disk(hidden)), {"disk": [{"size": True}]}),  # type: ignore[arg-type]
    ):
        found = planned(change(address, after, sensitive=marks))
        assert "Marked sensitive" in str(said(found))
        assert hidden not in repr(found)
    known = planned(change(OPENSTACK, instance(admin_pass=hidden), sensitive={"admin_pass": True}))
    assert said(known) == [f"{SMALL}, 20 GiB root"]
    assert hidden not in repr(known)


def test_every_action_is_read_and_what_is_let_go_still_costs() -> None:
    both = (volume(100), volume(50))
    changes = [
        (change(VOLUME, None, volume()), "delete", ([], ["100 GiB ssd"])),
        (change(VOLUME, *both, actions=["delete", "create"]), "replace",
         (["100 GiB ssd"], ["50 GiB ssd"])),
        (change(VOLUME, *both, actions=["create", "delete"]), "replace",
         (["100 GiB ssd"], ["50 GiB ssd"])),
        (change(VOLUME, volume(), volume()), "no-op", (["100 GiB ssd"], ["100 GiB ssd"])),
        (change(VOLUME, None, volume(), actions=["forget"]), "forget",
         (["100 GiB ssd"], ["100 GiB ssd"])),
        (change(VOLUME, None, volume(), actions=["dance"]), "other", ([], [])),
        ({**change("data.openstack_images_image_v2.i", {}, actions=["read"]), "mode": "data"},
         "read", ([], [])),
    ]  # fmt: skip
    for entry, action, sides in changes:
        found = planned(entry)
        lines = [
            [described(line) for line in side.lines] if side else []
            for side in (found.after, found.before)
        ]
        assert (found.action, *lines) == (action, *sides)


def test_copies_alike_are_one_line_of_so_many_and_others_stay_apart() -> None:
    copies = [change(f"{VOLUME}[{number}]", volume()) for number in range(3)]
    deep = 'module.a["x.y"].module.b'
    other = [change(f'{VOLUME}["k"]', volume(7), module=deep), change(f"{VOLUME}[3]", volume(200))]
    lines = grouped(read_plan(plan(*copies, *other), {}))
    assert [(line.name, line.count) for line in lines] == [
        ("data", 3), (f'{deep}.data["k"]', 1), ("data[3]", 1),
    ]  # fmt: skip


REFUSED: list[tuple[bytes, str]] = [
    (b"", "is empty"),
    (b" \n", "is empty"),
    (b"PK\x03\x04\x00\x00binary", "terraform show -json"),
    (b"Terraform will perform the following actions", "This is not JSON"),
    (b'{"@level":"info","@message":"x"}\n{"@level":"info"}', "log of terraform plan -json"),
    (as_sent(plan(change(VOLUME, volume())))[:-40], "cut off"),
    (b'{"format_version": NaN}', "cut off or broken"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"a":' * 100_000, "nested too deeply"),
    (b"{}", "no format_version"),
    (b"[]", "A plan is a JSON object"),
    (b'"plan"', "A plan is a JSON object"),
    (b'{"format_version": "2.0", "resource_changes": []}', "not of format 2.0"),
    (b'{"format_version": "0.2", "resource_changes": []}', "not of format 0.2"),
    (b'{"format_version": "<b>.1", "resource_changes": []}', "not of format unknown"),
    (b'{"format_version": "1.0", "values": {"root_module": {}}}', "This is a state"),
    (b'{"format_version": "1.2", "resource_changes": {}}', "is not a list"),
    (b'{"format_version": "1.2", "resource_changes": [3]}', "resource_changes.0 is no change"),
    (as_sent(plan({"change": {"actions": ["create"]}})), "resource_changes.0 lacks"),
    (as_sent(plan(change(VOLUME, volume()), change(VOLUME, volume()))), f"{VOLUME} is twice"),
    (as_sent({"plan": plan(), "colour": "red"}), "colour: Unknown here"),
    (as_sent({"plan": plan(), "month": "2026-13"}), "month: Write a month"),
    (as_sent({"plan": plan(), "flavors": {"m1": {"vcpus": 0, "memory_gib": "2"}}}),
     "flavors.m1.vcpus: A whole number"),
    (as_sent({"plan": plan(), "flavors": {"m1": {"vcpus": 1, "memory_gib": "2", "disk_gib": -1}}}),
     "flavors.m1.disk_gib: A size above 0"),
    (as_sent({"plan": plan(), "flavors": {"m1": {"vcpus": 1, "ram": 4}}}),
     "flavors.m1: Known here"),
    (as_sent({"plan": plan(), "flavors": {"m1": 3}}), "flavors.m1: A flavour is an object"),
    (as_sent({"plan": plan(), "flavors": []}), "Flavours are an object"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "words"), REFUSED)
def test_what_is_no_plan_is_refused_in_words(sent: bytes, words: str) -> None:
    with pytest.raises(AskRefusedError) as refused:
        read_sent(sent, this_month="2026-11")
    assert words in refused.value.message


def test_a_plan_is_read_in_the_encodings_that_shells_write() -> None:
    text = as_sent(plan(change(VOLUME, volume()))).decode()
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le"):
        assert read_file(text.encode(encoding))["format_version"] == "1.2"


def test_a_plan_that_is_not_the_whole_says_so_and_one_without_changes_is_empty() -> None:
    partial = read_plan(plan(complete=False, errored=True), {})
    assert [words.split(":")[0] for words in partial.warnings] == [
        "Terraform met an error while it planned", "The plan is not the whole",
    ]  # fmt: skip
    old = {"format_version": "1.0", "planned_values": {}}
    assert read_plan(old, {}).resources == read_plan(plan(), {}).resources == ()
    assert read_plan(old, {}).warnings == ()


def test_a_deposed_object_stands_beside_its_successor() -> None:
    gone = {**change(VOLUME, None, volume()), "deposed": "ab12"}
    found = read_plan(plan(change(VOLUME, volume(), volume()), gone), {}).resources
    assert [each.address for each in found] == [VOLUME, f"{VOLUME} (deposed)"]


def test_hostile_names_are_kept_short_and_printable() -> None:
    key = "<b>\x07\u202e=1+1\ud800" + "x" * 4_000
    found = planned(change(f'{VOLUME}["{key}"]', volume()))
    assert found.address.isprintable()
    assert len(found.address) == 300
    assert found.after
    assert len(found.after.lines[0].name) == 100


def test_flavours_are_typed_one_a_line_or_pasted_as_openstack_lists_them() -> None:
    listed = '[{"ID": "1", "Name": "m1.tiny", "RAM": 512, "Disk": 1, "Ephemeral": 0, "VCPUs": 1}]'
    assert read_typed_flavors(listed)["m1.tiny"].memory_mib == 512
    assert read_typed_flavors("\n  a 2 1,5 \n")["a"].memory_mib == 1536
    for text, words in (
        ("a 2", "Flavour 1: write it like m1.small 1 2 20."),
        ("\na 1,234 2 2", "Flavour 2:"),
        ("a 0 2 2", "flavors.a.vcpus"),
        ('[{"Name": "x"}]', "must have Name, VCPUs, RAM and Disk"),
        ("[1", "not JSON"),
    ):
        with pytest.raises(AskRefusedError) as refused:
            read_typed_flavors(text)
        assert words in refused.value.message
