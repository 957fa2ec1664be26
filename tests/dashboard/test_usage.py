"""Usage of any period: priced month by month, shown by resource, meter and day, and exported."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import SignIn

Flask = Callable[..., Any]
BOOK = """name = "standard"
currency = "ZAR"
starts_at = 2013-01-01T00:00:00+02:00
[[price]]
meter = "vm.vcpu_hours"
unit_price = "0.1450"
[[price]]
meter = "vm.memory_gib_hours"
steps = [{ up_to = "400", unit_price = "0.10" }, { unit_price = "0.01" }]
[[price]]
meter = "vm.hours"
free = true
[[price]]
meter = "disk.gib_hours"
where = { tier = "ssd" }
unit_price_per_month = "74.40"
"""
VM = {
    "event_id": "e1", "vm_id": "vm-1", "customer": "alpha", "at": "2026-06-01T00:00:00+02:00",
    "state": "running", "vcpus": 2, "memory_mib": 1024,
}  # fmt: skip
DISK = {
    "event_id": "d1", "disk_id": "d-1", "customer": "alpha", "at": "2026-06-01T00:00:00+02:00",
    "state": "attached", "size_gib": 1, "tier": "ssd",
}  # fmt: skip


def send(flask: Flask, folder: Path, *logs: dict[str, Any]) -> None:
    file = folder / "logs.ndjson"
    file.write_text("\n".join(json.dumps(log) for log in logs))
    assert flask("metering", "import", file, "--source", "hv").status == 0
    assert flask("metering", "run").status == 0


@pytest.fixture
def alice(flask: Flask, tmp_path: Path, sign_in: SignIn) -> FlaskClient:
    """alpha runs one machine of 2 vCPU and 1 GiB, and a disk of 1 GiB, since June 2026."""
    client = sign_in("alice")
    (tmp_path / "book.toml").write_text(BOOK)
    assert flask("pricing", "publish", tmp_path / "book.toml").status == 0
    flask("metering", "add-source", "hv", "--mode", "events")
    send(flask, tmp_path, VM, DISK)
    return client


def rows(client: FlaskClient, query: str) -> list[dict[str, str]]:
    answer = client.get(f"/c/alpha/usage?{query}&as=csv")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def costs(client: FlaskClient, query: str) -> dict[str, tuple[str, str]]:
    found = rows(client, f"{query}&by=meters")
    return {row["what"]: (row["quantity"], row["cost"]) for row in found}


def total(client: FlaskClient, query: str) -> int:
    return sum(round(float(row["cost"]) * 100) for row in rows(client, query))


def test_two_days_cost_their_hours_and_both_dates_count(alice: FlaskClient) -> None:
    assert costs(alice, "from=2026-07-05&to=2026-07-06")["vCPU"] == ("96.000000", "13.92")


def test_a_monthly_price_is_spread_over_the_hours_of_its_own_month(alice: FlaskClient) -> None:
    june = costs(alice, "from=2026-06-30&to=2026-06-30")["SSD disk"]
    july = costs(alice, "from=2026-07-01&to=2026-07-01")["SSD disk"]
    both = costs(alice, "from=2026-06-30&to=2026-07-01")["SSD disk"]

    assert (june, july) == (("24.000000", "2.48"), ("24.000000", "2.40"))
    assert both == ("48.000000", "4.88")


def test_steps_count_from_the_first_of_the_month(alice: FlaskClient) -> None:
    """400 GiB·h are used up on 17 July at 16:00: 16 hours dear, 8 hours cheap on that day."""
    assert costs(alice, "from=2026-07-17&to=2026-07-17")["Memory"] == ("24.000000", "1.68")
    assert costs(alice, "from=2026-07-20&to=2026-07-20")["Memory"] == ("24.000000", "0.24")


def test_the_parts_of_a_month_sum_to_the_month(alice: FlaskClient) -> None:
    parts = [total(alice, f"from=2026-07-{one}&to=2026-07-{two}") for one, two in (
        ("01", "09"), ("10", "17"), ("18", "31"))]  # fmt: skip

    assert sum(parts) == total(alice, "month=2026-07")


def test_days_of_several_months_sum_to_the_period(alice: FlaskClient) -> None:
    query = "from=2026-06-20&to=2026-07-10"
    days = rows(alice, f"{query}&by=days&sort=day")

    assert [days[0]["day"], days[-1]["day"], len(days)] == ["2026-06-20", "2026-07-10", 21]
    assert sum(round(float(day["cost"]) * 100) for day in days) == total(alice, query)
    assert list(days[0]) == ["day", "vCPU", "Memory", "SSD disk", "cost"]


def test_the_page_shows_the_period_and_what_its_file_holds(alice: FlaskClient) -> None:
    query = "from=2026-06-20&to=2026-07-10"
    for by in ("resources", "meters", "days"):
        text = alice.get(f"/c/alpha/usage?{query}&by={by}").get_data(as_text=True)
        assert "20 June 2026 to 10 July 2026" in text
        assert 'name="from" value="2026-06-20"' in text
        for row in rows(alice, f"{query}&by={by}"):
            assert f">{row['cost'].replace('.', ',')}</td>" in text.replace("\u00a0", ""), row


def test_a_whole_month_by_dates_is_the_month(alice: FlaskClient) -> None:
    text = alice.get("/c/alpha/usage?from=2026-07-01&to=2026-07-31").get_data(as_text=True)

    assert "July 2026, without VAT" in text


def test_what_has_no_price_is_named_and_not_counted(
    flask: Flask, tmp_path: Path, alice: FlaskClient
) -> None:
    send(flask, tmp_path, {**DISK, "event_id": "d2", "disk_id": "d-2", "tier": "gold"})

    text = alice.get("/c/alpha/usage?from=2026-07-05&to=2026-07-06").get_data(as_text=True)

    assert "Without a price yet, and not in these amounts: disk.gib_hours (tier gold)." in text


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("from=2026-07-10&to=2026-07-01", "The last day comes before the first one."),
        ("from=2026-02-30&to=2026-07-01", "Give a date, for example 2026-11-23."),
        ("from=2026-07-01", "Give a date, for example 2026-11-23."),
        ("from=1026-07-01&to=2026-07-01", "Give a day from 2000 to 2099."),
        ("from=2020-01-01&to=2026-07-01", "Choose at most 366 days."),
    ],
)
def test_bad_dates_are_told_at_their_field(alice: FlaskClient, query: str, fault: str) -> None:
    answer = alice.get(f"/c/alpha/usage?{query}")
    file = alice.get(f"/c/alpha/usage?{query}&as=csv")

    assert (answer.status_code, file.status_code) == (422, 422)
    assert fault in answer.get_data(as_text=True)
    assert re.search(r'aria-invalid="true" aria-describedby="(from|to)-fault"', answer.text)


def test_a_day_of_a_long_period_is_on_the_page_it_leads_to(alice: FlaskClient) -> None:
    query = "from=2026-06-01&to=2026-11-01&by=days"
    text = alice.get(f"/c/alpha/usage?{query}&day=2026-06-03").get_data(as_text=True)

    assert '<tr class="is-open"><td>03 Jun 2026</td>' in text
