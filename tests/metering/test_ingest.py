"""Logs in: what is stored, known already, in conflict or refused, and why."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Flask = Callable[..., Any]
HEAD = "event_id,vm_id,customer,at,state,vcpus,memory_mib"
GOOD = "e1,vm-1,alpha,2026-01-01T00:00:00Z,running,2,4096"


@pytest.fixture
def source(flask: Flask) -> None:
    assert flask("metering", "add-source", "hv", "--mode", "events").status == 0


def sent(flask: Flask, tmp_path: Path, *rows: str, name: str = "logs.csv") -> Any:
    file = tmp_path / name
    file.write_bytes("\n".join(rows).encode("utf-8", "surrogateescape") + b"\n")
    return flask("metering", "import", file, "--source", "hv").json


@pytest.mark.usefixtures("source")
def test_the_same_log_is_stored_once_whatever_its_spelling(flask: Flask, tmp_path: Path) -> None:
    sent(flask, tmp_path, HEAD, GOOD)

    respelt = {
        "vm_id": "vm-1",
        "memory_mib": "4096.0",
        "vcpus": 2.0,
        "customer": "alpha",
        "event_id": "e1",
        "state": "running",
        "at": "2026-01-01T02:00:00+02:00",
    }
    again = sent(flask, tmp_path, json.dumps(respelt), name="logs.ndjson")

    assert (again["stored"], again["duplicates"], again["conflicts"]) == (0, 1, 0)


@pytest.mark.usefixtures("source")
def test_of_two_contents_under_one_event_id_the_first_stands(flask: Flask, tmp_path: Path) -> None:
    counts = sent(flask, tmp_path, HEAD, GOOD, GOOD.replace(",2,", ",8,"), GOOD)
    flask("metering", "run", "--until", "2026-01-01T01:00:00Z")

    assert (counts["stored"], counts["duplicates"], counts["conflicts"]) == (1, 1, 1)
    usage = flask(
        "metering",
        "usage",
        "--from",
        "2026-01-01T00:00:00Z",
        "--to",
        "2026-01-02T00:00:00Z",
        "--by",
        "meter",
        "--format",
        "json",
    ).json
    assert {"meter": "vm.vcpu_hours", "quantity": "2.000000"} in usage["rows"]


BAD = {
    "a time without offset": (GOOD.replace("00Z", "00"), "at needs an offset"),
    "an unknown state": (GOOD.replace("running", "humming"), "state must be one of"),
    "no customer": (GOOD.replace("alpha", ""), "customer is missing"),
    "no id": (GOOD.replace("vm-1", ""), "vm_id is missing"),
    "not a number": (GOOD.replace(",2,", ",NaN,"), "vcpus is not a number"),
    "infinity": (GOOD.replace(",2,", ",Infinity,"), "vcpus is not a number"),
    "a negative size": (GOOD.replace(",2,", ",-2,"), "vcpus must be 0 to"),
    "half a vCPU": (GOOD.replace(",2,", ",2.5,"), "vcpus must be a whole number"),
    "too much memory": (GOOD.replace("4096", str(2**26 + 1)), "memory_mib must be 0 to"),
    "year 1970": (GOOD.replace("2026", "1970"), "at is before the year 2000"),
    "year 9999": (GOOD.replace("2026", "9999"), "at is more than 5 minutes in the future"),
    "too many cells": (GOOD + ",x", "the row has 8 cells"),
    "bytes that are not UTF-8": (GOOD.replace("alpha", "al\udcffpha"), "not UTF-8"),
    "a huge cell": (GOOD.replace("alpha", "a" * 10_000_000), "customer is longer than"),
}


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_quarantined_and_its_neighbours_go_through(
    flask: Flask, tmp_path: Path, case: str
) -> None:
    from dcx.metering import service  # noqa: PLC0415
    from dcx.repository.session import reading  # noqa: PLC0415

    row, reason = BAD[case]
    good = [GOOD.replace("e1", f"n{place}").replace("01T", f"0{place}T") for place in (2, 3)]

    counts = sent(flask, tmp_path, HEAD, good[0], row, good[1])

    assert (counts["read"], counts["stored"], counts["quarantined"]) == (3, 2, 1)
    with reading("bronze") as bronze:
        kept, source, _ = service.quarantined(bronze).rows[0]
        assert (kept.row, source) == (2, "hv")
        assert reason in kept.reason


def cut(packed: bytes) -> bytes:
    return packed[: len(packed) // 2]


MANY = "\n".join([HEAD, *(GOOD.replace("e1", f"e{n}") for n in range(5000))])
FILES = {
    "a cut gzip": ("a.csv.gz", cut(gzip.compress(MANY.encode())), "broken or cut gzip"),
    "no gzip": ("a.csv.gz", b"hello", "broken or cut gzip"),
    "an empty file": ("a.csv", b"", "is empty"),
    "only a head": ("a.csv", HEAD.encode(), "holds no rows"),
    "a wrong head": ("a.csv", b"a,b\n1,2\n", "its head lacks"),
    "a cut JSON list": ("a.json", b'[{"event_id": "e1"},', "not a whole JSON list"),
    "no Parquet": ("a.parquet", b"hello", "not readable Parquet"),
    "an unknown ending": ("a.xls", b"x", "ends in none of"),
}  # fmt: skip


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize("case", FILES)
def test_a_bad_file_is_refused_in_one_line_and_nothing_of_it_stored(
    flask: Flask, tmp_path: Path, case: str
) -> None:
    name, content, reason = FILES[case]
    (tmp_path / name).write_bytes(content)

    answer = flask("metering", "import", tmp_path / name, "--source", "hv")

    assert (answer.status, answer.out) == (1, "")
    assert reason in answer.err
    assert len(answer.err.strip().splitlines()) == 1
    assert flask("metering", "run", "--format", "json").json["logs"] == 0


def test_an_unknown_source_and_a_directory_are_refused(flask: Flask, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEAD}\n{GOOD}\n")

    assert "no source 'hv'" in flask("metering", "import", tmp_path / "a.csv", "--source", "hv").err
    assert flask("metering", "import", tmp_path, "--source", "hv").status == 1


@pytest.mark.usefixtures("source")
def test_a_resource_belongs_to_the_source_that_reported_it_first(
    flask: Flask, tmp_path: Path
) -> None:
    flask("metering", "add-source", "other", "--mode", "events")
    sent(flask, tmp_path, HEAD, GOOD)

    counts = flask("metering", "import", tmp_path / "logs.csv", "--source", "other").json

    assert (counts["stored"], counts["quarantined"]) == (0, 1)


@pytest.mark.usefixtures("source")
def test_every_form_of_file_gives_the_same_logs(flask: Flask, tmp_path: Path) -> None:
    import pyarrow.csv  # noqa: PLC0415
    import pyarrow.parquet  # noqa: PLC0415

    rows = [GOOD.replace("e1", f"e{n}").replace("00:00Z", f"{n:02d}:00Z") for n in range(20)]
    sent(flask, tmp_path, HEAD, *rows)
    values = [dict(zip(HEAD.split(","), row.split(","), strict=True)) for row in rows]
    (tmp_path / "a.json").write_text(json.dumps(values))
    (tmp_path / "a.ndjson.gz").write_bytes(
        gzip.compress("\n".join(map(json.dumps, values)).encode())
    )
    options = pyarrow.csv.ConvertOptions(column_types={"at": pyarrow.string()})
    table = pyarrow.csv.read_csv(tmp_path / "logs.csv", convert_options=options)
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")

    files = [tmp_path / name for name in ("a.json", "a.ndjson.gz", "a.parquet")]
    counts = flask("metering", "import", *files, "--source", "hv").json
    piped = flask(
        "metering", "import", "-", "--source", "hv", stdin=(tmp_path / "a.json").read_bytes()
    )

    assert (counts["stored"], counts["duplicates"]) == (0, 60)
    assert piped.json["duplicates"] == 20


def test_somebody_elses_database_is_pulled_and_late_rows_are_found(
    flask: Flask, tmp_path: Path
) -> None:
    import sqlite3  # noqa: PLC0415

    theirs = sqlite3.connect(tmp_path / "theirs.db")
    theirs.execute(
        "CREATE TABLE events (id INTEGER PRIMARY KEY, uuid, vm, tenant, ts, status, cpus, ram)"
    )
    row = "INSERT INTO events VALUES (?, ?, 'vm-9', 'alpha', ?, 'running', 2, 2048)"
    theirs.execute(row, (1, "u1", "2026-01-01T00:00:00Z"))
    theirs.execute(row, (3, "u3", "2026-01-01T02:00:00Z"))
    theirs.commit()
    (tmp_path / "map.toml").write_text(
        'table = "events"\ngrowing = "id"\noverlap = 5\n[columns]\n'
        'event_id = "uuid"\nvm_id = "vm"\n'
        'customer = "tenant"\nat = "ts"\nstate = "status"\nvcpus = "cpus"\nmemory_mib = "ram"\n'
    )
    url = f"sqlite:///{tmp_path / 'theirs.db'}"
    added = flask(
        "metering",
        "add-source",
        "theirs",
        "--mode",
        "events",
        "--url",
        url,
        "--mapping",
        tmp_path / "map.toml",
    )
    assert added.status == 0, added.err

    first = flask("metering", "run", "--format", "json").json
    theirs.execute(row, (2, "u2", "2026-01-01T01:00:00Z"))
    theirs.commit()
    second = flask("metering", "run", "--format", "json").json

    assert first["logs"] == 2
    assert second["logs"] == 3
    assert flask("metering", "run", "--format", "json").json["logs"] == 0
