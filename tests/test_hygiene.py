"""How DCX speaks HTTP: headers on every answer, known hosts, limits, and forms with tokens."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from flask import request
from flask.testing import FlaskClient

from dcx.accounts import service as accounts
from dcx.repository.session import transaction
from dcx.settings import Settings, SettingsError
from tests.conftest import SignIn, token_of
from tests.support.apps import let_go, make_app
from tests.support.databases import PostgresDatabases, SqliteDatabases, settings_of
from tests.test_doors import OF, rules

Made = Callable[..., APIFlask]
HTTPS = {
    "DCX_ENV": "production",
    "DCX_PUBLIC_URL": "https://billing.example",
    "DCX_SECRET_KEY": "a long key that only these tests have",  # pragma: allowlist secret
    "DCX_ENCRYPTION_KEYS": "another long key that only these tests have",
    "DCX_LOCAL_SIGNIN": "on",
}


@pytest.fixture
def made(databases: SqliteDatabases | PostgresDatabases) -> Iterator[Made]:
    """Make a DCX with some settings."""
    apps = []

    def make(**changes: str) -> APIFlask:
        apps.append(make_app(settings_of(databases.fresh(), **changes)))
        return apps[-1]

    yield make
    for app in apps:
        let_go(app)


def get(client: FlaskClient, path: str, host: str = "billing.example", **head: str) -> Any:
    with client.application.app_context():
        return client.get(path, base_url=f"https://{host}", headers=head)


@pytest.mark.parametrize("path", ["/signin", "/no/such/page", "/jobs", "/api/v1/no", "/healthz"])
def test_every_answer_is_armoured(made: Made, path: str) -> None:
    answer = get(made(**HTTPS).test_client(), path)

    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert "unsafe" not in str(policy)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
    assert "HX-Request" in answer.headers["Vary"]
    assert "Traceback" not in answer.get_data(as_text=True)


def test_cookies_are_of_this_host_and_out_of_reach_of_scripts(made: Made) -> None:
    answer = get(made(**HTTPS).test_client(), "/signin")

    name, _, flags = answer.headers["Set-Cookie"].partition("=")
    assert name == "__Host-dcx"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {
        flag.strip() for flag in flags.split(";")
    }
    assert "Domain" not in flags


def test_the_choice_of_a_theme_is_kept_as_strictly(made: Made) -> None:
    app = made(**HTTPS)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()

    with app.app_context():
        sent = {"theme": "dark", "back": "//evil.example"}
        answer = client.post("/theme", base_url="https://billing.example", data=sent)

    assert answer.headers["Location"] == "/"
    flags = [flag.strip() for flag in answer.headers["Set-Cookie"].split(";")]
    assert flags[0] == "__Host-theme=dark"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags)
    assert 'data-bs-theme="dark"' in get(client, "/signin").get_data(as_text=True)


@pytest.mark.parametrize("host", ["evil.example", "billing.example.evil.example", "127.0.0.1"])
def test_another_host_is_not_answered(made: Made, host: str) -> None:
    assert get(made(**HTTPS).test_client(), "/signin", host).status_code == 400


def test_further_hosts_are_answered_once_they_are_set(made: Made) -> None:
    client = made(**HTTPS, DCX_HOSTS="pay.example, bills.example").test_client()

    assert [get(client, "/signin", host).status_code for host in ("pay.example", "x.example")] == [
        200,
        400,
    ]


def test_forwarded_addresses_count_only_behind_proxies_that_are_set(made: Made) -> None:
    def seen(app: APIFlask) -> str:
        told = []
        app.before_request(lambda: told.append(request.remote_addr))
        get(app.test_client(), "/healthz", **{"X-Forwarded-For": "203.0.113.9"})
        return str(told[0])

    assert seen(made(**HTTPS)) == "127.0.0.1"
    assert seen(made(**HTTPS, DCX_PROXIES="1")) == "203.0.113.9"


def test_too_many_requests_are_refused_and_say_when_to_come_again(made: Made) -> None:
    client = made(DCX_RATE_LIMIT="5 per minute").test_client()

    answers = [client.get("/signin") for _ in range(7)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) <= 60
    assert "5 per 1 minute" in answers[-1].get_data(as_text=True)
    assert client.get("/healthz").status_code == 200


def test_keys_of_one_name_spend_nothing_of_each_other(made: Made) -> None:
    app = made(DCX_RATE_LIMIT="3 per minute")
    client = app.test_client()
    with app.app_context(), transaction() as session:
        secrets = [
            accounts.add_key(session, "collector", ["metering:read"], customer=None, now_us=1)
            for _ in range(2)
        ]

    def ask(secret: str) -> int:
        head = {"Authorization": f"Bearer {secret}"}
        with app.app_context():
            return client.get("/api/v1/metering/runs", headers=head).status_code

    assert [ask(secrets[0]) for _ in range(4)] == [200] * 3 + [429]
    assert ask(secrets[1]) == 200


@pytest.mark.parametrize("rate", ["often", "0 per minute", "5 per week", "5;DROP"])
def test_a_rate_that_is_none_is_refused_at_the_start(rate: str) -> None:
    with pytest.raises(SettingsError, match="DCX_RATE_LIMIT"):
        Settings.from_environment({"DCX_RATE_LIMIT": rate})


def test_a_body_that_is_too_large_is_refused(made: Made) -> None:
    client = made().test_client()

    answer = client.post("/signin", data=b"x" * (65 * 1024 * 1024))

    assert answer.status_code == 413


@pytest.mark.usefixtures("people")
def test_every_unsafe_door_wants_its_token(app: APIFlask, sign_in: SignIn) -> None:
    clients = {"owner": sign_in("alice"), "other": sign_in("ada")}
    exempt = {"accounts.backchannel_logout", "payments.notify", "payments.returned"}

    for endpoint, method, address in rules(app):
        if method in {"GET", "HEAD"} or endpoint in exempt or OF[endpoint].startswith("scope"):
            continue
        client = clients["owner" if OF[endpoint] == "owner" else "other"]
        answer = client.open(address, method=method)
        assert answer.status_code == 400, address
        assert "stale" in answer.get_data(as_text=True), address


def test_a_token_of_another_session_does_not_fit(sign_in: SignIn) -> None:
    alice, victor = sign_in("alice"), sign_in("victor")
    stolen = token_of(victor, "/me")

    assert alice.post("/me/sessions/end-others", data={"csrf_token": stolen}).status_code == 400


def test_htmx_sends_the_token_by_header(sign_in: SignIn) -> None:
    alice = sign_in("alice")
    head = {"X-CSRFToken": token_of(alice, "/me"), "HX-Request": "true"}

    answer = alice.post("/me/sessions/end-others", headers=head)

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/me"
