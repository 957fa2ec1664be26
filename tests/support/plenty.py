"""A provider with enough of everything that each table has a second page."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dcx.accounts import service as accounts
from dcx.journal import service as journal
from dcx.metering import service as metering
from dcx.repository.session import transaction

Flask = Callable[..., Any]
MACHINES = 55
OTHERS = 30
BOOK = """name = "{name}"
currency = "ZAR"
starts_at = 2013-01-01T00:00:00+02:00
[[price]]
meter = "vm.vcpu_hours"
unit_price = "0.1450"
[[price]]
meter = "vm.memory_gib_hours"
unit_price = "0.05"
[[price]]
meter = "vm.hours"
free = true
"""
HEAD = "event_id,vm_id,customer,at,state,vcpus,memory_mib"


def last_month() -> str:
    """The calendar month before this one."""
    return f"{datetime.now(UTC).replace(day=1) - timedelta(days=1):%Y-%m}"


def fill(flask: Flask, folder: Path) -> None:
    """alpha with 55 machines, 30 customers and 12 unknown ones with one, and what staff see."""
    with transaction() as session:
        for number in range(OTHERS):
            customer = accounts.Customer(f"c-{number:02d}", f"Customer {number:02d}")
            accounts.add_customer(session, customer, now_us=1)
        for number in range(OTHERS):
            slot = journal.claim_slot(session, f"job-{number:02d}", 1, now_us=number * 7 + 1)
            assert slot
            if number % 3:
                journal.end_job(session, slot, now_us=number * 20 + 1, error="It broke.")
            run = metering.start_run(session, started_us=number + 1, asked_by=f"by-{number:02d}")
            counts = (number * 7 % 11, number * 5 % 13, 1)
            metering.finish_run(session, run, counts, until_us=0, ended_us=number * 9 % 50 + 40)
    for number in range(OTHERS):
        (folder / "book.toml").write_text(BOOK.format(name=f"book-{number:02d}"))
        flask("pricing", "publish", folder / "book.toml")
        flask("metering", "add-source", f"hv-{number:02d}", "--mode", "events")
    (folder / "book.toml").write_text(BOOK.format(name="standard"))
    assert flask("pricing", "publish", folder / "book.toml").status == 0
    _send(flask, folder)
    assert flask("metering", "run").status == 0


def _send(flask: Flask, folder: Path) -> None:
    start = f"{last_month()}-01T00:00:00+02:00"
    logs = [_log(f"a-{n}", f"vm-{n:02d}", "alpha", start, 1 + n % 5) for n in range(MACHINES)]
    logs += [_log(f"o-{n}", f"own-{n}", f"c-{n:02d}", start, 1 + n % 4) for n in range(OTHERS)]
    logs += [_log(f"u-{n}", f"new-{n}", f"new-{n:02d}", start, 1) for n in range(12)]
    logs[0]["name"] = "=1+1"
    (folder / "logs.ndjson").write_text("\n".join(json.dumps(log) for log in logs))
    assert flask("metering", "import", folder / "logs.ndjson", "--source", "hv-00").status == 0
    bad = [f"q-{n},bad-{n:02d},alpha,2026-01-0{1 + n % 9}T00:00:00,running,1,1" for n in range(45)]
    bad += [f"k-{n:02d},again,alpha,2026-01-01T00:00:00Z,stopped,1,{n}" for n in range(23)]
    bad += [f"k-{n:02d},again,alpha,2026-01-01T00:00:00Z,stopped,2,{n}" for n in range(23)]
    (folder / "bad.csv").write_text("\n".join([HEAD, *bad]))
    counts = flask("metering", "import", folder / "bad.csv", "--source", "hv-01").json
    assert (counts["quarantined"], counts["conflicts"]) == (45, 23)


def _log(event: str, machine: str, customer: str, at: str, vcpus: int) -> dict[str, Any]:
    return {
        "event_id": event, "vm_id": machine, "customer": customer, "at": at, "state": "running",
        "vcpus": vcpus, "memory_mib": 1024 * vcpus,
    }  # fmt: skip
