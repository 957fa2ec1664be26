"""Payments are made at a simulated gateway."""

import pytest
from apiflask import APIFlask

from dcx.settings import Settings
from tests.support.databases import PostgresDatabases, SqliteDatabases, settings_of
from tests.support.gateway import SimulatedGateway
from tests.support.paying import Till


@pytest.fixture
def settings(databases: SqliteDatabases | PostgresDatabases, gateway: SimulatedGateway) -> Settings:
    return settings_of(databases.fresh(), **gateway.settings)


@pytest.fixture
def till(app: APIFlask, gateway: SimulatedGateway, people: None) -> Till:
    """alpha's till; what the gateway tells comes to the app's own doors."""
    assert people is None
    gateway.deliver_to(app.test_client())
    return Till(app, gateway)
