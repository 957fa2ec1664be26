"""Links by which anybody may read one estimate, for some days."""

import re
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import text

from dcx.estimates import service
from dcx.estimates.routes.ground import desk
from dcx.estimates.service import shares
from dcx.estimates.service.shares import DAY_US, MOST_GUESSES
from dcx.kit.ids import fingerprint
from dcx.repository.session import reading, transaction
from tests.conftest import Flask, SignIn
from tests.estimates.conftest import DATA, E1, Keys
from tests.estimates.test_saved_pages import BY, deeds, plain, post, saved, text_of
from tests.support.schema import faults, schema_of

GONE = "This link leads nowhere"


@pytest.fixture
def book(flask: Flask, people: None) -> None:
    assert people is None
    assert flask("pricing", "publish", DATA / "e1_book.toml").status == 0


def linked(key: str, *, days: int = 30, ago_us: int = 0) -> str:
    """The path of a link to an estimate, made some time ago."""
    with transaction() as session:
        one = service.get_saved(session, key, customer=None)
        made_us = desk().now_us - ago_us
        _, token = shares.share(session, one, days=days, by=BY, now_us=made_us)
    return f"/shared/estimates/{token}"


@pytest.mark.usefixtures("book")
def test_an_owner_makes_a_link_that_anybody_reads_until_it_is_revoked(
    app: APIFlask, sign_in: SignIn
) -> None:
    key = saved()
    alice, nobody = sign_in("alice"), app.test_client()
    there = f"/c/alpha/estimates/{key}/share"
    assert "No links yet" in text_of(alice, there)

    made = post(alice, there, days="7")
    page = made.get_data(as_text=True)
    assert made.status_code == 201
    link = re.findall(r'id="made"[^>]*>([^<]+)<', page)[0]
    token = link.rpartition("/")[2]
    assert link == f"{app.config['DCX'].public_url}/shared/estimates/{token}"
    assert token not in alice.get(there).get_data(as_text=True), "the link is shown once"
    with reading() as session:
        kept = session.execute(text("SELECT * FROM estimate_share")).mappings().one()
        audit = str(session.execute(text("SELECT * FROM audit_entry")).mappings().all())
    assert kept["token_hash"] == fingerprint(token)
    assert token not in str(kept) + audit
    assert "1 open link" in text_of(alice, f"/c/alpha/estimates/{key}")

    with reading() as session:
        one = shares.shares_of(session, service.get_saved(session, key, customer="alpha"))[0]
    revoke = f"/c/alpha/estimates/{key}/links/{one.key}/revoke"
    assert post(sign_in("charlie"), revoke.replace("alpha", "gamma")).status_code == 404
    assert nobody.get(f"/shared/estimates/{token}").status_code == 200
    for _ in range(2):
        assert post(alice, revoke).status_code == 303
    assert GONE in text_of(nobody, f"/shared/estimates/{token}", 404)
    assert "Revoked" in text_of(alice, there)
    assert [action for _, action in deeds()] == [
        "estimate saved", "estimate shared", "estimate link revoked",
    ]  # fmt: skip


@pytest.mark.usefixtures("book")
def test_what_a_link_shows_is_read_only_private_and_for_nobody_to_find(
    app: APIFlask, sign_in: SignIn
) -> None:
    path, nobody = linked(saved()), app.test_client()
    answer = nobody.get(path)
    page = answer.get_data(as_text=True)
    for words in ("Highveld Cloud", "Web shop", "R5 927,56", "not a tax invoice", "works until"):
        assert words in plain(page), words
    for words in ("Alpha", "alice", "Sign in", 'csrf_token" value', "Price again", "<form method"):
        assert words not in page.replace('<form method="dialog">', ""), words
    assert '<meta name="robots" content="noindex, nofollow">' in page
    pdf = nobody.get(f"{path}/estimate.pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.get_data().startswith(b"%PDF")
    for each in (answer, pdf, nobody.get("/shared/estimates/none/estimate.pdf")):
        assert each.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert each.headers["Referrer-Policy"] == "no-referrer"
        assert each.headers["Cache-Control"] == "no-store"
    by_staff = sign_in("sam").get(path).get_data(as_text=True)
    for words in ("Sam", "sam@", "/pricing/", "Sign out"):
        assert words not in by_staff.replace("Same", ""), words


@pytest.mark.usefixtures("book")
def test_unknown_expired_revoked_and_removed_look_alike_and_guessing_ends(
    app: APIFlask, sign_in: SignIn
) -> None:
    key, other = saved(), saved()
    alice = sign_in("alice")
    expired, removed, good = linked(key, days=1, ago_us=DAY_US), linked(other), linked(key)
    nobody = app.test_client()
    assert "Expired" in text_of(alice, f"/c/alpha/estimates/{key}/share")
    assert nobody.get(removed).status_code == 200
    post(alice, f"/c/alpha/estimates/{other}/remove")

    answers = [nobody.get(path) for path in (expired, removed, "/shared/estimates/unknown")]
    pages = {answer.get_data(as_text=True) for answer in answers}
    assert {answer.status_code for answer in answers} == {404}
    assert (
        len({re.sub(r'csrf_token":"[^"]*"|X-CSRFToken":"[^"]*"', "", page) for page in pages}) == 1
    )
    assert "ask whoever sent it for a new one" in plain(pages.pop())
    assert answers[0].headers["X-Robots-Tag"] == "noindex, nofollow"
    assert nobody.get(good).status_code == 200, "those were three of twenty tries"

    for number in range(MOST_GUESSES - 3):
        assert nobody.get(f"/shared/estimates/guess-{number}").status_code == 404
    slowed = nobody.get(good)
    assert slowed.status_code == 429
    assert "Wait 15 minutes" in plain(slowed.get_data(as_text=True))
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert nobody.get(good, environ_overrides=elsewhere).status_code == 200


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("days", ["", "0", "91", "-3", "1.5", "seven", "9" * 40, "٣"])
def test_a_link_lasts_from_one_to_ninety_days(sign_in: SignIn, days: str) -> None:
    key, alice = saved(), sign_in("alice")
    refused = post(alice, f"/c/alpha/estimates/{key}/share", days=days)
    assert refused.status_code == 422
    assert "from 1 to 90" in plain(refused.get_data(as_text=True))
    assert [action for _, action in deeds()] == ["estimate saved"]


def test_programs_share_once_for_a_key_and_the_link_is_kept_sealed(
    app: APIFlask, keys: Keys
) -> None:
    key = keys["alpha"].post("/api/v1/estimates", json=E1).get_json()["id"]
    there = f"/api/v1/estimates/{key}/share"

    def ask(client: FlaskClient, body: Any, once: str = "") -> Any:
        headers = {"Idempotency-Key": once} if once else {}
        return client.post(there, json=body, headers=headers)

    first = ask(keys["alpha"], {"days": 7}, "k1")
    assert first.status_code == 201, first.text
    again = ask(keys["alpha"], {"days": 7}, "k1")
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert ask(keys["alpha"], {"days": 8}, "k1").status_code == 409
    usual = ask(keys["alpha"], {}).get_json()
    assert usual["url"] != first.get_json()["url"]
    spec = keys["alpha"].get("/api/v1/openapi.json").get_json()
    wanted = schema_of(spec, "/api/v1/estimates/{estimate}/share", "post", 201)
    assert faults(spec, wanted, first.get_json()) == []

    url = first.get_json()["url"]
    assert first.get_json()["expires_at"].endswith("Z")
    path = url.removeprefix(app.config["DCX"].public_url)
    assert app.test_client().get(path).status_code == 200
    with reading() as session:
        tables = ("idempotency", "estimate_share", "audit_entry", "throttle")
        kept = [session.execute(text(f"SELECT * FROM {name}")).all() for name in tables]
    assert url.rpartition("/")[2] not in str(kept)
    assert len(kept[1]) == 2, "what is repeated makes no second link"

    for body in ({"days": 0}, {"days": 91}, {"days": "soon"}, {"days": None}, {"days": 1.5}):
        refused = ask(keys["alpha"], body)
        assert refused.status_code == 422, body
        assert "days" in refused.get_json()["error"]["fields"]
    assert ask(keys["gamma"], {}).status_code == 404
    assert ask(keys["provider"], {}).status_code == 201


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("who", "place"), [("victor", "/c/alpha/estimates"), ("sue", "/estimates")]
)
def test_who_only_reads_neither_shares_nor_removes(sign_in: SignIn, who: str, place: str) -> None:
    there, reader = f"{place}/{saved()}", sign_in(who)
    page, links = text_of(reader, there), text_of(reader, f"{there}/share")
    assert "Price again" in page
    assert "Remove" not in page
    assert "Your role may look at links but not make or revoke them" in links
    for act in ("share", "links/any/revoke", "remove"):
        assert post(reader, f"{there}/{act}", days="3").status_code == 403, act
    assert reader.get(f"{there}/remove").status_code == 403
