"""Estimates for programs: E1 comes out to the cent, stays for ever, and is nobody else's."""

import copy
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask

from dcx.accounts import service as accounts
from dcx.estimates import service
from dcx.estimates.api.estimates import MOST_BYTES
from dcx.estimates.errors import UnknownEstimateError
from dcx.estimates.service import Desk
from dcx.estimates.service.removal import remove
from dcx.repository.session import reading, transaction
from tests.conftest import Flask
from tests.estimates.conftest import DATA, E1, Keys
from tests.support.ledger import SAM, all_at_once
from tests.support.schema import faults, schema_of

AMOUNTS = ["525.60", "438.00", "225.00", "700.80", "1168.00", "1650.00", "90.00", "357.00"]
SUMS = {"net": "5154.40", "vat_rate": "0.15", "vat": "773.16", "total": "5927.56"}
DEARER = b"""
name = "standard"
currency = "ZAR"
starts_at = 2014-01-01T00:00:00+02:00
[[price]]
meter = "vm.vcpu_hours"
unit_price = "0.24"
"""


def test_the_worked_estimate_is_right_to_the_cent_by_command_and_api(
    flask: Flask, keys: Keys
) -> None:
    by_command = flask("estimates", "price", DATA / "e1.json", "--format", "json").json
    made = keys["alpha"].post("/api/v1/estimates", json=E1)
    assert made.status_code == 201, made.text
    answer = made.get_json()
    assert [line["amount"] for line in answer["lines"]] == AMOUNTS
    assert {name: answer[name] for name in SUMS} == SUMS
    assert answer["complete"] is True
    assert answer["hours"] == "730"
    assert {**answer, "id": None} == by_command
    assert keys["alpha"].get(f"/api/v1/estimates/{answer['id']}").get_json() == answer
    spec = keys["alpha"].get("/api/v1/openapi.json").get_json()
    assert faults(spec, schema_of(spec, "/api/v1/estimates", "post", 201), answer) == []


def test_an_estimate_is_seen_by_its_customer_and_the_provider_only(keys: Keys) -> None:
    own = keys["alpha"].post("/api/v1/estimates", json=E1).get_json()["id"]
    provided = keys["provider"].post("/api/v1/estimates", json=E1).get_json()["id"]
    seen = {
        (who, what): keys[who].get(f"/api/v1/estimates/{key}").status_code
        for who in keys
        for what, key in (("alpha's", own), ("nobody's", provided))
    }
    assert seen == {
        ("provider", "alpha's"): 200, ("alpha", "alpha's"): 200, ("gamma", "alpha's"): 404,
        ("provider", "nobody's"): 200, ("alpha", "nobody's"): 404, ("gamma", "nobody's"): 404,
    }  # fmt: skip


def test_prices_that_change_leave_an_estimate_as_it_was_and_a_new_version_has_them(
    flask: Flask, keys: Keys, tmp_path: Path
) -> None:
    client = keys["alpha"]
    first = client.post("/api/v1/estimates", json=E1).get_json()
    (tmp_path / "dearer.toml").write_bytes(DEARER)
    assert flask("pricing", "publish", tmp_path / "dearer.toml").status == 0
    assert client.get(f"/api/v1/estimates/{first['id']}").get_json() == first
    again = client.post(f"/api/v1/estimates/{first['id']}/recalculate")
    assert again.status_code == 201
    second = again.get_json()
    assert second["price_book"]["version"] == 2
    assert second["lines"][0]["amount"] == "1051.20"
    assert not second["complete"], "memory has no price any more, which is not zero"
    with reading() as session:
        newer = service.get_saved(session, second["id"], customer="alpha")
        numbers = [each.number for each in service.versions_of(session, newer)]
    assert numbers == [1, 2]
    assert flask("check").status == 0


def test_versions_that_are_made_at_once_are_numbered_one_after_the_other(
    app: APIFlask, keys: Keys
) -> None:
    own = keys["alpha"].post("/api/v1/estimates", json=E1).get_json()["id"]
    desk = Desk.of(app.config["DCX"], 1_800_000_000_000_000)

    def again() -> int:
        with transaction() as session:
            saved = service.get_saved(session, own, customer="alpha")
            return service.price_again(session, saved, desk, by=SAM).number

    assert sorted(all_at_once(app, [again] * 4), key=str) == [2, 3, 4, 5]


def test_an_estimate_that_was_removed_meanwhile_gets_no_new_version(
    app: APIFlask, keys: Keys
) -> None:
    own = keys["alpha"].post("/api/v1/estimates", json=E1).get_json()["id"]
    desk = Desk.of(app.config["DCX"], 1_800_000_000_000_000)
    with reading() as session:
        saved = service.get_saved(session, own, customer="alpha")
    with transaction() as session:
        remove(session, saved, by=SAM, now_us=desk.now_us)

    with pytest.raises(UnknownEstimateError), transaction() as session:
        service.price_again(session, saved, desk, by=SAM)


def test_a_customer_sees_the_standard_prices_and_their_own_and_no_other_customers(
    flask: Flask, keys: Keys, tmp_path: Path
) -> None:
    for name in ("gold", "secret"):
        book = (DATA / "e1_book.toml").read_text().replace("standard", name)
        (tmp_path / "book.toml").write_text(book)
        assert flask("pricing", "publish", tmp_path / "book.toml").status == 0
    flask("accounts", "add-customer", "midas", "--name", "Midas", "--price-book", "gold")
    with transaction() as session:
        secret = accounts.add_key(session, "midas", ["estimates"], customer="midas", now_us=1)
    keys["midas"] = keys["alpha"].application.test_client()
    keys["midas"].environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"

    def asked(who: str, book: str) -> Any:
        return keys[who].post("/api/v1/estimates", json={**E1, "price_book": book})

    assert asked("midas", "gold").status_code == 201
    said = asked("midas", "standard").get_json()["assumptions"][-1]
    assert said.endswith("the bill is by those of gold."), "and names nobody who would read a link"
    assert asked("midas", "secret").get_json()["error"]["fields"] == {
        "price_book": "There is no price book 'secret'."
    }
    assert asked("alpha", "gold").status_code == 422
    assert asked("provider", "secret").status_code == 201


def test_more_than_an_estimate_can_be_is_refused_before_it_is_read(keys: Keys) -> None:
    long = {**E1, "name": "x" * MOST_BYTES}
    refused = keys["alpha"].post("/api/v1/estimates", json=long)
    assert refused.status_code == 413
    assert refused.get_json()["error"]["code"] == "too_large"


def test_a_tier_that_is_priced_as_any_other_is_named(
    flask: Flask, keys: Keys, tmp_path: Path
) -> None:
    rest = '[[price]]\nmeter = "disk.gib_hours"\nunit_price_per_month = "0.80"\n'
    book = (DATA / "e1_book.toml").read_text().replace("standard", "catching") + rest
    (tmp_path / "book.toml").write_text(book)
    assert flask("pricing", "publish", tmp_path / "book.toml").status == 0
    disks = [{"kind": "disk", "size_gib": "10", "tier": tier} for tier in ("SSD", "ssd", "")]
    sent = {"price_book": "catching", "lines": disks}
    answer = keys["provider"].post("/api/v1/estimates", json=sent).get_json()
    assert [line["amount"] for line in answer["lines"]] == ["8.00", "15.00", "8.00"]
    assert (
        "Priced as any tier, without a price of its own: SSD. Own prices: ssd."
        in answer["assumptions"]
    )


def test_hours_limit_how_long_a_machine_runs_and_not_its_disks_and_its_licence(
    flask: Flask, keys: Keys, tmp_path: Path
) -> None:
    licence = '[[price]]\nmeter = "os.hours"\nunit_price_per_month = "300.00"\n'
    book = (DATA / "e1_book.toml").read_text().replace("standard", "licensed") + licence
    (tmp_path / "book.toml").write_text(book)
    assert flask("pricing", "publish", tmp_path / "book.toml").status == 0
    db = {**E1["lines"][1], "hours": "73", "os": "windows"}
    sent = {"month": "730", "price_book": "licensed", "lines": [db]}
    answer = keys["provider"].post("/api/v1/estimates", json=sent).get_json()
    assert {line["meter"]: line["amount"] for line in answer["lines"]} == {
        "vm.vcpu_hours": "70.08",
        "vm.memory_gib_hours": "116.80",
        "os.hours": "300.00",
        "disk.gib_hours": "1650.00",
    }


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("lines", 0, "vcpus"), 0, "lines.0.vcpus"),
        (("lines", 0, "vcpus"), -2, "lines.0.vcpus"),
        (("lines", 0, "vcpus"), "1e3", "lines.0.vcpus"),
        (("lines", 0, "vcpus"), None, "lines.0.vcpus"),
        (("lines", 0, "count"), 10_001, "lines.0.count"),
        (("lines", 0, "memory_gib"), "4,5", "lines.0.memory_gib"),
        (("lines", 0, "memory_gib"), "1.7", "lines.0.memory_gib"),
        (("lines", 0, "memory_gib"), float("inf"), "lines.0.memory_gib"),
        (("lines", 0, "disks", 0, "size_gib"), "0.5", "lines.0.disks.0.size_gib"),
        (("lines", 0, "disks", 0, "size_gib"), True, "lines.0.disks.0.size_gib"),
        (("lines", 0, "disks", 0, "colour"), "red", "lines.0.disks.0.colour"),
        (("lines", 3, "size_gib"), 2**20 + 1, "lines.3.size_gib"),
        (("lines", 0, "hours"), "731", "lines.0.hours"),
        (("lines", 0, "kind"), "boat", "lines.0.kind"),
        (("lines", 0, "name"), "a\x07b", "lines.0.name"),
        (("lines",), [], "lines"),
        (("lines",), "vm", "lines"),
        (("month",), "2026-13", "month"),
        (("price_book",), "secret", "price_book"),
    ],
)
def test_what_cannot_be_estimated_is_refused_at_its_place(
    keys: Keys, path: tuple[Any, ...], value: Any, place: str
) -> None:
    sent = copy.deepcopy(E1)
    inner: Any = sent
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    refused = keys["alpha"].post("/api/v1/estimates", json=sent)
    assert refused.status_code == 422, refused.text
    assert place in refused.get_json()["error"]["fields"]
