"""Where a customer's disks are heading: from their own history, and what resizing costs."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from dcx.estimates.service import Desk
from dcx.estimates.service.history import Subject
from dcx.estimates.service.outlook import Wish, outlook
from dcx.kit.errors import NotFoundError
from dcx.kit.periods import from_us, to_us
from dcx.metering import service as metering
from dcx.repository.session import reading
from dcx.settings import Settings
from tests.conftest import Flask, SignIn

ROOT = "/c/alpha/estimates/forecast"
BOOK = """
name = "standard"
currency = "ZAR"
starts_at = 2013-01-01T00:00:00+02:00
[[price]]
meter = "disk.gib_hours"
unit_price = "0.01"
[[price]]
meter = "vm.vcpu_hours"
unit_price = "0.10"
[[price]]
meter = "vm.hours"
free = true
[[price]]
meter = "vm.memory_gib_hours"
free = true
"""


def disk_log(key: str, days_ago: int, size: int, state: str = "attached") -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(days=days_ago, minutes=5)
    return {
        "event_id": f"{key}-{days_ago}", "disk_id": key, "customer": "alpha", "at": at.isoformat(),
        "state": state, "tier": "ssd", "size_gib": size, "name": f"name of {key}",
    }  # fmt: skip


@pytest.fixture
def history(flask: Flask, people: None, tmp_path: Path) -> None:
    """d-1 grows by 10 GiB each fifth day since 100 days, d-2 is new, d-3 is gone, vm-1 stays."""
    assert people is None
    logs = [disk_log("d-1", ago, 300 - 2 * ago) for ago in range(100, -1, -5)]
    logs += [disk_log("d-2", 5, 50), disk_log("d-3", 40, 50), disk_log("d-3", 20, 50, "deleted")]
    logs.append(
        {
            "event_id": "v", "vm_id": "vm-1", "customer": "alpha", "at": logs[0]["at"],
            "state": "running", "vcpus": 4, "memory_mib": 8192,
        }
    )  # fmt: skip
    (tmp_path / "book.toml").write_text(BOOK)
    (tmp_path / "logs.ndjson").write_text("\n".join(map(json.dumps, logs)))
    assert flask("pricing", "publish", tmp_path / "book.toml").status == 0
    assert flask("metering", "add-source", "hv", "--mode", "events").status == 0
    assert flask("metering", "import", tmp_path / "logs.ndjson", "--source", "hv").status == 0
    assert flask("metering", "run").status == 0


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ").split())


def test_a_disk_is_forecast_from_its_own_history_and_priced_now_and_later(
    settings: Settings, history: None
) -> None:
    assert history is None
    desk = Desk.of(settings, to_us(datetime.now(UTC)))
    with reading() as session:
        until = from_us(metering.metered_until(session)).astimezone(desk.zone)
        found = outlook(session, "alpha", Subject("disk/d-1", "d"), Wish(90, 400, 500), desk)
        other = outlook(session, "alpha", Subject("vcpus/vm-1", "v"), Wish(90, 4, 8), desk)
        with pytest.raises(NotFoundError):
            outlook(session, "gamma", Subject("disk/d-1", "d"), Wish(90), desk)
    assert found.trend
    assert found.trend.now == 300
    assert found.ahead[-1].likely == pytest.approx(480, abs=10)
    assert found.reached
    assert found.reached.likely == pytest.approx(50, abs=6)
    assert found.costs
    assert found.costs.is_complete
    hours = [_hours_left(until)] + [_hours_of(each.month, desk) for each in found.costs.months[1:]]
    for month, left in zip(found.costs.months, hours, strict=True):
        assert month.now - month.leave == pytest.approx(left * 200, abs=2)
    day = found.day(found.reached.likely or 0)
    before = datetime(day.year, day.month, day.day, tzinfo=desk.zone) - until
    waits = before / timedelta(hours=1)
    assert found.costs.saved == pytest.approx(waits * 200, abs=len(hours) * 2)
    assert other.reached
    assert other.reached.likely == 0
    assert other.costs
    assert [each.later for each in other.costs.months] == [None, None]
    assert other.costs.months[1].now == 2 * other.costs.months[1].leave


def _hours_left(until: datetime) -> float:
    first = until.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = (first + timedelta(days=32)).replace(day=1)
    return (after - until) / timedelta(hours=1)


def _hours_of(month: str, desk: Desk) -> float:
    return _hours_left(datetime.fromisoformat(f"{month}-01").replace(tzinfo=desk.zone))


def test_a_customer_reads_the_forecast_and_whoever_looks_as_them_does_too(
    sign_in: SignIn, history: None
) -> None:
    assert history is None
    asked = {"resource": "disk/d-1", "limit": "400 GB", "size": "500", "days": "180"}
    client, staff = sign_in("victor"), sign_in("sue")
    for looker in (client, staff):
        page = text_of(looker.get(ROOT, query_string=asked).text)
        assert "300 GiB now, likely" in page
        assert "400 GiB is likely reached on" in page
        assert "Resized to 500 GiB" in page
        assert "Waiting until" in page
        assert "All disks of tier ssd name of d-1 (d-1) name of d-2 (d-2) vm-1, memory" in page
        assert f'href="{ROOT}"' in looker.get("/c/alpha/estimates/disk").text
    swapped = client.get(ROOT, query_string=asked | {"limit": "x"}, headers={"HX-Request": "true"})
    assert (
        '<span class="fault" id="limit-fault" hx-swap-oob="true">Full at: Write a' in swapped.text
    )
    assert "<h1" not in swapped.text
    tier = text_of(client.get(ROOT, query_string={"size": "9" * 9}).text)
    assert "350 GiB now" in tier
    assert "From 1 to 1 048 576." in tier
    assert "Not enough history" in client.get(f"{ROOT}?resource=disk/d-2").text
    assert "d-3 is gone" in text_of(client.get(f"{ROOT}?resource=disk/d-3").text)
    memory = text_of(client.get(f"{ROOT}?resource=memory/vm-1").text)
    assert "8 GiB now, likely 8 GiB" in memory
    for unknown in ("disk/d-9", "tier/gold", "boat/d-1", "disk", "vcpus/vm-2"):
        assert client.get(f"{ROOT}?resource={unknown}").status_code == 404, unknown
    other = sign_in("charlie")
    assert other.get(ROOT).status_code == 404
    own = other.get("/c/gamma/estimates/forecast").text
    assert "Nothing to forecast yet" in own
    assert other.get("/c/gamma/estimates/forecast?resource=disk/d-1").status_code == 404
