"""Payments are made at a simulated gateway."""

import pytest
from apiflask import APIFlask

from dcx.accounts import service as accounts
from dcx.repository.session import transaction
from dcx.settings import Settings
from tests.support.databases import PostgresDatabases, SqliteDatabases, settings_of
from tests.support.gateway import SimulatedGateway
from tests.support.paying import Till


@pytest.fixture
def settings(databases: SqliteDatabases | PostgresDatabases, gateway: SimulatedGateway) -> Settings:
    return settings_of(databases.fresh(), **gateway.settings)


@pytest.fixture
def till(app: APIFlask, gateway: SimulatedGateway) -> Till:
    """The till of alpha, which alice owns, and a stranger gamma; what the gateway tells comes to
    the app's own doors.
    """
    gateway.deliver_to(app.test_client())
    with transaction() as session:
        for key in ("alpha", "gamma"):
            accounts.add_customer(session, accounts.Customer(key, key.title()), now_us=1)
        accounts.add_user(session, "alice@dcx.example", "alpha", "owner", now_us=1)
        accounts.add_user(session, "charlie@dcx.example", "gamma", "owner", now_us=1)
    return Till(app, gateway)
