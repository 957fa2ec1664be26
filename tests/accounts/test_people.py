"""Customers look after their own people and keys, and staff after everybody."""

import re
import time

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select

from dcx.accounts import service as accounts
from dcx.accounts.errors import LinkGoneError
from dcx.accounts.models import ApiKey, Person
from dcx.accounts.service import domains, invitations
from dcx.accounts.service import people as service
from dcx.journal import service as journal
from dcx.kit.actors import Actor
from dcx.notifications.models import Mail
from dcx.repository.session import reading, transaction
from tests.accounts.conftest import Come
from tests.conftest import PASSWORD, SignIn

SAM = Actor("sam@dcx.example")


@pytest.fixture(autouse=True)
def _no_csrf(app: APIFlask, people: None) -> None:
    assert people is None
    app.config["WTF_CSRF_ENABLED"] = False


def key_of(name: str) -> str:
    with reading() as session:
        login = f"{name}@dcx.example"
        return session.scalars(select(Person.key).where(Person.login == login)).one()


def roles_at(customer: str) -> dict[str, str]:
    with reading() as session:
        return {one.email.split("@")[0]: one.role for one in service.members(session, customer)}


def links(kind: str) -> list[str]:
    with reading() as session:
        texts = session.scalars(select(Mail.text).where(Mail.kind == kind).order_by(Mail.id)).all()
    return [found.group(0) for text in texts if (found := re.search(r"/invitations/\S+", text))]


def test_an_owner_changes_roles_and_removes_people(sign_in: SignIn) -> None:
    alice, victor = sign_in("alice"), sign_in("victor")
    assert victor.post(f"/c/alpha/people/{key_of('alice')}", data={"role": ""}).status_code == 403

    alice.post(f"/c/alpha/people/{key_of('victor')}", data={"role": "owner"})
    assert roles_at("alpha") == {"alice": "owner", "victor": "owner"}
    alice.post(f"/c/alpha/people/{key_of('victor')}", data={"role": ""})

    assert roles_at("alpha") == {"alice": "owner"}
    assert victor.get("/c/alpha/").status_code == 404


@pytest.mark.parametrize("role", ["", "viewer"])
def test_the_last_owner_stays(sign_in: SignIn, role: str) -> None:
    for client, door in (("alice", "/c/alpha/people"), ("ada", "/customers/alpha/people")):
        browser = sign_in(client)
        browser.post(f"{door}/{key_of('alice')}", data={"role": role})
        assert "Somebody must own the account" in browser.get("/me").get_data(as_text=True)

    assert roles_at("alpha")["alice"] == "owner"


def test_an_owner_reaches_nobody_elses_people(sign_in: SignIn) -> None:
    alice, charlie = sign_in("alice"), key_of("charlie")

    assert alice.post(f"/c/alpha/people/{charlie}", data={"role": ""}).status_code == 404
    assert alice.post(f"/c/gamma/people/{charlie}", data={"role": ""}).status_code == 404
    assert roles_at("gamma") == {"charlie": "owner"}


def test_who_is_invited_makes_an_account_and_is_in(app: APIFlask, sign_in: SignIn) -> None:
    sign_in("alice").post(
        "/c/alpha/people/invite", data={"email": "New@Karoo.example", "role": "viewer"}
    )
    link, client = links("invitation")[0], app.test_client()
    page = client.get(link).get_data(as_text=True)
    assert "alice@dcx.example invites you to Alpha as viewer" in page

    weak = client.post(f"{link}/account", data={"name": "N", "password": "short"})
    made = client.post(f"{link}/account", data={"name": "Nomsa", "password": PASSWORD})

    assert (weak.status_code, made.status_code) == (422, 303)
    assert client.get("/c/alpha/").status_code == 200
    assert client.get("/c/gamma/").status_code == 404
    assert client.get(link).status_code == 404, "an invitation is good once"


def test_who_comes_through_a_provider_accepts_whatever_their_email(
    come: Come, sign_in: SignIn
) -> None:
    sign_in("sam").post(
        "/customers/gamma/people/invite", data={"email": "boss@karoo.example", "role": "owner"}
    )
    link = links("invitation")[0]

    client, answer = come(wanted=link, email="other@karoo.example")
    assert answer.headers["Location"] == link
    assert "Accept as Pat Pillay" in client.get(link).get_data(as_text=True)
    client.post(link)

    assert client.get("/c/gamma/").status_code == 200
    assert client.get("/c/gamma/keys").status_code == 200


def test_an_email_that_has_an_account_must_sign_in_to_accept(
    app: APIFlask, sign_in: SignIn
) -> None:
    invite = {"email": "charlie@dcx.example", "role": "viewer"}
    sign_in("alice").post("/c/alpha/people/invite", data=invite)
    link = links("invitation")[0]

    stolen = app.test_client().post(f"{link}/account", data={"name": "x", "password": PASSWORD})
    assert stolen.status_code == 422
    charlie = sign_in("charlie")
    charlie.post(link)

    assert charlie.get("/c/alpha/").status_code == 200


def test_a_withdrawn_and_an_old_invitation_lead_nowhere(app: APIFlask, sign_in: SignIn) -> None:
    alice, client = sign_in("alice"), app.test_client()
    for name in ("one", "two"):
        invite = {"email": f"{name}@karoo.example", "role": "viewer"}
        alice.post("/c/alpha/people/invite", data=invite)
    first, second = links("invitation")
    now_us = int(time.time() * 1e6)
    with reading() as session:
        listed = invitations.invitations(session, "alpha", now_us=now_us)

    key = next(one.key for one in listed if one.email == "one@karoo.example")
    assert sign_in("charlie").post(f"/c/alpha/people/invitations/{key}/withdraw").status_code == 404
    alice.post(f"/c/alpha/people/invitations/{key}/withdraw")

    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    token = second.removeprefix("/invitations/")
    later_us = now_us + 8 * 24 * 3_600_000_000
    with transaction() as session, pytest.raises(LinkGoneError):
        invitations.get_invitation(session, token, now_us=later_us)


@pytest.mark.parametrize("domain", ["gmail.com", "no domain", "", "-x.com"])
def test_a_domain_of_everybody_is_refused(sign_in: SignIn, domain: str) -> None:
    sam = sign_in("sam")
    sam.post("/customers/alpha/people/domains", data={"domain": domain, "role": "viewer"})

    with reading() as session:
        assert domains.domains(session, "alpha") == []


def test_a_domain_belongs_to_one_customer(sign_in: SignIn) -> None:
    sam = sign_in("sam")
    for customer in ("alpha", "gamma"):
        sent = {"domain": "@Karoo.Example", "role": "viewer"}
        sam.post(f"/customers/{customer}/people/domains", data=sent)

    with reading() as session:
        assert [one.domain for one in domains.domains(session, "alpha")] == ["karoo.example"]
        assert domains.domains(session, "gamma") == []
    assert sam.post("/customers/gamma/people/domains/karoo.example/remove").status_code == 404
    assert sam.post("/customers/alpha/people/domains/karoo.example/remove").status_code == 303


def test_staff_grant_and_decline_who_asks(come: Come, sign_in: SignIn) -> None:
    client, _ = come(sub="p-9", email="pat@karoo.example")
    client.post("/welcome", data={"note": "Karoo Analytics, accounts"})
    sam = sign_in("sam")
    assert "Karoo Analytics, accounts" in sam.get("/people").get_data(as_text=True)
    with reading() as session:
        key = accounts.asking(session)[0].person

    sam.post(f"/people/{key}/decline")
    assert "did not find where you belong" in client.get("/welcome").get_data(as_text=True)
    client.post("/welcome", data={"note": "Alpha Ltd"})
    sam.post(f"/people/{key}/grant", data={"customer": "alpha", "role": "viewer"})

    assert client.get("/c/alpha/").status_code == 200
    with reading() as session:
        mails = session.scalars(select(Mail.to_address).where(Mail.kind == "access_granted")).all()
    assert mails == ["pat@karoo.example"]


def test_one_admin_remains(sign_in: SignIn) -> None:
    ada, key = sign_in("ada"), key_of("ada")

    ada.post(f"/people/{key}/staff-role", data={"role": "support"})
    ada.post(f"/people/{key}/close")

    assert ada.get("/keys").status_code == 200
    with reading() as session:
        known = service.get_person(session, key)
    assert (known.staff_role, known.closed_us) == ("admin", None)


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(
    app: APIFlask, sign_in: SignIn
) -> None:
    ada, victor, key = sign_in("ada"), sign_in("victor"), key_of("victor")

    ada.post(f"/people/{key}/close")
    assert victor.get("/c/alpha/").status_code == 401
    sent = {"email": "victor@dcx.example", "password": PASSWORD}
    assert app.test_client().post("/signin", data=sent).status_code == 403
    ada.post(f"/people/{key}/reopen")

    assert app.test_client().post("/signin", data=sent).status_code == 303


def made(client: FlaskClient, address: str, **sent: object) -> str:
    answer = client.post(address, data={"name": "collector", **sent})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found = re.search(r'id="made"[^>]*>(dcx_[^<]+)<', answer.get_data(as_text=True))
    assert found
    return found.group(1)


def test_a_key_is_shown_once_works_and_is_dead_once_revoked(app: APIFlask, sign_in: SignIn) -> None:
    ada = sign_in("ada")
    secret = made(ada, "/keys", scope=["metering:read"])
    head = {"Authorization": f"Bearer {secret}"}
    assert secret not in ada.get("/keys").get_data(as_text=True)
    with reading() as session:
        row = session.scalars(select(ApiKey)).one()
    assert secret not in (row.fingerprint, row.name)

    assert app.test_client().get("/api/v1/metering/runs", headers=head).status_code == 200
    assert "Never" not in ada.get("/keys").get_data(as_text=True)
    ada.post(f"/keys/{row.key}/revoke")

    assert app.test_client().get("/api/v1/metering/runs", headers=head).status_code == 401


def test_a_customers_key_sees_the_customer_and_nothing_of_the_providers(
    app: APIFlask, sign_in: SignIn
) -> None:
    alice = sign_in("alice")
    secret = made(alice, "/c/alpha/keys", scope=["metering:read"])
    refused = alice.post("/c/alpha/keys", data={"name": "x", "scope": ["metering:write"]})
    period = "from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z"
    head = {"Authorization": f"Bearer {secret}"}

    usage = app.test_client().get(f"/api/v1/metering/usage?{period}&customer=gamma", headers=head)

    assert usage.status_code == 403
    assert refused.status_code == 422
    with reading() as session:
        key = session.scalars(select(ApiKey.key)).one()
    assert sign_in("charlie").post(f"/c/gamma/keys/{key}/revoke").status_code == 404
    assert sign_in("victor").post(f"/c/alpha/keys/{key}/revoke").status_code == 403
    assert alice.post(f"/c/alpha/keys/{key}/revoke").status_code == 303


def test_what_is_done_to_people_and_keys_is_on_record_without_secrets(sign_in: SignIn) -> None:
    ada = sign_in("ada")
    secret = made(ada, "/keys", scope=["metering:read"])
    ada.post(f"/people/{key_of('victor')}/staff-role", data={"role": "support"})
    ada.post("/customers/alpha/people/invite", data={"email": "x@y.example", "role": "viewer"})

    with reading() as session:
        entries = journal.entries(session, journal.Wanted(who="ada@dcx.example")).rows
    said = {entry.action for entry in entries}
    everything = str(entries)
    assert {"signed in", "API key made", "staff role changed", "invited"} <= said
    assert secret not in everything
    assert links("invitation")[0].removeprefix("/invitations/") not in everything
