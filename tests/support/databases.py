"""Databases for tests: pairs of SQLite files, and of databases of one PostgreSQL."""

import os
import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from flask_migrate import upgrade
from psycopg.errors import InsufficientPrivilege, ObjectInUse

from dcx.factory import create_app
from dcx.settings import Settings
from tests.support.originals import Original

ENGINES = os.environ.get("DCX_TEST_DATABASES", "sqlite,postgresql").split(",")
KINDS = ("main", "bronze")
RESTED = 2
"""So many databases given back must there be for one to be used again: its server has then ended
what served the test before.
"""


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
        self._lent: list[Path] = []
        self._prepared: dict[str, Path] = {}
        folder.mkdir(parents=True)
        migrate(self._pair(folder))

    def fresh(self, *, lasts: bool = False) -> Pair:
        """A pair for one test, or one that lasts as long as the tests do."""
        return self._copied(self._folder, lasts=lasts)

    def prepared(self, name: str, settle: Callable[[Pair], None]) -> Pair:
        """A copy of a pair of that name, which `settle` filled when it was first asked for."""
        if name not in self._prepared:
            self._prepared[name] = self._folder / f"t{self._count + 1}"
            settle(self.fresh(lasts=True))
        return self._copied(self._prepared[name], lasts=False)

    def empty(self) -> Pair:
        return self._made(lasts=False)[0]

    def take_back(self) -> None:
        """The test that these were for is over."""
        while self._lent:
            shutil.rmtree(self._lent.pop())

    def _copied(self, original: Path, *, lasts: bool) -> Pair:
        pair, folder = self._made(lasts=lasts)
        for kind in KINDS:
            shutil.copyfile(original / f"{kind}.db", folder / f"{kind}.db")
        return pair

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
        self._prepared: set[str] = set()
        self._back: dict[str, deque[str]] = {kind: deque() for kind in KINDS}
        for kind in KINDS:
            self._create(f"template_{kind}")
        migrate(Pair(*(self._url(f"template_{kind}") for kind in KINDS)))
        self._originals = {kind: self._original(f"template_{kind}") for kind in KINDS}

    def fresh(self) -> Pair:
        self._count += 1
        return Pair(*(self._url(self._ready(kind)) for kind in KINDS))

    def prepared(self, name: str, settle: Callable[[Pair], None]) -> Pair:
        """A copy of a pair of that name, which `settle` filled when it was first asked for."""
        if name not in self._prepared:
            settle(self._pair(name, "template"))
            self._prepared.add(name)
        self._count += 1
        pair = self._pair(f"t{self._count}", name)
        self._lent += [f"t{self._count}_{kind}" for kind in KINDS]
        return pair

    def empty(self) -> Pair:
        self._count += 1
        return self._pair(f"e{self._count}")

    def take_back(self) -> None:
        """The test that these were for is over: the next but one may have them."""
        for name in self._lent:
            self._back[name.partition("_")[2]].append(name)
        self._lent.clear()

    def _pair(self, name: str, template: str = "") -> Pair:
        for kind in KINDS:
            self._create(f"{name}_{kind}", template and f" TEMPLATE {template}_{kind}")
        return Pair(*(self._url(f"{name}_{kind}") for kind in KINDS))

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
