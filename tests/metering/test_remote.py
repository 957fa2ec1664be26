"""Somebody else's log database: tried before it is added, and no trouble of its stops the rest."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask

from dcx.journal import service as journal
from dcx.repository.session import reading
from dcx.scheduler import JOBS, run_job
from tests.metering.test_ingest import GOOD, HEAD, sent

Flask = Callable[..., Any]
MAPPING = """
table = "events"
growing = "id"
overlap = 5
[columns]
event_id = "uuid"
vm_id = "vm"
customer = "tenant"
at = "ts"
state = "status"
[constants]
vcpus = 2
memory_mib = 2048
"""


@pytest.fixture
def theirs(tmp_path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(tmp_path / "theirs.db")
    database.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, uuid, vm, tenant, ts, status)")
    row = "INSERT INTO events VALUES (1, 'u1', 'vm-9', 'alpha', '2026-01-01T00:00:00Z', 'running')"
    database.execute(row)
    database.commit()
    return database


def added(flask: Flask, folder: Path, url: str = "", mapping: str = MAPPING) -> Any:
    (folder / "map.toml").write_text(mapping)
    return flask(
        "metering", "add-source", "theirs", "--mode", "events",
        "--url", url or f"sqlite:///{folder}/theirs.db", "--mapping", folder / "map.toml",
    )  # fmt: skip


REFUSED = {
    "an address that is none": ("nonsense", MAPPING, "an address that is none: give it like"),
    "no such file": ("sqlite:////nowhere/x.db", MAPPING, "/nowhere/x.db: unable to open"),
    "no such table": ("", MAPPING.replace('"events"', '"logs"'), "no table or view logs"),
    "no such column": ("", MAPPING.replace('"ts"', '"Tss"'), "events has no column Tss"),
    "no such growing": ("", MAPPING.replace('"id"', '"seq"'), "events has no column seq"),
    "nobody there": (
        "postgresql+psycopg://reader:geheim@127.0.0.1:1/logs",  # pragma: allowlist secret
        MAPPING,
        "logs@127.0.0.1:1: ",
    ),
}


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize("case", REFUSED)
def test_a_source_that_cannot_be_read_is_refused_at_once(
    flask: Flask, tmp_path: Path, case: str
) -> None:
    url, mapping, reason = REFUSED[case]

    refused = added(flask, tmp_path, url, mapping)

    assert refused.status == 1
    assert reason in refused.err
    assert len(refused.err.strip().splitlines()) == 1
    assert "geheim" not in refused.err
    assert added(flask, tmp_path).status == 0


def test_a_source_that_breaks_stops_only_itself(
    app: APIFlask, flask: Flask, tmp_path: Path, theirs: sqlite3.Connection
) -> None:
    flask("metering", "add-source", "hv", "--mode", "events")
    assert added(flask, tmp_path).status == 0
    theirs.execute("DROP TABLE events")
    theirs.commit()
    sent(flask, tmp_path, HEAD, GOOD)

    ran = flask("metering", "run", "--format", "json")

    assert ran.status == 1
    assert '"logs": 1, "segments": 1' in ran.out
    assert ran.err.startswith("Error: The source theirs could not be read: ")
    assert len(ran.err.strip().splitlines()) == 1
    used = flask(
        "metering", "usage", "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T01:00:00Z",
        "--customer", "alpha", "--by", "meter", "--format", "json",
    ).json["rows"]  # fmt: skip
    assert {"meter": "vm.hours", "quantity": "1.000000"} in used

    run_job(app, next(job for job in JOBS if job.name == "meter"))
    with reading() as session:
        last = journal.last_job_runs(session)["meter"]
        assert (last.status, "theirs could not be read" in (last.error or "")) == ("failed", True)


def test_usage_never_counts_what_has_not_happened(flask: Flask) -> None:
    refused = flask("metering", "run", "--until", "2099-01-01T00:00:00Z")

    assert refused.status == 1
    assert "later than now" in refused.err


def test_usage_of_nobody_and_of_an_empty_period_is_refused(flask: Flask, tmp_path: Path) -> None:
    flask("metering", "add-source", "hv", "--mode", "events")
    sent(flask, tmp_path, HEAD, GOOD)

    def usage(start: str, end: str, customer: str) -> Any:
        period = ("--from", f"{start}T00:00:00Z", "--to", f"{end}T00:00:00Z")
        return flask("metering", "usage", *period, "--customer", customer)

    nobody = usage("2026-01-01", "2026-01-02", "nobody")
    pending = usage("2026-01-01", "2026-01-02", "alpha")
    flask("metering", "run")
    held = usage("2026-01-01", "2026-01-02", "alpha")
    backwards = usage("2026-01-02", "2026-01-01", "alpha")

    assert [each.status for each in (nobody, pending, held, backwards)] == [1, 0, 0, 1]
    assert "no customer 'nobody'" in nobody.err
    assert "from must come first" in backwards.err


def test_a_price_book_that_is_not_there_yet_is_a_warning(flask: Flask) -> None:
    odd = flask("accounts", "add-customer", "a", "--name", "A", "--price-book", "nonesuch")
    plain = flask("accounts", "add-customer", "b", "--name", "B")

    assert (odd.status, plain.status) == (0, 0)
    assert "no price book 'nonesuch' yet" in odd.err
    assert plain.err == ""
