"""Sessions end for good: here, at the provider, by its word, and by a change of rights."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from dcx.accounts.repository import SessionRepository
from dcx.accounts.service import people, sessions
from dcx.journal import service as journal
from dcx.kit.actors import Actor
from dcx.kit.ids import fingerprint
from dcx.repository.session import reading, transaction
from tests.accounts.conftest import Come
from tests.accounts.test_sso import customer, persons, sessions_open
from tests.conftest import SignIn, token_of
from tests.support.mini_provider import MiniProvider, new_key

SAM = Actor("sam@dcx.example")
HOUR_US = 3_600_000_000


@pytest.fixture(autouse=True)
def no_csrf(app: APIFlask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


def copied(app: APIFlask, client: FlaskClient) -> FlaskClient:
    """A thief with a copy of the cookie."""
    cookie = client.get_cookie("dcx")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("dcx", cookie.value)
    return thief


def test_signing_out_leads_to_the_provider_with_hint_state_and_the_way_back(
    app: APIFlask, come: Come, provider: MiniProvider
) -> None:
    client, _ = come(groups=["staff"])
    thief = copied(app, client)

    answer = client.post("/signout")

    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert answer.headers["Location"].startswith(f"{provider.issuer}/bye?")
    assert asked["post_logout_redirect_uri"] == ["http://localhost/auth/bye"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert thief.get("/jobs").status_code == 401
    assert "storage" in answer.headers["Clear-Site-Data"]
    back = client.get(f"/auth/bye?state={asked['state'][0]}")
    assert "You are signed out" in back.get_data(as_text=True)
    assert client.get(f"/auth/bye?state={asked['state'][0]}").status_code == 400


def test_htmx_is_told_to_go_to_the_provider(come: Come, provider: MiniProvider) -> None:
    client, _ = come(groups=["staff"])

    answer = client.post("/signout", headers={"HX-Request": "true"})

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith(f"{provider.issuer}/bye?")
    assert sessions_open() == 0


@pytest.mark.parametrize("answer", [(500, "text/html", "down"), (200, "application/json", "{}")])
def test_a_provider_that_is_down_keeps_nobody_signed_in(
    app: APIFlask, come: Come, provider: MiniProvider, answer: tuple[int, str, str]
) -> None:
    client, _ = come(groups=["staff"])
    provider.answers["/.well-known/openid-configuration"] = lambda: answer
    next(iter(app.config["PROVIDERS"].values()))._documents.clear()  # noqa: SLF001

    left = client.post("/signout")

    assert left.headers["Location"] == "/auth/bye"
    assert sessions_open() == 0
    assert "You are signed out" in client.get("/auth/bye").get_data(as_text=True)


def obey(client: FlaskClient, token: str) -> int:
    answer = client.post("/auth/backchannel-logout", data={"logout_token": token})
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code


def logout(provider: MiniProvider, **changes: Any) -> str:
    return provider.sign(provider.logout_claims(**changes), typ="logout+jwt")


@pytest.mark.parametrize("named", [{"sub": None}, {"sid": None}, {}], ids=["sid", "sub", "both"])
def test_the_providers_word_ends_exactly_the_sessions_that_it_names(
    app: APIFlask, come: Come, provider: MiniProvider, named: dict[str, None]
) -> None:
    ended, _ = come(groups=["staff"])
    other_person, _ = come(sub="p-2", sid="s-2")
    with_csrf = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = True

    assert obey(with_csrf, logout(provider, **named)) == 200

    assert ended.get("/jobs").status_code == 401
    assert other_person.get("/welcome").status_code == 200


def test_a_session_of_another_place_stays(
    app: APIFlask, come: Come, provider: MiniProvider
) -> None:
    first, _ = come(groups=["staff"], sid="s-1")
    second, _ = come(sid="s-2")

    assert obey(app.test_client(), logout(provider, sid="s-2")) == 200

    assert first.get("/jobs").status_code == 200
    assert second.get("/jobs").status_code == 401


Forge = Callable[[MiniProvider], str]
FORGERIES: dict[str, Forge] = {
    "typ": lambda p: p.sign(p.logout_claims()),
    "no events": lambda p: logout(p, events=None),
    "other event": lambda p: logout(p, events={"x": {}}),
    "event is no object": lambda p: logout(p, events=["x"]),
    "nonce": lambda p: logout(p, nonce="n"),
    "old": lambda p: logout(p, iat=int(time.time()) - 600, exp=int(time.time()) + 60),
    "expired": lambda p: logout(p, exp=1),
    "future": lambda p: logout(p, iat=int(time.time()) + 600),
    "audience": lambda p: logout(p, aud="another"),
    "issuer": lambda p: logout(p, iss="https://evil.example"),
    "names nobody": lambda p: logout(p, sub=None, sid=None),
    "no jti": lambda p: logout(p, jti=None),
    "jti is a number": lambda p: logout(p, jti=7),
    "none": lambda p: p.unsigned(p.logout_claims()),
    "HS256": lambda p: p.sign_with_public_key(p.logout_claims()),
    "other key": lambda p: p.sign(
        p.logout_claims(), key=new_key(), kid=p.key.kid, typ="logout+jwt"
    ),
    "an id token": lambda p: p.sign(p.claims()),
    "words": lambda _: "words",
    "nothing": lambda _: "",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_logout_token_that_does_not_hold_ends_no_session(
    app: APIFlask, come: Come, provider: MiniProvider, forge: Forge
) -> None:
    client, _ = come(groups=["staff"])

    assert obey(app.test_client(), forge(provider)) == 400

    assert client.get("/jobs").status_code == 200


def test_a_replayed_logout_token_ends_nothing(
    app: APIFlask, come: Come, provider: MiniProvider
) -> None:
    come(groups=["staff"])
    token = logout(provider)
    assert obey(app.test_client(), token) == 200
    client, _ = come(groups=["staff"])

    assert obey(app.test_client(), token) == 400

    assert client.get("/jobs").status_code == 200


def test_a_change_of_rights_gives_the_session_a_new_token(app: APIFlask, come: Come) -> None:
    client, _ = come(groups=["staff"])
    thief = copied(app, client)
    with transaction() as session:
        people.change_staff_role(session, persons()[0].key, "billing", by=SAM, now_us=1)

    assert client.get("/jobs").status_code == 200
    assert thief.get("/jobs").status_code == 401
    assert client.get("/jobs").status_code == 200


def test_coming_in_never_keeps_the_cookie_from_before(app: APIFlask, come: Come) -> None:
    client = app.test_client()
    client.get("/signin")
    before = client.get_cookie("dcx")

    come(client, groups=["staff"])

    after = client.get_cookie("dcx")
    assert after is not None
    assert before is None or after.value != before.value


@pytest.mark.parametrize(
    ("idle_h", "age_h", "lives"), [(11, 100, True), (13, 13, False), (1, 169, False)]
)
def test_sessions_run_out_when_idle_and_when_old(
    come: Come, idle_h: int, age_h: int, *, lives: bool
) -> None:
    client, _ = come(groups=["staff"])
    cookie = client.get_cookie("dcx")
    assert cookie is not None
    token = _token(client)
    now_us = int(time.time() * 1e6)
    with transaction() as session:
        row = SessionRepository(session).by_token(fingerprint(token))
        assert row is not None
        row.seen_us, row.created_us = now_us - idle_h * HOUR_US, now_us - age_h * HOUR_US

    assert client.get("/jobs").status_code == (200 if lives else 401)


def _token(client: FlaskClient) -> str:
    with client.session_transaction() as found:
        return str(found["_user_id"])


def test_people_see_and_end_their_own_sessions(app: APIFlask, come: Come) -> None:
    here, _ = come(groups=["staff"])
    there = app.test_client()
    come(there)
    with reading() as session:
        key = next(
            one.key
            for one in sessions.browsers(
                session, persons()[0].id, token=_token(here), now_us=int(time.time() * 1e6)
            )
            if not one.is_this
        )

    assert here.post(f"/me/sessions/{key}/end").status_code == 303

    assert there.get("/jobs").status_code == 401
    assert here.get("/me").status_code == 200


def test_all_others_end_at_once(app: APIFlask, come: Come) -> None:
    here, _ = come(groups=["staff"])
    others = [come(app.test_client())[0] for _ in range(3)]

    here.post("/me/sessions/end-others")

    assert [other.get("/jobs").status_code for other in others] == [401] * 3
    assert here.get("/jobs").status_code == 200


def test_nobody_ends_the_sessions_of_others_but_staff(come: Come, sign_in: SignIn) -> None:
    customer()
    victim, _ = come(groups=["staff"])
    with reading() as session:
        person = persons()[-1]
        now_us = int(time.time() * 1e6)
        key = sessions.browsers(session, person.id, token=None, now_us=now_us)[0].key

    assert sign_in("alice").post(f"/me/sessions/{key}/end").status_code == 404
    assert victim.get("/jobs").status_code == 200
    assert sign_in("sue").post(f"/people/{person.key}/sessions/{key}/end").status_code == 403
    assert sign_in("sam").post(f"/people/{person.key}/sessions/{key}/end").status_code == 303
    assert victim.get("/jobs").status_code == 401


def test_an_ended_session_leads_back_to_where_one_was(come: Come) -> None:
    client, _ = come(groups=["staff"])
    with transaction() as session:
        SessionRepository(session).end_all_of(persons()[0].id, 5)

    page = client.get("/jobs?job=meter")
    at = {"HX-Request": "true", "HX-Current-URL": "http://localhost/invoices?period=2026-01"}
    fragment = client.get("/search?q=x", headers=at)
    elsewhere = {"HX-Request": "true", "HX-Current-URL": "http://evil.example/x"}

    assert page.status_code == 401
    assert "/signin?next=/jobs?job%3Dmeter" in page.get_data(as_text=True)
    assert fragment.status_code == 401
    assert fragment.headers["HX-Redirect"] == "/signin?next=/invoices?period%3D2026-01"
    assert client.get("/search", headers=elsewhere).headers["HX-Redirect"] == "/signin?next=/"


def test_staff_who_look_at_a_customer_are_on_record_once_a_session(sign_in: SignIn) -> None:
    client = sign_in("sue")
    for _ in range(2):
        assert client.get("/c/alpha/").status_code == 200
    assert client.post("/c/alpha/keys", data={"name": "k"}).status_code == 403
    sign_in("alice").get("/c/alpha/")

    with reading() as session:
        wanted = journal.Wanted(words="looked at")
        found = journal.entries(session, wanted).rows
    assert [(entry.who, entry.as_customer) for entry in found] == [("sue@dcx.example", "alpha")]


def test_every_form_carries_its_token(app: APIFlask, come: Come) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client, _ = come(groups=["staff"])

    assert client.post("/signout").status_code == 400
    assert client.get("/jobs").status_code == 200
    token = token_of(client, "/me")
    assert client.post("/signout", data={"csrf_token": token}).status_code == 303
