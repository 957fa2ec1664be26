"""The worked estimate, its prices, and keys to the API."""

import json
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from dcx.accounts import service as accounts
from dcx.repository.session import transaction
from tests.conftest import Flask

DATA = Path(__file__).parent / "data"
E1: dict[str, Any] = json.loads((DATA / "e1.json").read_text())
"""Three web servers, a database, two IPs and a backup, in a month of 730 hours."""

Keys = dict[str, FlaskClient]


@pytest.fixture
def prices(app: APIFlask, flask: Flask) -> None:
    """The prices of E1, as the book `standard`; alpha and gamma are customers."""
    assert app.config["DCX"]
    assert flask("pricing", "publish", DATA / "e1_book.toml").status == 0
    for key in ("alpha", "gamma"):
        assert flask("accounts", "add-customer", key, "--name", key.title()).status == 0


@pytest.fixture
def keys(app: APIFlask, prices: None) -> Keys:
    """Clients with the provider's key, and one of each customer's."""
    assert prices is None
    clients = {}
    with transaction() as session:
        for name in ("provider", "alpha", "gamma"):
            customer = None if name == "provider" else name
            secret = accounts.add_key(session, name, ["estimates"], customer=customer, now_us=1)
            clients[name] = app.test_client()
            clients[name].environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return clients
