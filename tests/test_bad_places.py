"""A bad place is refused in one line that says what to do, and nothing is half done."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from dcx.factory import create_app
from dcx.repository.session import engine_of
from dcx.settings import Settings, SettingsError
from tests.metering.test_ingest import GOOD, HEAD
from tests.support.databases import Pair, SqliteDatabases, settings_of

Flask = Callable[..., Any]


def bronze_file() -> str | None:
    """The path of bronze, where it is a file."""
    return engine_of("bronze").url.database if engine_of("bronze").name == "sqlite" else None


def test_databases_without_migrations_are_refused(sqlite: SqliteDatabases) -> None:
    app = create_app(settings_of(sqlite.empty()))

    result = app.test_cli_runner().invoke(args=["metering", "run"])

    assert result.exit_code == 1
    assert "lacks a migration. Run: flask db upgrade" in result.stderr
    with app.app_context():
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


def test_a_full_disk_stores_nothing_and_work_goes_on_after(flask: Flask, tmp_path: Path) -> None:
    if not bronze_file():
        assert flask("check").status == 0
        return
    flask("metering", "add-source", "hv", "--mode", "events")
    rows = [GOOD.replace("e1", f"e{n}").replace("vm-1", f"vm-{n}") for n in range(5_000)]
    (tmp_path / "a.csv").write_text("\n".join([HEAD, *rows]))
    engine = engine_of("bronze")
    engine.dispose()

    def small(connection: Any, _: object) -> None:
        connection.execute("PRAGMA max_page_count=60")

    event.listen(engine, "connect", small)
    refused = flask("metering", "import", tmp_path / "a.csv", "--source", "hv")
    event.remove(engine, "connect", small)
    engine.dispose()

    assert refused.status == 1
    assert "disk is full" in refused.err
    assert f"bronze database, {bronze_file()}," in refused.err
    counts = flask("metering", "import", tmp_path / "a.csv", "--source", "hv").json
    assert counts["stored"] == 5_000


def test_a_locked_database_is_said_to_be_locked(flask: Flask, tmp_path: Path) -> None:
    path = bronze_file()
    if path is None:
        assert flask("check").status == 0
        return
    flask("metering", "add-source", "hv", "--mode", "events")
    (tmp_path / "a.csv").write_text(f"{HEAD}\n{GOOD}\n")
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")

    refused = flask("metering", "import", tmp_path / "a.csv", "--source", "hv")
    other.close()

    assert refused.status == 1
    assert "locked by another process" in refused.err
    assert f"bronze database, {path}," in refused.err


def test_a_database_that_cannot_be_opened_is_named_without_its_password(tmp_path: Path) -> None:
    places = Pair(
        "postgresql+psycopg://dcx:geheim@127.0.0.1:1/dcx",  # pragma: allowlist secret
        f"sqlite:///{tmp_path}/b.sqlite3",
    )
    file = Pair(f"sqlite:///{tmp_path}/nowhere/main.sqlite3", f"sqlite:///{tmp_path}/b.sqlite3")

    refused = [
        create_app(settings_of(each)).test_cli_runner().invoke(args=["metering", "run"])
        for each in (file, places)
    ]

    assert [result.exit_code for result in refused] == [1, 1]
    assert f"The main database, {tmp_path}/nowhere/main.sqlite3," in refused[0].stderr
    assert "The main database, dcx@127.0.0.1:1," in refused[1].stderr
    assert not any("geheim" in result.stderr for result in refused)


def test_production_refuses_weak_settings_one_line_each() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(
            {"DCX_ENV": "production", "DCX_TIMEZONE": "Mars/Base", "FLASK_DEBUG": "1"}
        )

    assert [line.partition(" ")[0] for line in str(refused.value).splitlines()] == [
        "DCX_TIMEZONE", "DCX_SECRET_KEY", "DCX_ENCRYPTION_KEYS", "DCX_PUBLIC_URL",
        "FLASK_DEBUG",
    ]  # fmt: skip
