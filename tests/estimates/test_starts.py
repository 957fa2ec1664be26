"""What an estimate begins with: nothing, a usual set-up, a machine, a month, another estimate."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from dcx.estimates import service
from dcx.estimates.routes.ground import desk
from dcx.estimates.rules.starts import STARTS
from dcx.estimates.service import starting
from dcx.kit.actors import Actor
from dcx.kit.money import cents_text
from dcx.repository.session import reading, transaction
from tests.conftest import Flask, SignIn
from tests.estimates.conftest import E1
from tests.support.estimating import words_of
from tests.support.plenty import last_month

MONTH = last_month()
BEGINS = datetime.fromisoformat(f"{MONTH}-01T00:00:00+02:00")
BOOK = """name = "standard"
currency = "ZAR"
starts_at = 2013-01-01T00:00:00+02:00
[[price]]
meter = "vm.hours"
free = true
[[price]]
meter = "vm.vcpu_hours"
unit_price = "0.1450"
[[price]]
meter = "vm.memory_gib_hours"
unit_price = "0.05"
[[price]]
meter = "disk.gib_hours"
where = { tier = "ssd" }
unit_price_per_month = "1.50"
"""
NEW = "/c/alpha/estimates/new"


def vm_log(hour: float, vm: str, state: str = "running", vcpus: int = 2) -> dict[str, Any]:
    at = (BEGINS + timedelta(hours=hour)).isoformat()
    return {
        "event_id": f"{vm}-{hour}", "vm_id": vm, "customer": "alpha", "at": at, "state": state,
        "vcpus": vcpus, "memory_mib": 3072, "name": f"{vm} of alpha",
    }  # fmt: skip


def disk_log(hour: float, disk: str, size: int, vm: str = "") -> dict[str, Any]:
    at = (BEGINS + timedelta(hours=hour)).isoformat()
    found = {
        "event_id": f"{disk}-{hour}", "disk_id": disk, "customer": "alpha", "at": at,
        "state": "attached" if vm else "detached", "size_gib": size, "tier": "ssd",
    }  # fmt: skip
    return found | ({"vm_id": vm} if vm else {})


def send(flask: Flask, folder: Path, *logs: dict[str, Any]) -> None:
    file = folder / "logs.ndjson"
    file.write_text("\n".join(json.dumps(log) for log in logs))
    assert flask("metering", "import", file, "--source", "hv").status == 0
    assert flask("metering", "run").status == 0


@pytest.fixture
def alice(app: APIFlask, sign_in: SignIn, flask: Flask, tmp_path: Path) -> FlaskClient:
    """The owner of alpha, who ran two machines and two disks all of last month and since."""
    app.config["WTF_CSRF_ENABLED"] = False
    (tmp_path / "book.toml").write_text(BOOK)
    assert flask("pricing", "publish", tmp_path / "book.toml").status == 0
    assert flask("metering", "add-source", "hv", "--mode", "events").status == 0
    vms = (vm_log(-24, "vm-1"), vm_log(100.25, "vm-2"), vm_log(211.8125, "vm-2", "stopped"))
    send(flask, tmp_path, *vms)
    disks = (disk_log(-24, "d-1", 120, "vm-1"), disk_log(7.1, "d-2", 33))
    send(flask, tmp_path, *disks)
    return sign_in("alice")


def bill_of(flask: Flask) -> str:
    found = flask("billing", "draft", MONTH, "--customer", "alpha", "--format", "json").json
    assert found["unpriced"] == []
    return str(found["net"])


def estimate_of_the_month() -> tuple[str, str]:
    """What last month's usage is estimated at, and what is said about it."""
    with reading() as session:
        begun = starting.like_month(session, "alpha", MONTH, desk())
        answer = service.estimate(session, begun.ask, desk())
    return cents_text(answer.net_cents), begun.note


def test_last_months_usage_is_estimated_at_what_it_is_billed(
    app: APIFlask, alice: FlaskClient, flask: Flask, tmp_path: Path
) -> None:
    with app.test_request_context("/"):
        estimated, note = estimate_of_the_month()
        assert estimated == bill_of(flask)
        assert "several lines" not in note
    page = alice.get(f"{NEW}?from=usage")
    assert "4 machines and disks with the hours used" in words_of(page)
    assert 'value="111.5625"' in page.text, "vm-2 ran from 100.25 to 211.8125"
    assert 'name="lines.0.resources" value="vm-1"' in page.text
    assert f'<option value="{MONTH}" selected' in page.text

    send(flask, tmp_path, vm_log(400, "vm-1", vcpus=4))

    with app.test_request_context("/"):
        estimated, note = estimate_of_the_month()
        assert abs(float(estimated) - float(bill_of(flask))) <= 0.02
        assert "1 changed in the month and is several lines" in note


def test_a_machine_is_begun_with_as_it_is_now_with_its_disks(
    alice: FlaskClient, sign_in: SignIn
) -> None:
    start = words_of(alice.get(NEW))
    assert "vm-1 of alpha 2 vCPU, 3 GiB" in start
    assert "d-2 33 GiB, ssd" in start
    assert "d-1 120 GiB" not in start, "it comes with its machine"

    page = alice.get(f"{NEW}?from=vm:vm-1").text

    for field in ('vcpus" value="2"', 'memory_gib" value="3"', 'disks.0.size_gib" value="120"',
                  'resources" value="vm-1"', 'resources" value="d-1"'):  # fmt: skip
        assert f'name="lines.0.{field}' in page, field
    disk = alice.get(f"{NEW}?from=disk:d-2").text
    assert 'name="lines.0.size_gib" value="33"' in disk
    for wrong in ("vm:vm-9", "disk:vm-1", "vm", "vm:"):
        assert alice.get(f"{NEW}?from={wrong}").status_code == 404
    other = "/c/gamma/estimates/new?from="
    charlie = sign_in("charlie")
    assert charlie.get(f"{other}vm:vm-1").status_code == 404
    nothing = charlie.get(f"{other}usage", follow_redirects=True)
    assert "Nothing was used in that month." in words_of(nothing)


def test_a_usual_set_up_is_there_with_tiers_that_have_a_price(alice: FlaskClient) -> None:
    start = words_of(alice.get(NEW))
    for each in STARTS:
        assert each.title in start
        page = alice.get(f"{NEW}?from=template:{each.key}")
        assert page.status_code == 200
        assert 'disks.0.tier" value="ssd"' in page.text
        assert "What it costs" in words_of(page)
    assert alice.get(f"{NEW}?from=template:boat").status_code == 404
    assert alice.get(f"{NEW}?from=elsewhere").status_code == 200


def test_a_copy_of_a_saved_estimate_is_begun_by_whoever_may_see_it(
    app: APIFlask, alice: FlaskClient, sign_in: SignIn
) -> None:
    with app.test_request_context("/"), transaction() as session:
        ask = service.read_ask(E1, this_month="2026-11")
        saved = service.save(session, ask, desk(), customer="alpha", by=Actor("Test"))
    copy = f"estimates/new?from=estimate:{saved.key}"
    for client, address, status in (
        (alice, f"/c/alpha/{copy}", 200), (sign_in("sue"), f"/{copy}", 200),
        (sign_in("charlie"), f"/c/gamma/{copy}", 404),
    ):  # fmt: skip
        page = client.get(address)
        assert page.status_code == status
        assert ('value="Web shop"' in page.text) is (status == 200)


def test_staff_begin_at_a_customers_place_or_for_nobody(sign_in: SignIn) -> None:
    sue = sign_in("sue")
    start = sue.get("/estimates/new")
    assert 'href="/c/alpha/estimates/new"' in start.text
    without_prices = sue.get("/estimates/new?from=scratch")
    assert "There is no price book" in words_of(without_prices)
