"""The figures that other programs computed from real traces come out of the commands exactly."""

import csv
import gzip
import json
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent.parent / "data"
WHOLE = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.long
Flask = Callable[..., Any]
METERS = {
    "vm_hours": "vm.hours",
    "vcpu_hours": "vm.vcpu_hours",
    "memory_gib_hours": "vm.memory_gib_hours",
}
JULY = ("2013-06-30T22:00:00Z", "2013-07-31T22:00:00Z")


def prepared(flask: Flask, mode: str, *files: Path, form: str = "dcx") -> dict[str, int]:
    assert flask("metering", "add-source", "trace", "--mode", mode).status == 0
    counts: dict[str, int] = flask(
        "metering", "import", *files, "--source", "trace", "--format", form
    ).json
    return counts


def used(flask: Flask, start: str, end: str, *by: str) -> dict[tuple[str, ...], str]:
    asked = [part for group in by for part in ("--by", group)]
    answer = flask(
        "metering", "usage", "--from", start, "--to", end, *asked, "--format", "json"
    ).json
    return {tuple(row[group] for group in by): row["quantity"] for row in answer["rows"]}


def assert_golden(flask: Flask, golden: dict[str, Any], start: str, end: str) -> None:
    assert flask("metering", "run", "--until", end).status == 0
    totals = used(flask, start, end, "meter")
    assert {name: totals[(meter,)] for name, meter in METERS.items()} == {
        name: golden[name] for name in METERS
    }
    by_customer = used(flask, start, end, "customer", "meter")
    for customer, wanted in golden.get("customers", {}).items():
        for name, meter in METERS.items():
            assert by_customer[customer, meter] == wanted[name]


def golden_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{name}.golden.json").read_text())
    return found


def test_a_month_of_events_gives_the_golden_figures(flask: Flask) -> None:
    counts = prepared(flask, "events", DATA / "vm_events_2013-07.csv.gz")

    assert (counts["stored"], counts["held"]) == (16_747, 16_747)
    assert_golden(flask, golden_of("vm_events_2013-07"), *JULY)


def test_a_slice_of_samples_gives_the_golden_figures(flask: Flask) -> None:
    prepared(flask, "samples", DATA / "vm_samples_2013-07_slice.csv.gz")

    assert_golden(flask, golden_of("vm_samples_2013-07_slice"), *JULY)


def test_a_day_of_arrivals_gives_the_golden_figures(flask: Flask) -> None:
    prepared(flask, "events", DATA / "vm_events_2017_day.csv.gz")

    golden = golden_of("vm_events_2017_day")
    assert_golden(flask, golden, "2017-03-01T00:00:00Z", golden["until"])


def test_openstack_notifications_give_the_golden_figures(flask: Flask) -> None:
    counts = prepared(flask, "events", DATA / "openstack_events_2018-04.json.gz", form="openstack")
    golden = golden_of("openstack_events_2018-04")
    start, end = "2018-04-01T00:00:00Z", "2018-05-01T00:00:00Z"

    assert_golden(flask, golden, start, end)

    assert counts["read"] == golden["events"]
    tiers = used(flask, start, end, "tier", "meter")
    volumes = [quantity for (tier, _), quantity in tiers.items() if tier not in {"", "root"}]
    assert tiers["root", "disk.gib_hours"] == golden["root_disk_gib_hours"]
    assert volumes == [golden["volume_gib_hours"]]


@pytest.mark.parametrize("way", ["twice", "shuffled", "in ten pieces"])
def test_order_repetition_and_pieces_change_nothing(flask: Flask, tmp_path: Path, way: str) -> None:
    source = DATA / "vm_samples_2013-07_slice.csv.gz"
    rows = gzip.decompress(source.read_bytes()).decode().splitlines()
    head, body = rows[0], rows[1:]
    if way != "twice":
        random.Random(7).shuffle(body)
    size = len(body) if way == "shuffled" else len(body) // 10 + 1
    pieces = [body[place : place + size] for place in range(0, len(body), size)]
    files = [tmp_path / f"{place}.csv" for place in range(len(pieces))]
    for file, piece in zip(files, pieces, strict=True):
        file.write_text("\n".join([head, *piece]) + "\n")

    counts = prepared(flask, "samples", *(files if way != "twice" else [source, source]))
    if way == "in ten pieces":
        assert flask("metering", "run").status == 0

    assert counts["duplicates"] == (len(body) if way == "twice" else 0)
    assert_golden(flask, golden_of("vm_samples_2013-07_slice"), *JULY)
    assert flask("check").status == 0


def test_the_whole_trace_of_samples_gives_the_golden_figures(flask: Flask) -> None:
    file = WHOLE / "vm_samples_2013-07-15_22.csv.gz"
    if not file.is_file():
        with gzip.open(DATA / "vm_samples_2013-07_slice.csv.gz", "rt") as rows:
            assert next(csv.reader(rows))[0] == "event_id"
        return
    prepared(flask, "samples", file)

    golden = json.loads((WHOLE / "vm_samples_2013-07-15_22.golden.json").read_text())
    assert_golden(flask, golden, *JULY)


def test_usage_by_day_adds_up_to_the_whole(flask: Flask) -> None:
    prepared(flask, "events", DATA / "vm_events_2013-07.csv.gz")
    flask("metering", "run", "--until", JULY[1])

    whole = used(flask, *JULY, "customer", "meter")
    days = used(flask, *JULY, "day", "customer", "meter")

    assert len({day for day, _, _ in days}) == 31
    for (customer, meter), quantity in whole.items():
        keys = [key for key in days if key[1:] == (customer, meter)]
        parts = [Decimal(days[key]) for key in keys]
        assert abs(sum(parts) - Decimal(quantity)) <= Decimal("0.000016")
