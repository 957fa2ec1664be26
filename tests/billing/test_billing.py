"""From usage to a bill: drafts, issuing, corrections, and what never changes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dcx.repository.session import transaction
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
unit_price = "0.05"
[[price]]
meter = "vm.hours"
free = true
[[example]]
given = { "vm.vcpu_hours" = "100" }
net = "14.50"
"""
LOG = {
    "event_id": "e1", "vm_id": "vm-1", "customer": "alpha", "at": "2026-07-01T00:00:00+02:00",
    "state": "running", "vcpus": 2, "memory_mib": 1024, "name": "web",
}  # fmt: skip


def send(flask: Flask, folder: Path, *logs: dict[str, Any]) -> None:
    file = folder / "logs.ndjson"
    file.write_text("\n".join(json.dumps(log) for log in logs))
    assert flask("metering", "import", file, "--source", "hv").status == 0


@pytest.fixture
def july(flask: Flask, tmp_path: Path) -> None:
    """alpha ran one VM of 2 vCPU and 1 GiB all of July 2026, and the price book stands."""
    (tmp_path / "book.toml").write_text(BOOK)
    assert flask("accounts", "add-customer", "alpha", "--name", "Alpha").status == 0
    assert flask("pricing", "publish", tmp_path / "book.toml").status == 0
    assert flask("metering", "add-source", "hv", "--mode", "events").status == 0
    send(flask, tmp_path, LOG)
    assert flask("metering", "run").status == 0


def draft(flask: Flask, month: str) -> Any:
    return flask("billing", "draft", month, "--customer", "alpha", "--format", "json").json


@pytest.mark.usefixtures("july")
def test_a_draft_prices_the_month_and_stores_nothing(flask: Flask) -> None:
    found = draft(flask, "2026-07")

    assert [(line["meter"], line["quantity"], line["amount"]) for line in found["lines"]] == [
        ("vm.vcpu_hours", "1488.000000", "215.76"),
        ("vm.memory_gib_hours", "744.000000", "37.20"),
    ]
    assert (found["net"], found["vat_rate"], found["vat"]) == ("252.96", "0.15", "37.94")
    assert (found["total"], found["status"], found["unpriced"]) == ("290.90", "draft", [])


@pytest.mark.usefixtures("july")
def test_issuing_twice_issues_nothing_twice(flask: Flask) -> None:
    first = flask("billing", "issue", "2026-07", "--format", "json").json
    again = flask("billing", "issue", "2026-07", "--format", "json").json

    assert [invoice["number"] for invoice in first["issued"]] == ["INV-000001"]
    assert (again["issued"], again["already"]) == ([], first["issued"])
    assert flask("check").status == 0


@pytest.mark.usefixtures("july")
def test_a_month_that_is_not_over_is_not_issued(flask: Flask) -> None:
    answer = flask("billing", "issue", "2099-01", "--customer", "alpha")

    assert answer.status == 1
    assert "not over" in answer.err


@pytest.mark.usefixtures("july")
def test_used_but_unpriced_is_never_zero_and_blocks_the_invoice(
    flask: Flask, tmp_path: Path
) -> None:
    disk = {
        "event_id": "d1", "disk_id": "d-1", "customer": "alpha", "state": "attached",
        "at": "2026-07-01T00:00:00+02:00", "size_gib": 10,
    }  # fmt: skip
    send(flask, tmp_path, disk)
    flask("metering", "run")

    found = draft(flask, "2026-07")
    answer = flask("billing", "issue", "2026-07", "--customer", "alpha")

    assert [entry["meter"] for entry in found["unpriced"]] == ["disk.gib_hours"]
    assert answer.status == 1
    assert "has no price" in answer.err


@pytest.mark.usefixtures("july")
def test_a_late_log_leaves_the_invoice_and_the_next_one_carries_the_adjustment(
    flask: Flask, tmp_path: Path
) -> None:
    flask("billing", "issue", "2026-07")
    late = {**LOG, "event_id": "e2", "at": "2026-07-31T00:00:00+02:00", "vcpus": 4}
    send(flask, tmp_path, late)
    flask("metering", "run")

    found = draft(flask, "2026-08")

    adjusting = [line for line in found["lines"] if line.get("adjusts")]
    assert [(line["adjusts"], line["meter"], line["amount"]) for line in adjusting] == [
        ("2026-07", "vm.vcpu_hours", "6.96")
    ]
    assert flask("billing", "issue", "2026-08").status == 0
    assert all("adjusts" not in line for line in draft(flask, "2026-09")["lines"])
    assert flask("check").status == 0


@pytest.mark.usefixtures("july")
@pytest.mark.parametrize("table", ["invoice", "invoice_line", "invoice_segment", "invoice_vat"])
def test_the_database_refuses_to_change_what_was_issued(flask: Flask, table: str) -> None:
    flask("billing", "issue", "2026-07")

    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id + 1"):
        with pytest.raises(DBAPIError, match="never changed"), transaction() as session:
            session.execute(text(statement))


@pytest.mark.usefixtures("july")
def test_a_document_changed_behind_the_databases_back_is_named(flask: Flask) -> None:
    flask("billing", "issue", "2026-07")
    with transaction() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER invoice_line_no_update"))
        else:
            session.execute(text("ALTER TABLE invoice_line DISABLE TRIGGER ALL"))
        session.execute(text("UPDATE invoice_line SET amount_cents = amount_cents + 1"))

    answer = flask("check")

    assert answer.status == 1
    assert "INV-000001" in answer.err


@pytest.mark.usefixtures("july")
def test_a_dated_vat_rate_applies_from_its_month_and_can_be_withdrawn(flask: Flask) -> None:
    start = "2099-05-01T00:00:00+02:00"
    flask("pricing", "vat", "0.155", "--from", "2026-08-01T00:00:00+02:00")

    assert flask("pricing", "vat", "0.16", "--from", start).status == 0
    assert flask("pricing", "vat", "0.16", "--from", start, "--withdraw").status == 0
    begun = flask("pricing", "vat", "0.155", "--from", "2026-08-01T00:00:00+02:00", "--withdraw")
    assert begun.status == 1
    assert draft(flask, "2026-07")["vat_rate"] == "0.15"
    assert draft(flask, "2026-08")["vat_rate"] == "0.155"


@pytest.mark.usefixtures("july")
def test_a_new_version_prices_usage_from_its_start(flask: Flask, tmp_path: Path) -> None:
    dearer = BOOK.replace("2013-01-01", "2026-07-16").replace("0.1450", "0.2900")
    (tmp_path / "v2.toml").write_text(dearer.split("[[example]]")[0])

    published = flask("pricing", "publish", tmp_path / "v2.toml", "--format", "json").json
    again = flask("pricing", "publish", tmp_path / "v2.toml", "--format", "json").json
    lines = [line for line in draft(flask, "2026-07")["lines"] if "vcpu" in line["meter"]]

    assert published == again == {
        "price_book": "standard", "version": 2, "starts_at": "2026-07-15T22:00:00Z",
    }  # fmt: skip
    assert [(line["quantity"], line["amount"]) for line in lines] == [
        ("720.000000", "104.40"),
        ("768.000000", "222.72"),
    ]


@pytest.mark.usefixtures("july")
def test_an_example_that_does_not_hold_stops_publishing(flask: Flask, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(BOOK.replace('net = "14.50"', 'net = "14.51"'))

    answer = flask("pricing", "publish", tmp_path / "bad.toml")

    assert answer.status == 1
    assert "example 1 says 14.51 but costs 14.50" in answer.err


@pytest.mark.usefixtures("july")
def test_logs_of_an_unknown_customer_are_billed_once_the_customer_exists(
    flask: Flask, tmp_path: Path
) -> None:
    stray = {**LOG, "event_id": "s1", "vm_id": "vm-9", "customer": "gamma"}
    (tmp_path / "s.ndjson").write_text(json.dumps(stray))
    counts = flask("metering", "import", tmp_path / "s.ndjson", "--source", "hv").json
    flask("metering", "run")

    flask("accounts", "add-customer", "gamma", "--name", "Gamma")
    found = flask("billing", "draft", "2026-07", "--customer", "gamma", "--format", "json").json

    assert (counts["stored"], counts["held"]) == (1, 1)
    assert found["net"] == "252.96"


def test_pages_ask_the_database_no_more_for_more_rows(
    flask: Flask, tmp_path: Path, sign_in: SignIn, statements: Any
) -> None:
    (tmp_path / "book.toml").write_text(BOOK)
    flask("pricing", "publish", tmp_path / "book.toml")
    flask("metering", "add-source", "hv", "--mode", "events")
    pages = (
        "/", "/customers", "/c/alpha/", "/c/alpha/usage", "/c/alpha/resources", "/invoices",
        "/c/alpha/usage?by=meters", "/c/alpha/usage?from=2026-07-05&to=2026-08-10&by=days",
        "/c/alpha/invoices", "/invoices/issue?period=2026-07", "/metering", "/jobs", "/pricing",
        "/invoices/drafts/2026-07/alpha", "/invoices/drafts/2026-07/alpha?line=1",
        "/c/alpha/resources?as=csv", "/metering?as=csv&table=quarantine",
    )  # fmt: skip
    client = sign_in("ada")
    client.get("/c/alpha/")
    asked = []
    for size in (3, 60):
        logs = [{**LOG, "event_id": f"{size}-{n}", "vm_id": f"vm-{size}-{n}"} for n in range(size)]
        stray = [{**log, "event_id": f"s{log['event_id']}", "customer": f"new-{n}",
                  "vm_id": f"s{log['vm_id']}"} for n, log in enumerate(logs)]  # fmt: skip
        bad = [{**log, "event_id": f"b{log['event_id']}", "state": "humming"} for log in logs]
        twice = [{**log, "vcpus": 9} for log in logs]
        send(flask, tmp_path, *logs, *stray, *bad, *twice)
        flask("metering", "run")
        counts = []
        for page in pages:
            statements.seen.clear()
            assert client.get(page).status_code == 200
            counts.append(statements.count)
        asked.append(counts)

    assert asked[0] == asked[1]
