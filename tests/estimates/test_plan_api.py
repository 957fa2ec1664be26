"""Terraform plans for programs: each resource to the cent, nothing kept, nothing leaked."""

import json
import random
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import select

from dcx.estimates import service
from dcx.estimates.rules.plans.frame import MOST_BYTES
from dcx.estimates.rules.plans.resources import Plan, read_plan
from dcx.estimates.rules.plans.sent import Wish, read_typed_flavors
from dcx.estimates.service import plans
from dcx.repository.session import db, reading
from tests.conftest import Flask, Statements
from tests.estimates.conftest import Keys
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
from tests.support.counts import count
from tests.support.schema import faults, schema_of

PATH = "/api/v1/estimates/terraform-plan"
WEB, DATA = "openstack_compute_instance_v2.web", "openstack_blockstorage_volume_v3.data"
SECRET = "correct-horse-in-the-plan"  # noqa: S105
STEPPED = b"""
name = "stepped"
currency = "ZAR"
starts_at = 2013-01-01T00:00:00+02:00
[[price]]
meter = "vm.hours"
free = true
[[price]]
meter = "vm.vcpu_hours"
unit_price = "0.0037"
[[price]]
meter = "vm.memory_gib_hours"
steps = [ { up_to = "5000", unit_price = "0.0213" }, { unit_price = "0.0117" } ]
[[price]]
meter = "disk.gib_hours"
where = { tier = "ssd" }
unit_price_per_month = "1.3333"
[[price]]
meter = "disk.gib_hours"
where = { tier = "tape" }
steps = [ { up_to = "10", unit_price_per_month = "0.50" }, { unit_price_per_month = "0.40" } ]
[[price]]
meter = "ip.hours"
free = true
"""


def sent(given: Json, **more: Any) -> Json:
    return {"plan": given, "month": "730", **more}


def small(size: str | None = "m1.small", **more: Any) -> Json:
    return instance(size, **{"block_device": [boot_volume()], **more})


SHOP = plan(
    change("openstack_compute_flavor_v2.s", flavor(), flavor()),
    change(f"{WEB}[0]", small()),
    change(f"{WEB}[1]", small("m1.big"), small()),
    change(DATA, volume(200), volume(100), actions=["delete", "create"]),
    change("openstack_networking_floatingip_v2.ip", None, {"pool": "public"}),
    change("vcd_vm.erp", vcd_vm(), vcd_vm(), module="module.erp"),
    change("vcd_vm.mail", vcd_vm(vcd_disk(), cpus=None), vcd_vm(vcd_disk()),
           unknown={"cpus": True}),
    change("openstack_compute_instance_v2.cache", small(None), unknown={"flavor_name": True}),
    change("openstack_lb_loadbalancer_v2.lb", {}),
    change("aws_instance.old", None, {"instance_type": "t3.micro"}),
    change("openstack_blockstorage_volume_v3.cold", volume(10, "tape")),
)  # fmt: skip
BIG = {"m1.big": {"vcpus": 2, "memory_gib": "4", "disk_gib": "20"}}
LIKE = {
    f"{WEB}[0]": ("create", "priced", "0.00", "235.60", "235.60"),
    f"{WEB}[1]": ("update", "priced", "235.60", "396.20", "160.60"),
    DATA: ("replace", "priced", "150.00", "300.00", "150.00"),
    "openstack_networking_floatingip_v2.ip": ("delete", "priced", "45.00", "0.00", "-45.00"),
    "module.erp.vcd_vm.erp": ("no-op", "unpriced", "642.40", "642.40", "0.00"),
    "vcd_vm.mail": ("update", "unknown", None, None, None),
    "openstack_compute_instance_v2.cache": ("create", "unknown", None, None, None),
    "openstack_lb_loadbalancer_v2.lb": ("create", "unpriced", None, None, None),
    "aws_instance.old": ("delete", "unsupported", None, None, None),
    "openstack_blockstorage_volume_v3.cold": ("create", "unpriced", None, None, None),
    "openstack_compute_flavor_v2.s": ("no-op", "free", "0.00", "0.00", "0.00"),
}
SUMS = {
    "net_before": "1073.00", "net_after": "1574.20", "delta": "501.20", "vat_rate": "0.15",
    "vat_before": "160.95", "vat_after": "236.13", "vat_delta": "75.18",
    "total_before": "1233.95", "total_after": "1810.33", "total_delta": "576.38",
}  # fmt: skip


def test_a_plan_is_priced_to_the_cent_and_each_resource_is_in_one_class(keys: Keys) -> None:
    client = keys["alpha"]
    answered = client.post(PATH, json=sent(SHOP, flavors=BIG))
    assert answered.status_code == 200, answered.text
    answer = answered.get_json()
    rows = {row["address"]: row for row in answer["resources"]}
    shown = {
        address: (row["action"], row["class"], row["before"], row["after"], row["delta"])
        for address, row in rows.items()
    }
    assert shown == LIKE
    assert {name: answer[name] for name in SUMS} == SUMS
    assert answer["counts"] == {
        "priced": 4, "free": 1, "unsupported": 1, "unpriced": 3, "unknown": 2,
    }  # fmt: skip
    assert not answer["complete"]
    assert len(answer["unpriced"]) == 6
    erp = rows["module.erp.vcd_vm.erp"]
    assert (erp["module"], erp["partial"]) == ("module.erp", True)
    assert erp["reason"] == ("4 vCPU, 8 GiB memory. Not in the plan: the disk of its template.")
    assert rows[f"{WEB}[1]"]["reason"] == (
        "1 vCPU, 2 GiB memory, 50 GiB ssd → 2 vCPU, 4 GiB memory, 50 GiB ssd"
    )
    assert rows["openstack_blockstorage_volume_v3.cold"]["reason"] == (
        "10 GiB tape. Disk (tier tape, region RegionOne) has no price in the book standard."
    )
    assert rows["vcd_vm.mail"]["reason"].startswith("In neither sum")
    spec = client.get("/api/v1/openapi.json").get_json()
    assert faults(spec, schema_of(spec, PATH, "post", 200), answer) == []


def test_the_after_side_is_an_estimate_of_the_same_net(keys: Keys) -> None:
    whole = plan(*(entry for entry in SHOP["resource_changes"] if entry["type"] != "vcd_vm"))
    answer = keys["alpha"].post(PATH, json=sent(whole, flavors=BIG)).get_json()
    found = read_plan(whole, read_typed_flavors("m1.big 2 4 20"))
    ask = service.ask_json(plans.ask_of_plan(found, Wish("standard", "730")))
    made = keys["alpha"].post("/api/v1/estimates", json=ask).get_json()
    assert (made["net"], made["total"]) == (answer["net_after"], answer["total_after"])


def test_a_bare_plan_is_priced_for_this_month_and_one_without_changes_costs_nothing(
    keys: Keys,
) -> None:
    bare = keys["alpha"].post(PATH, data=as_sent(plan(change(DATA, volume()))))
    assert bare.get_json()["net_after"] == "150.00"
    assert bare.get_json()["complete"] is True
    empty = keys["provider"].post(PATH, json=plan()).get_json()
    assert (empty["delta"], empty["resources"], empty["complete"]) == ("0.00", [], True)
    targeted = keys["alpha"].post(PATH, json=plan(change(DATA, volume()), complete=False))
    assert targeted.get_json()["complete"] is False
    assert "not the whole" in targeted.get_json()["warnings"][0]


def test_what_cannot_be_read_is_refused_and_leaves_the_key_free(keys: Keys) -> None:
    client, once = keys["alpha"], {"Idempotency-Key": "plan-1"}
    refusals = [
        (b"PK\x03\x04", 422, "plan"),
        (b"[" * 90_000, 422, "plan"),
        (as_sent(sent(plan(), month="13")), 422, "month"),
        (as_sent(sent(plan(), price_book="secret")), 422, "price_book"),
        (as_sent(sent(plan(), flavors={"a": {"vcpus": -1, "memory_gib": "1"}})), 422,
         "flavors.a.vcpus"),
    ]  # fmt: skip
    for body, status, place in refusals:
        refused = client.post(PATH, data=body, headers=once)
        assert (refused.status_code, place in refused.get_json()["error"]["fields"]) == (
            status, True,
        )  # fmt: skip
    large = client.post(PATH, data=b" " * (MOST_BYTES + 1), headers=once)
    assert large.status_code == 413
    assert large.get_json()["error"]["message"].startswith("Plans of up to 20 MB are read.")
    first = client.post(PATH, json=SHOP, headers=once)
    assert first.status_code == 200
    assert client.post(PATH, json=SHOP, headers=once).data == first.data
    assert client.post(PATH, json=plan(), headers=once).status_code == 409


def test_a_secret_of_a_plan_is_in_no_answer_no_log_and_no_table(
    keys: Keys, app: APIFlask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    marks = {"admin_pass": True, "user_data": True, "name": True}
    hidden = small(admin_pass=SECRET, user_data=SECRET, name=SECRET, metadata={"key": SECRET})
    given = plan(
        change(WEB, hidden, hidden, sensitive=marks),
        change(f"{WEB}[1]", small(SECRET), sensitive={"flavor_name": True}),
        change(DATA, volume(tier=SECRET), sensitive={"volume_type": True}),
        change("random_password.p", {"result": SECRET}, sensitive={"result": True}),
        change("aws_db_instance.d", {"password": SECRET}, sensitive={"password": True}),
        variables={"password": {"value": SECRET}},
        prior_state={"values": {"outputs": {"p": {"value": SECRET, "sensitive": True}}}},
        output_changes={"p": {"after": SECRET, "after_sensitive": True}},
    )
    once = {"Idempotency-Key": "secret-1"}
    answered = keys["alpha"].post(PATH, json=sent(given, flavors=BIG), headers=once)
    cut_off = keys["alpha"].post(PATH, data=as_sent(given)[:-9], headers=once | {"X": SECRET})
    assert (answered.status_code, cut_off.status_code) == (200, 422)
    assert answered.get_json()["counts"]["unpriced"] == 3
    kept = everything_stored(app)
    assert "secret-1" in kept, "the table of keys is among what is searched"
    for place in (answered.text, cut_off.text, caplog.text, kept):
        assert SECRET not in place


def everything_stored(app: APIFlask) -> str:
    """All rows of the main database as text."""
    assert app.config["DCX"]
    with reading() as session:
        tables = db.metadatas[None].sorted_tables
        return "\n".join(str(session.execute(select(table)).all()) for table in tables)


KINDS: list[tuple[str, list[Json]]] = [
    ("openstack_compute_instance_v2", [
        small(), small("m1.big"), small("m1.none"), small(power_state="shutoff"), instance()]),
    ("openstack_blockstorage_volume_v3", [
        volume(1), volume(333), volume(7, "tape"), volume(None)]),
    ("openstack_networking_floatingip_v2", [{}]),
    ("vsphere_virtual_machine", [
        vsphere_vm(), vsphere_vm(vsphere_disk(9)), vsphere_vm(num_cpus=16, memory=65_536)]),
    ("vcd_vm", [vcd_vm(), vcd_vm(vcd_disk(3_000)), vcd_vm(vcd_disk(), cpus=7)]),
    ("openstack_lb_loadbalancer_v2", [{}]),
    ("openstack_networking_port_v2", [{}]),
    ("aws_instance", [{}]),
]  # fmt: skip


def random_plan(dice: random.Random) -> Json:
    changes = []
    for number in range(dice.randrange(12)):
        kind, looks = dice.choice(KINDS)
        after, before = (dice.choice([None, *looks]) for _ in range(2))
        if after is None and before is None:
            after = looks[0]
        unknown = dice.choice([{}, {}, {"flavor_name": True, "size": True, "cpus": True}])
        changes.append(change(f"{kind}.n{number}", after, before, unknown=unknown))
    return plan(*changes)


@pytest.mark.usefixtures("prices")
def test_the_differences_of_all_resources_are_the_difference_of_the_sums(
    flask: Flask, app: APIFlask, tmp_path: Any
) -> None:
    (tmp_path / "stepped.toml").write_bytes(STEPPED)
    assert flask("pricing", "publish", tmp_path / "stepped.toml").status == 0
    desk = service.Desk.of(app.config["DCX"], 1_780_000_000_000_000)
    flavors = read_typed_flavors("m1.small 1 2 20\nm1.big 2 4 20")
    seen: set[str] = set()
    for seed in range(count(60, 1_000)):
        dice = random.Random(seed)
        wish = Wish(dice.choice(["standard", "stepped"]), dice.choice(["730", "2026-08"]))
        given = read_plan(random_plan(dice), flavors)
        with reading() as session:
            answer = plans.estimate_plan(session, given, wish, desk)
        require_sums(given, answer)
        seen |= {row.verdict for row in answer.rows} | ({"partial"} if answer.stepped[1] else set())
    assert seen == {"priced", "free", "unsupported", "unpriced", "unknown", "partial"}
    tape = read_plan(plan(change(DATA, volume(30, "tape"), volume(10, "tape"))), flavors)
    with reading() as session:
        answer = plans.estimate_plan(session, tape, Wish("stepped", "730"), desk)
    assert answer.stepped == (5_00, 13_00)
    assert (answer.rows[0].verdict, answer.rows[0].delta_cents) == ("priced", 0)
    assert "priced in steps" in answer.rows[0].reason


def require_sums(given: Plan, answer: plans.PlanAnswer) -> None:
    rows = answer.rows
    assert len(rows) == len(given.resources) == sum(answer.counts.values())
    for amounts, total in (
        ([row.before_cents for row in rows], answer.before.net_cents - answer.stepped[0]),
        ([row.after_cents for row in rows], answer.after.net_cents - answer.stepped[1]),
        ([row.delta_cents for row in rows], answer.delta_cents - answer.stepped_delta_cents),
    ):
        assert sum(cents or 0 for cents in amounts) == total
    for row in rows:
        is_whole = row.verdict in {"priced", "free"}
        assert (row.delta_cents is not None) == (is_whole or row.is_partial)
        assert not (is_whole and row.is_partial)


def test_two_thousand_resources_take_no_more_statements_than_two(
    keys: Keys, statements: Statements
) -> None:
    counts = []
    for number in (2, 2_000):
        changes = [change(f"{WEB}[{place}]", small(), None) for place in range(number)]
        body = json.dumps(sent(plan(*changes), flavors={"m1.small": BIG["m1.big"]}))
        statements.seen.clear()
        answer = keys["provider"].post(PATH, data=body).get_json()
        assert answer["counts"]["priced"] == number
        assert answer["net_after"] == f"{396.20 * number:.2f}"
        counts.append(statements.count)
    assert counts[1] <= counts[0]
