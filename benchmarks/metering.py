"""Import against a bare bulk load, metering against merely reading, runs against more history."""

import tempfile
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.ground import Claim, against, fresh_app, paired, rows_of, timed, trace, unpacked
from dcx.kit.periods import parse_instant, to_us
from dcx.metering import jobs, service
from dcx.metering.bronze import COLUMNS, LogLoader
from dcx.metering.reader import open_rows
from dcx.repository.session import engine_of, reading, transaction
from tests.support.databases import PostgresDatabases

NOBODY: frozenset[str] = frozenset()


def claims(engine: str, servers: PostgresDatabases | None) -> list[Claim]:
    """The claims of metering on one engine."""
    with tempfile.TemporaryDirectory() as folder:
        path = unpacked(Path(folder))
        parsed = _parsed(path)
        found = [
            paired(
                f"{engine}: import of {len(parsed):,} samples / bare load, same table and keys",
                lambda: _import(engine, servers, path),
                lambda: _bare_load(engine, servers, parsed),
                "2.5 x (aim 1.5 x)",
            )
        ]
        with fresh_app(engine, servers):
            _load(path)
            found.append(
                paired(
                    f"{engine}: metering them from nothing / reading the same rows in order",
                    _meter_all,
                    _read_all,
                    "1.5 x",
                )
            )
            idle, fresh = _runs()
            found.append(Claim(f"{engine}: a run with nothing new", idle[0], None, None, "0.050 s"))
            _grow_history()
            later_idle, later_fresh = _runs()
            name = f"{engine}: a run with nothing new, history x 10 / x 1"
            found.append(against(name, later_idle, idle, "1.2 x"))
            name = f"{engine}: a run after 1,000 new samples, history x 10 / x 1"
            found.append(against(name, later_fresh, fresh, "1.5 x"))
        return found


def whole() -> None:
    """Import the packed trace and meter it, on SQLite: what memory is measured on."""
    with fresh_app("sqlite", None):
        _load(trace())
        jobs.meter()


def _delivery() -> service.Delivery:
    return service.Delivery("bench", "bench", NOBODY, to_us(datetime.now(UTC)))


def _load(path: Path) -> None:
    with transaction("bronze") as session:
        service.add_source(session, "bench", mode="samples", now_us=1)
    with transaction("bronze") as session, open_rows(str(path)) as rows:
        receipt = service.ingest(session, _delivery(), rows)
    if not receipt.stored or receipt.quarantined:
        raise AssertionError(f"FAILED: {receipt.counts()}")


def _import(engine: str, servers: PostgresDatabases | None, path: Path) -> float:
    with fresh_app(engine, servers):
        return timed(lambda: _load(path))


def _parsed(path: Path) -> list[tuple[Any, ...]]:
    """The rows as tuples of vm_log's columns, made before the clock starts."""
    return [
        (1, 1, row[0], parse_instant(row[3]), 0, 0, *row[1:3], row[4], int(row[5]), int(row[6]),
         "", row[7], "", "", "")
        for row in rows_of(path)
    ]  # fmt: skip


def _bare_load(
    engine: str, servers: PostgresDatabases | None, rows: list[tuple[Any, ...]]
) -> float:
    """executemany, or COPY to a temporary table and INSERT, with ON CONFLICT and nothing else."""
    with fresh_app(engine, servers):
        with transaction("bronze") as session:
            service.add_source(session, "bench", mode="samples", now_us=1)
            session.execute(
                text(
                    "INSERT INTO batch (source_id, name, received_us, rows, stored, duplicates,"
                    " conflicts, quarantined, held, ignored)"
                    " VALUES (1, 'b', 1, 0, 0, 0, 0, 0, 0, 0)"
                )
            )
        return timed(lambda: _insert(rows))


def _insert(rows: list[tuple[Any, ...]]) -> None:
    with transaction("bronze") as session:
        loader = LogLoader(session, "vm")
        batches = (rows[place : place + 20_000] for place in range(0, len(rows), 20_000))
        stored = sum(loader.store(batch)[0] for batch in batches)
        assert len(COLUMNS["vm"]) == len(rows[0])
    if stored != len(rows):
        raise AssertionError(f"FAILED: {stored} of {len(rows)} stored")


def _meter_all() -> float:
    """Everything again: no segments, every resource pending."""
    with transaction() as session:
        session.execute(text("DELETE FROM usage_segment"))
    with transaction("bronze") as session:
        session.execute(text("DELETE FROM pending"))
        session.execute(
            text(
                "INSERT INTO pending (kind, resource, first_us, last_us)"
                " SELECT 'vm', resource, min(at_us), max(at_us) FROM vm_log GROUP BY resource"
            )
        )
    done: list[jobs.Ran] = []
    seconds = timed(lambda: done.append(jobs.meter()))
    if not done[0].segments:
        raise AssertionError("FAILED: no segments")
    return seconds


def _read_all() -> float:
    def read() -> None:
        with reading("bronze") as session:
            driver = session.connection().connection.driver_connection
            cursor = driver.execute(  # type: ignore[union-attr]
                "SELECT at_us, resource, customer, state, vcpus, memory_mib, region, flavor, os"
                " FROM vm_log ORDER BY resource, at_us, seq, event_id"
            )
            if not sum(1 for _ in cursor):
                raise AssertionError("FAILED: nothing read")

    return timed(read)


def _nothing_new() -> float:
    return timed(jobs.meter)


def _runs() -> tuple[list[float], list[float]]:
    """(runs with nothing new, runs after 1,000 new samples)."""
    _new_samples(0)
    idle = [_nothing_new() for _ in range(7)]
    return idle, [_new_samples(turn) for turn in range(1, 6)]


def _grow_history() -> None:
    """Nine more copies of the trace, each eight days older than the one before."""
    days_us = 8 * 24 * 3_600 * 1_000_000
    names = ", ".join(name for name in COLUMNS["vm"] if name not in {"event_id", "at_us"})
    for turn in range(1, 10):
        with transaction("bronze") as session:
            session.execute(
                text(
                    f"INSERT INTO vm_log (event_id, at_us, {names})"
                    f" SELECT '{turn}/' || event_id, at_us - {turn * days_us}, {names}"
                    " FROM vm_log WHERE event_id NOT LIKE '%/%'"
                )
            )
    _settle()


def _settle() -> None:
    """What a database does by itself once so much was written: not while it is measured."""
    engine = engine_of("bronze").execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE" if engine.name == "sqlite" else "VACUUM ANALYZE"))


_turns = count()


def _new_samples(_: int) -> float:
    """1,000 samples of the VMs that are there, a minute after their last; then a run."""
    with reading("bronze") as session:
        last = session.execute(
            text("SELECT resource, max(at_us) FROM vm_log GROUP BY resource LIMIT 500")
        ).all()
    head = ("event_id", "vm_id", "customer", "at", "state", "vcpus", "memory_mib")
    turn, each = next(_turns), 1000 // len(last)
    rows = []
    for vm, at_us in last:
        for place in range(1, each + 1):
            at = datetime.fromtimestamp(at_us / 1e6 + 60 * place, UTC)
            cells = [f"new/{turn}-{vm}-{place}", vm, "cust", at, "running", 2, 2048]
            rows.append((head, cells, ""))
    with transaction("bronze") as session:
        service.ingest(session, _delivery(), iter(rows))
    return timed(jobs.meter)
