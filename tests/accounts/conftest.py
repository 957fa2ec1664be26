"""A DCX that trusts a small provider of single sign-on, and browsers that come through it."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from tests.support.apps import serving
from tests.support.databases import PostgresDatabases, SqliteDatabases, settings_of
from tests.support.mini_provider import MiniProvider, mini_provider

GROUPS = {
    "DCX_OIDC_STAFF_GROUP": "staff",
    "DCX_OIDC_ADMIN_GROUP": "admins",
    "DCX_OIDC_BILLING_GROUP": "billing",
}


@pytest.fixture(scope="session")
def served() -> Iterator[MiniProvider]:
    with mini_provider() as found:
        yield found


@pytest.fixture
def provider(served: MiniProvider) -> MiniProvider:
    """The provider, answering well until a test says otherwise."""
    served.nonce, served.make_token = "", None
    for changed in (served.said, served.userinfo, served.answers, served.asked):
        changed.clear()
    return served


@pytest.fixture
def app(
    databases: SqliteDatabases | PostgresDatabases, provider: MiniProvider
) -> Iterator[APIFlask]:
    """As everywhere, and with single sign-on."""
    changes = {
        "DCX_OIDC_ISSUER": provider.issuer,
        "DCX_OIDC_CLIENT_ID": "dcx",
        "DCX_OIDC_CLIENT_SECRET": "a secret",  # pragma: allowlist secret
        "DCX_PUBLIC_URL": "http://localhost",
        **GROUPS,
    }
    with serving(settings_of(databases.fresh(), **changes)) as app:
        yield app


Come = Callable[..., Any]


def begun(client: FlaskClient, provider: MiniProvider, wanted: str = "/") -> str:
    """Begin a sign-in; the provider learns its nonce, the test its state."""
    answer = client.get(f"/auth/signin/1?next={wanted}")
    assert answer.status_code == 302
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    provider.nonce = asked["nonce"][0]
    return asked["state"][0]


@pytest.fixture
def come(app: APIFlask, provider: MiniProvider) -> Come:
    """Come through the provider as somebody; answers the client and where it was led."""

    def enter(client: FlaskClient | None = None, wanted: str = "/", **said: Any) -> Any:
        browser = client or app.test_client()
        provider.said.update(said)
        provider.userinfo.update({"sub": provider.said.get("sub", "p-1")})
        state = begun(browser, provider, wanted)
        answer = browser.get(f"/auth/callback?code=c&state={state}")
        return browser, answer

    return enter
