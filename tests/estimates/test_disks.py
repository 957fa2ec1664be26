"""Disk space: every worked number comes out, and what cannot be worked out is refused in place."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from dcx.estimates.errors import AskRefusedError
from dcx.estimates.rules.disks.answers import disk_json
from dcx.estimates.rules.disks.calculators import CALCULATORS, disk_asked, disk_estimate
from dcx.estimates.rules.disks.growth import months_to_reach
from dcx.estimates.rules.disks.lines import line_of
from dcx.estimates.rules.disks.volumes import usable_gib
from dcx.kit.money import E8
from dcx.settings import ROOT
from tests.conftest import Flask
from tests.estimates.conftest import Keys
from tests.support.counts import count
from tests.support.schema import faults, schema_of

EXAMPLES = count(60, 1_000)
SHARE = st.integers(0, 100).map(lambda percent: Fraction(percent, 100))


def worked(kind: str, **given: Any) -> dict[str, Any]:
    return disk_json(disk_estimate(kind, given))


def exact(kind: str, **given: Any) -> Fraction:
    found = disk_estimate(kind, {key: _text(value) for key, value in given.items()}).gib
    assert found is not None
    return found


def _text(value: Any) -> Any:
    return f"{float(value):.2f}" if isinstance(value, Fraction) else value


@pytest.mark.parametrize(
    ("data", "growth", "loss", "raw", "sold"),
    [
        (200, {"growth": 0, "months": 12, "fill": "0.80"}, "0.05", "263.158", "270.000"),
        (200, {"growth": "0.02", "months": 12, "fill": "0.80"}, "0.05", "333.748", "340.000"),
        (200, {"growth": "0.02", "months": 12, "fill": 0.8}, 0.075, "342.768", "350.000"),
        (750, {"growth": "0.03", "months": 36, "fill": "0.85"}, "0.05", "2691.899", "2700.000"),
        (750, {"growth": 0.03, "months": 36, "fill": 0.85}, "0.075", "2764.653", "2770.000"),
        (40, {"growth": "0.01", "months": 24, "fill": "0.80"}, 0, "63.487", "70.000"),
        (200, {"growth_gib": 5, "months": 12, "fill": "0.80"}, "0.05", "342.105", "350.000"),
    ],
)
def test_a_volume_holds_its_data_its_growth_and_its_file_system(
    data: int, growth: dict[str, Any], loss: Any, raw: str, sold: str
) -> None:
    found = worked("guest", data_gib=data, loss=loss, step_gib=10, **growth)
    assert (found["exact_gib"], found["gib"]) == (raw, sold)


@pytest.mark.parametrize(
    ("volume", "measured"),
    [(10, 9.245), (50, 46.414), (100, 92.872), (500, 466.082), (1000, 933.231)],
)
def test_what_ext4_leaves_is_near_what_was_measured(volume: int, measured: float) -> None:
    assert abs(float(usable_gib(volume, "ext4")) / measured - 1) <= 0.005


GUEST = {"data_gib": 200, "growth": "0.02", "loss": "0.05"}
VM = {"disks_gib": [100, 500], "memory_gib": 16, "change": "0.05", "days": 3}
CONSTANTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("datastore", VM, {"gib": "706.500", "snapshots_gib": "90.000"}),
    ("datastore", VM | {"reserved_gib": 16, "memory_snapshots": 1}, {"gib": "706.500"}),
    ("datastore", {"disks_gib": 40, "memory_gib": 8, "reserved_gib": 4, "days": 0},
     {"gib": "44.500"}),
    ("datastore", VM | {"count": 10, "fill": "0.80"}, {"gib": "8831.250", "one_gib": "706.500"}),
    ("datastore", VM | {"count": 10, "fill": "0.75"}, {"gib": "9420.000"}),
    ("snapshots", {"size_gib": 500, "change": "0.05", "days": 3},
     {"gib": "75.000", "unique_gib": "71.313"}),
    ("snapshots", {"size_gib": 500, "change": "0.05", "days": 7},
     {"gib": "175.000", "unique_gib": "150.831"}),
    ("snapshots", {"size_gib": 500, "change": "0.10", "days": 14},
     {"gib": "500.000", "unique_gib": "385.616"}),
    ("snapshots", {"size_gib": 100, "change": "0.30", "days": 5, "snapshots": 2},
     {"gib": "200.000", "unique_gib": "166.386"}),
    ("thin", {"count": 20, "size_gib": 100, "used": "0.45", "capacity_gib": 1500, "growth": "0.03"},
     {"gib": "900.000", "provisioned_gib": "2000.000", "overcommit": "1.333", "filled": "0.600",
      "state": "fine", "months": 10}),
    ("thin", {"size_gib": 100, "used": "0.76", "capacity_gib": 100}, {"state": "warn"}),
    ("thin", {"size_gib": 100, "used": "0.86", "capacity_gib": 100},
     {"state": "alarm", "months": 0}),
    ("backup", {"data_gib": 1000}, {"gib": "850.000"}),
    ("backup", {"data_gib": 1000, "change": "0.10"}, {"gib": "1200.000"}),
    ("backup", {"data_gib": 1000, "fulls": 2, "retention": 30}, {"gib": "1750.000"}),
    ("backup", {"data_gib": 560, "ratio": "0.6", "retention": 7, "change": "0.02"},
     {"gib": "383.040"}),
    ("backup", {"data_gib": 700}, {"gib": "595.000"}),
    ("backup", {"data_gib": 1000, "weekly": 4, "monthly": 12, "yearly": 1},
     {"fulls_gib": "9500.000", "increments_gib": "350.000", "gib": "9850.000"}),
    ("backup", {"data_gib": 1250, "ratio": 1, "weekly": 4, "retention": 0}, {"gib": "7500.000"}),
    ("backup", {"data_gib": 1000, "working": "1.25"}, {"gib": "1475.000"}),
    ("redundancy", {"size_gib": 600}, {"gib": "1200.000", "usable": "0.500"}),
    ("redundancy", {"size_gib": 600, "scheme": "raid1-ftt2"}, {"gib": "1800.000"}),
    ("redundancy", {"size_gib": 600, "scheme": "raid1-ftt3"}, {"gib": "2400.000"}),
    ("redundancy", {"size_gib": 600, "scheme": "raid5"}, {"gib": "800.000"}),
    ("redundancy", {"size_gib": 600, "scheme": "raid6"}, {"gib": "900.000", "usable": "0.667"}),
    ("redundancy", {"size_gib": 600, "scheme": "ceph3"}, {"gib": "1800.000"}),
    ("redundancy", {"size_gib": 600, "slack": "0.3"}, {"gib": "1714.286"}),
    ("redundancy", {"size_gib": 600, "scheme": "ceph3", "slack": "0.3"}, {"gib": "2571.429"}),
    ("redundancy", {"size_gib": 600, "scheme": "raid5", "slack": "0.3"}, {"gib": "1142.857"}),
    ("redundancy", {"size_gib": 600, "scheme": "raid6", "slack": "0.3"}, {"gib": "1285.714"}),
    ("units", {"size": 1, "unit": "TB"}, {"gib": "931.323", "bytes": 10**12}),
    ("units", {"size": 500, "unit": "GB"}, {"gib": "465.661"}),
    ("units", {"size": 102400, "unit": "MiB"}, {"gib": "100.000", "gb": "107.374"}),
    ("units", {"size": "1.5", "unit": "TiB"}, {"gib": "1536.000"}),
    ("full", {"capacity_gib": 1500, "used_gib": 900, "growth": "0.03"},
     {"gib": None, "months": 10}),
    ("full", {"capacity_gib": 1500, "used_gib": 900, "growth": 0}, {"months": None}),
    ("full", {"capacity_gib": 1500, "used_gib": 1500}, {"months": 0}),
    ("full", {"capacity_gib": 1500, "used_gib": 900, "growth_gib": 40}, {"months": 8}),
    ("full", {"capacity_gib": 1500, "used_gib": 1, "growth": "0.00000001"}, {"months": None}),
    ("rightsize", {"days": 14, "vcpus": 8, "cpu_p95": "0.22", "memory_p99_gib": "11.2"},
     {"gib": None, "vcpus": 4, "memory_gib": "16.000"}),
    ("rightsize", {"days": 13, "vcpus": 8, "cpu_p95": "0.22"},
     {"vcpus": None, "memory_gib": None,
      "steps": ["Not enough data: 13 days of samples, and it takes 14"]}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "says"), CONSTANTS)
def test_each_worked_number_comes_out(
    kind: str, given: dict[str, Any], says: dict[str, Any]
) -> None:
    found = worked(kind, **given)
    assert {key: found[key] for key in says} == says
    assert list(found)[:4] == ["gib", "formula", "steps", "source"]
    assert found["steps"]
    assert "{" not in "".join(found["steps"])


def test_the_steps_can_be_followed() -> None:
    assert worked("guest", **GUEST)["steps"] == [
        "In 12 months: 200 x (1 + 2 %)^12 = 253.648 GiB",
        "Filled to 80 %, after 5 % for the file system: 253.648 / (0.8 x 0.95) = 333.748 GiB",
        "In steps of 10 GiB: 340 GiB",
        "Of these about 323 GiB can be used",
    ]


@pytest.mark.parametrize(
    ("kind", "given", "place"),
    [
        ("boat", {}, "kind"),
        (None, {}, "kind"),
        (["guest"], {}, "kind"),
        ("guest", [], "given"),
        ("guest", {}, "given.data_gib"),
        ("guest", {"data_gib": 0}, "given.data_gib"),
        ("guest", {"data_gib": -5}, "given.data_gib"),
        ("guest", {"data_gib": "2,5"}, "given.data_gib"),
        ("guest", {"data_gib": "lots"}, "given.data_gib"),
        ("guest", {"data_gib": True}, "given.data_gib"),
        ("guest", {"data_gib": float("nan")}, "given.data_gib"),
        ("guest", {"data_gib": 10**40}, "given.data_gib"),
        ("guest", {"data_gib": 1e300}, "given.data_gib"),
        ("guest", {"data_gib": {"gib": 1}}, "given.data_gib"),
        ("guest", {"data_gib": 1, "colour": "red"}, "given.colour"),
        ("guest", {"data_gib": 1, "growth": 1.5}, "given.growth"),
        ("guest", {"data_gib": 1, "growth": "0.01", "growth_gib": 3}, "given.growth_gib"),
        ("guest", {"data_gib": 1, "months": 1.5}, "given.months"),
        ("guest", {"data_gib": 1, "months": 601}, "given.months"),
        ("guest", {"data_gib": 1, "fill": 0}, "given.fill"),
        ("guest", {"data_gib": 1, "loss": 1}, "given.loss"),
        ("guest", {"data_gib": 1, "step_gib": 0}, "given.step_gib"),
        ("guest", {"data_gib": 1, "filesystem": "fat"}, "given.filesystem"),
        ("guest", {"data_gib": 1, "growth": 1, "months": 600}, "given"),
        ("datastore", {"disks_gib": [], "memory_gib": 1}, "given.disks_gib"),
        ("datastore", {"disks_gib": [1, "x"], "memory_gib": 1}, "given.disks_gib"),
        ("datastore", {"disks_gib": [1], "memory_gib": 1, "reserved_gib": 2}, "given.reserved_gib"),
        ("units", {"size": 10**11, "unit": "PiB"}, "given.size"),
        ("units", {"size": 1}, "given.unit"),
    ],
)
def test_what_cannot_be_worked_out_is_refused_at_its_place(
    kind: Any, given: Any, place: str
) -> None:
    with pytest.raises(AskRefusedError) as refused:
        disk_asked({"kind": kind, "given": given})
    assert list(refused.value.fields) == [place]


@pytest.mark.parametrize("sent", [None, [], "guest", {"kind": "guest", "x": 1, "given": {}}])
def test_a_body_that_is_something_else_is_refused(sent: Any) -> None:
    with pytest.raises(AskRefusedError):
        disk_asked(sent)


def test_every_calculator_answers_what_its_form_shows_first() -> None:
    for kind, each in CALCULATORS.items():
        shown = {one.key: one.first for one in each.inputs if one.first}
        if "disks_gib" in shown:
            shown["disks_gib"] = ["100", "500"]  # type: ignore[assignment]
        found = worked(kind, **shown)
        assert found["gib"] or found.get("months") or found.get("vcpus"), kind


@settings(max_examples=EXAMPLES)
@drawn(st.integers(1, 10**6), SHARE, SHARE, st.integers(0, 24))
def test_a_volume_without_growth_loss_and_reserve_is_its_data_and_never_shrinks(
    data: int, growth: Fraction, loss: Fraction, months: int
) -> None:
    bare: dict[str, Any] = {"data_gib": data, "months": months, "fill": 1, "step_gib": 1}
    assert exact("guest", **bare, growth=0, loss=0) == data
    small, large = Fraction(growth / 8), Fraction(loss / 2)
    base = exact("guest", **bare, growth=small, loss=large)
    assert base >= data
    assert exact("guest", **bare | {"data_gib": data + 1}, growth=small, loss=large) >= base
    assert exact("guest", **bare | {"months": months + 1}, growth=small, loss=large) >= base


@settings(max_examples=EXAMPLES)
@drawn(st.integers(1, 10**6), SHARE, st.integers(1, 60))
def test_deltas_of_unique_blocks_are_at_most_all_changes_and_those_at_most_the_disk(
    disk: int, change: Fraction, days: int
) -> None:
    found = disk_estimate(
        "snapshots", {"size_gib": disk, "change": f"{float(change):.2f}", "days": days}
    )
    assert found.gib is not None
    assert 0 <= found.more["unique_gib"] <= found.gib <= disk


@settings(max_examples=EXAMPLES)
@drawn(st.integers(1, 10**6), SHARE, st.integers(0, 100))
def test_a_backup_of_one_full_is_the_data_and_grows_with_what_is_kept(
    data: int, change: Fraction, retention: int
) -> None:
    assert exact("backup", data_gib=data, retention=0, ratio=1, change=change) == data
    kept = exact("backup", data_gib=data, retention=retention, change=change)
    assert exact("backup", data_gib=data, retention=retention + 1, change=change) >= kept
    assert exact("backup", data_gib=data, retention=retention, change=change, weekly=1) > kept


@settings(max_examples=EXAMPLES)
@drawn(st.integers(1, 1_000), st.integers(1, 1_000), st.integers(1, 50))
def test_the_month_in_which_it_is_full_is_the_first_one(now: int, more: int, percent: int) -> None:
    growth = Fraction(percent, 100), Fraction(0)
    goal = Fraction(now + more)
    months = months_to_reach(Fraction(now), goal, growth)
    assert months is not None
    reached = [now * (1 + growth[0]) ** month >= goal for month in (months - 1, months)]
    assert reached == [False, True]
    assert months_to_reach(Fraction(100), Fraction(200), (Fraction(1), Fraction(0))) == 1


def test_an_estimate_has_of_thin_disks_what_is_provisioned_and_of_too_much_nothing() -> None:
    lines = {
        kind: line_of(CALCULATORS[kind], disk_estimate(kind, given))
        for kind, given, _ in CONSTANTS
        if kind in {"datastore", "snapshots", "units", "redundancy", "full"}
    }
    thin = {"count": 20, "size_gib": 100, "used": "0.45", "capacity_gib": 1500}
    lines["thin"] = line_of(CALCULATORS["thin"], disk_estimate("thin", thin))
    sizes = {kind: line and (line.kind, line.size_e8 // E8) for kind, line in lines.items()}
    assert sizes == {
        "datastore": ("disk", 9420), "snapshots": ("backup", 200), "units": ("disk", 1536),
        "redundancy": None, "full": None, "thin": ("disk", 2000),
    }  # fmt: skip
    huge = disk_estimate("units", {"size": 2000, "unit": "PiB"})
    assert line_of(CALCULATORS["units"], huge) is None


def test_api_and_command_answer_word_for_word_the_same(
    flask: Flask, keys: Keys, tmp_path: Path
) -> None:
    spec = keys["alpha"].get("/api/v1/openapi.json").get_json()
    for kind, given in [*{kind: given for kind, given, _ in CONSTANTS}.items(), ("guest", GUEST)]:
        sent = {"kind": kind, "given": given}
        (tmp_path / "ask.json").write_text(json.dumps(sent))
        answer = keys["alpha"].post("/api/v1/disk-estimates", json=sent)
        assert answer.status_code == 200, answer.text
        by_command = flask("estimates", "disk", tmp_path / "ask.json", "--format", "json")
        assert answer.get_json() == by_command.json
        schema = schema_of(spec, "/api/v1/disk-estimates", "post", 200)
        assert faults(spec, schema, answer.get_json()) == []
        said = flask("estimates", "disk", tmp_path / "ask.json").out
        assert said.startswith("\n".join(answer.get_json()["steps"])), said
    refused = keys["alpha"].post("/api/v1/disk-estimates", json={"kind": "guest"})
    assert refused.status_code == 422
    assert refused.get_json()["error"]["fields"] == {"given.data_gib": "This is missing."}
    assert keys["alpha"].post("/api/v1/disk-estimates", data=b"{").status_code == 422
    long = {"kind": "guest", "given": {"data_gib": "9" * 70_000}}
    assert keys["alpha"].post("/api/v1/disk-estimates", json=long).status_code == 413
    by_command = flask("estimates", "disk", "-", stdin=json.dumps({"kind": "guest", "given": {}}))
    assert by_command.err == "Error: given.data_gib: This is missing.\n"


def test_every_input_is_specified_and_written_down_with_its_default(keys: Keys) -> None:
    spec = keys["alpha"].get("/api/v1/openapi.json").get_json()
    body = spec["paths"]["/api/v1/disk-estimates"]["post"]["requestBody"]
    kinds = body["content"]["application/json"]["schema"]["oneOf"]
    pages = (ROOT / "docs/estimates.md").read_text()
    for schema, each in zip(kinds, CALCULATORS.values(), strict=True):
        given = schema["properties"]["given"]["properties"]
        assert given.keys() == {one.key for one in each.inputs}
        for one in each.inputs:
            default = f" = {one.default}" if one.default else ""
            assert f"`{one.key}{default}`" in pages, (each.kind, one.key)
            assert given[one.key].get("default", "") == (one.default or "")
