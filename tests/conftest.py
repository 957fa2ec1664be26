"""Fixtures: every test that asks for a database runs on SQLite and on PostgreSQL."""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.accounts.models import Person
from dcx.repository.session import transaction
from dcx.settings import Settings
from tests.support.apps import serving
from tests.support.databases import (
    ENGINES,
    PostgresDatabases,
    SqliteDatabases,
    settings_of,
)
from tests.support.gateway import SimulatedGateway, serve_gateway
from tests.support.servers import hurry, memory, postgres_server

PASSWORD = "correct horse battery"  # noqa: S105
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Quick to verify, for what is not about passwords: a hash says itself how hard it is."""
ALLOWED_SKIPS = ("terraform", "network namespaces", "libvirt")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresDatabases]:
    with postgres_server(memory()) as address:
        hurry(address)
        yield PostgresDatabases(address)


@pytest.fixture(scope="session")
def sqlite() -> Iterator[SqliteDatabases]:
    with tempfile.TemporaryDirectory(prefix="dcx-sqlite-", dir=memory()) as folder:
        yield SqliteDatabases(Path(folder) / "sqlite")


@pytest.fixture(scope="session")
def served_gateway() -> Iterator[SimulatedGateway]:
    with serve_gateway() as served:
        yield served


@pytest.fixture
def gateway(served_gateway: SimulatedGateway) -> SimulatedGateway:
    """PayGate, simulated, as if nothing had happened yet."""
    served_gateway.reset()
    return served_gateway


@pytest.fixture(params=ENGINES)
def databases(request: pytest.FixtureRequest) -> Iterator[SqliteDatabases | PostgresDatabases]:
    name = "sqlite" if request.param == "sqlite" else "postgres"
    found: SqliteDatabases | PostgresDatabases = request.getfixturevalue(name)
    yield found
    found.take_back()


@pytest.fixture
def settings(databases: SqliteDatabases | PostgresDatabases) -> Settings:
    return settings_of(databases.fresh())


@pytest.fixture
def app(settings: Settings) -> Iterator[APIFlask]:
    with serving(settings) as app:
        yield app


@pytest.fixture
def session(app: APIFlask) -> Iterator[Session]:
    """Main, in one open transaction."""
    assert app.config["DCX"]
    with transaction() as session:
        yield session


@dataclass
class Answer:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.status == 0, self.err
        return json.loads(self.out)


Flask = Callable[..., Answer]


@pytest.fixture
def flask(app: APIFlask) -> Flask:
    """Run `flask ...` and get its answer."""
    return commands_of(app)


def commands_of(app: APIFlask) -> Flask:
    runner = app.test_cli_runner()

    def run(*arguments: object, stdin: str | bytes | None = None) -> Answer:
        result = runner.invoke(args=[str(argument) for argument in arguments], input=stdin)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    return run


@dataclass
class Statements:
    """The SQL statements run since it was cleared."""

    seen: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.seen)


@pytest.fixture
def statements() -> Iterator[Statements]:
    counted = Statements()

    def note(*arguments: Any) -> None:
        if not arguments[2].startswith(("PRAGMA", "BEGIN")):
            counted.seen.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", note)
    yield counted
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def people(app: APIFlask) -> None:
    """alice owns alpha, victor looks at it; charlie owns gamma; ada, sam and sue are staff."""
    assert app.config["DCX"]
    settle_people()


def settle_people() -> None:
    with transaction() as session:
        for key in ("alpha", "gamma"):
            accounts.add_customer(session, accounts.Customer(key, key.title()), now_us=1)
        accounts.add_user(session, "alice@dcx.example", "alpha", "owner", now_us=1)
        accounts.add_user(session, "victor@dcx.example", "alpha", "viewer", now_us=1)
        accounts.add_user(session, "charlie@dcx.example", "gamma", "owner", now_us=1)
        for name, role in (("ada", "admin"), ("sam", "billing"), ("sue", "support")):
            accounts.add_staff(session, f"{name}@dcx.example", role, now_us=1)
        for person in session.query(Person).all():
            person.password_hash = PASSWORD_HASH


SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def sign_in(app: APIFlask, people: None) -> SignIn:
    """A browser signed in as somebody, whose every HTML answer is checked."""
    assert people is None

    def enter(name: str) -> FlaskClient:
        client = app.test_client()
        token = token_of(client, "/signin")
        sent = {"email": f"{name}@dcx.example", "password": PASSWORD, "csrf_token": token}
        assert client.post("/signin", data=sent).status_code == 303
        return client

    return enter


def token_of(client: FlaskClient, page: str) -> str:
    """The CSRF token that a page's forms carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).get_data(as_text=True))
    assert found, f"{page} has no form"
    return found.group(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long begin early, so that processes that share the tests end together."""
    items.sort(key=lambda item: not any(map(item.get_closest_marker, ("long", "browser"))))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What was skipped without leave fails where everything must run: CI is set by .ci/run."""
    terminal = session.config.pluginmanager.getplugin("terminalreporter")
    if terminal is None:
        return  # a process that shares the tests: the one that reports looks
    without_leave = skipped_without_leave(terminal.stats.get("skipped", []))
    if os.environ.get("CI") and without_leave:
        session.exitstatus = 1
        terminal.write_line(f"Skipped without leave: {without_leave}", red=True)


def skipped_without_leave(reports: Iterable[Any]) -> list[str]:
    """Tests and whole files that were skipped for a reason other than the allowed ones."""
    reasons = [(each.nodeid, str(each.longrepr[2])) for each in reports]
    return [
        f"{name}: {reason}"
        for name, reason in reasons
        if not reason.removeprefix("Skipped: ").startswith(ALLOWED_SKIPS)
    ]
