"""Whatever staff and owners do to people, keys and domains leaves exactly one entry."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask

from dcx.accounts import service as accounts
from dcx.accounts.models import AccessRequest
from dcx.accounts.repository import AccessRepository, PersonRepository
from dcx.accounts.service import domains, invitations, keys, sessions
from dcx.accounts.service import people as service
from dcx.accounts.service.people import RoleAt
from dcx.journal import service as journal
from dcx.journal.service import Entry
from dcx.kit.actors import Actor
from dcx.notifications.service import Site
from dcx.repository.session import reading, transaction
from dcx.settings import Settings
from dcx.wallet import service as ledger
from dcx.wallet.service import Bill, Receipt
from dcx.web.doors import door_of
from tests.accounts.test_people import key_of
from tests.conftest import PASSWORD, SignIn

SITE = Site.of(Settings.from_environment({"DCX_PUBLIC_URL": "http://localhost"}))
ADA = Actor("ada@dcx.example")
Sent = dict[str, Any]
Address = Callable[[], str]


def now_us() -> int:
    return int(time.time() * 1e6)


def asker() -> str:
    with reading() as session:
        return accounts.asking(session)[0].person


def invited() -> str:
    with reading() as session:
        return invitations.invitations(session, "alpha", now_us=now_us())[0].key


def api_key(customer: str | None) -> str:
    with reading() as session:
        return next(one.key for one in keys.keys(session) if one.customer == customer)


def session_key(name: str) -> str:
    with reading() as session:
        known = service.get_person(session, key_of(name))
        return sessions.browsers(session, known.id, token=None, now_us=now_us())[0].key


BY_STAFF: list[tuple[str, Address, Sent, str]] = [
    ("accounts.change_staff_role", lambda: f"/people/{key_of('victor')}/staff-role",
     {"role": "support"}, "staff role changed: victor@dcx.example"),
    ("accounts.close_person", lambda: f"/people/{key_of('victor')}/close", {},
     "account closed: victor@dcx.example"),
    ("accounts.reopen_person", lambda: f"/people/{key_of('charlie')}/reopen", {},
     "account reopened: charlie@dcx.example"),
    ("accounts.take_second_factor", lambda: f"/people/{key_of('sue')}/second-factor/off", {},
     "second factor switched off: sue@dcx.example"),
    ("accounts.end_session", lambda: f"/people/{key_of('ada')}/sessions/{session_key('ada')}/end",
     {}, "session ended: Ada"),
    ("accounts.grant", lambda: f"/people/{asker()}/grant",
     {"customer": "alpha", "role": "viewer"}, "access granted: pat@x.example"),
    ("accounts.decline", lambda: f"/people/{asker()}/decline", {},
     "access declined: pat@x.example"),
    ("accounts.invite_for", lambda: "/customers/alpha/people/invite",
     {"email": "n@x.example", "role": "owner"}, "invited: n@x.example"),
    ("accounts.withdraw_for",
     lambda: f"/customers/alpha/people/invitations/{invited()}/withdraw", {},
     "invitation withdrawn: guest@x.example"),
    ("accounts.change_member_for", lambda: f"/customers/alpha/people/{key_of('victor')}",
     {"role": ""}, "member removed: victor@dcx.example"),
    ("accounts.add_domain", lambda: "/customers/alpha/people/domains",
     {"domain": "y.example", "role": "viewer"}, "domain added: y.example"),
    ("accounts.remove_domain", lambda: "/customers/alpha/people/domains/x.example/remove", {},
     "domain removed: x.example"),
    ("accounts.make_key", lambda: "/keys", {"name": "c", "scope": ["estimates"]},
     "API key made: c"),
    ("accounts.revoke_key", lambda: f"/keys/{api_key(None)}/revoke", {},
     "API key revoked: collector"),
]  # fmt: skip


def owed_invoice() -> str:
    """An invoice of alpha's of R10, and R50 in the wallet."""
    by = Actor("Test")
    with transaction() as session:
        ledger.charge(session, Bill("INV-000009", "alpha", "July", 10_00, 0), by=by, now_us=1)
        ledger.receive(session, Receipt("alpha", 50_00, "t/1", "Top-up"), by=by, now_us=2)
    return "INV-000009"


BY_OWNERS: list[tuple[str, Address, Sent, str]] = [
    ("accounts.invite", lambda: "/c/alpha/people/invite",
     {"email": "n@x.example", "role": "viewer"}, "invited: n@x.example"),
    ("accounts.withdraw", lambda: f"/c/alpha/people/invitations/{invited()}/withdraw", {},
     "invitation withdrawn: guest@x.example"),
    ("accounts.change_member", lambda: f"/c/alpha/people/{key_of('victor')}",
     {"role": "owner"}, "role changed: victor@dcx.example"),
    ("accounts.make_customer_key", lambda: "/c/alpha/keys",
     {"name": "c", "scope": ["estimates"]}, "API key made: c"),
    ("accounts.revoke_customer_key", lambda: f"/c/alpha/keys/{api_key('alpha')}/revoke", {},
     "API key revoked: theirs"),
    ("prepaid.arrange_wallet", lambda: "/c/alpha/wallet/settings",
     {"at_zero": "block", "threshold-1": "100"}, "wallet arranged: alpha"),
    ("prepaid.pay_from_wallet", lambda: f"/c/alpha/invoices/{owed_invoice()}/from-wallet", {},
     "invoice paid from the wallet: INV-000009"),
]  # fmt: skip
BY_THEMSELVES: list[tuple[str, Address, Sent, str]] = [
    ("accounts.change_password", lambda: "/me/password",
     {"old": PASSWORD, "new": "another battery staple"}, "password changed: alice@dcx.example"),
    ("accounts.end_other_sessions", lambda: "/me/sessions/end-others", {},
     "other sessions ended: Alice"),
    ("accounts.signout", lambda: "/signout", {}, "signed out: Alice"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _house(app: APIFlask, people: None) -> None:
    """Somebody asks, is invited, is closed, has a second factor; there are a domain and keys."""
    assert people is None
    app.config["WTF_CSRF_ENABLED"] = False
    with transaction() as session:
        person = service.new_person(session, "pat@x.example", "Pat", login=None, now_us=1)
        AccessRepository(session).add(
            AccessRequest(
                person_id=person.id, note="Alpha", created_us=1, closed_us=None, outcome=None
            )
        )
        guest = RoleAt("alpha", "viewer")
        invitations.invite(session, "guest@x.example", guest, site=SITE, by=ADA, now_us=now_us())
        domains.add_domain(session, "alpha", "x.example", "viewer", by=ADA, now_us=1)
        service.close_person(session, key_of("charlie"), by=ADA, now_us=1)
        for name, customer in (("collector", None), ("theirs", "alpha")):
            accounts.add_key(session, name, ["estimates"], customer=customer, now_us=1)
        sue = PersonRepository(session).find("sue@dcx.example")
        assert sue is not None
        sue.totp_secret = "sealed"  # noqa: S105 # pragma: allowlist secret


def written() -> list[Entry]:
    with reading() as session:
        return list(journal.entries(session, journal.Wanted(), limit=1000).rows)


@pytest.mark.parametrize(("endpoint", "address", "sent", "deed"), BY_STAFF)
def test_an_act_of_staff_leaves_one_entry(
    sign_in: SignIn, endpoint: str, address: Address, sent: Sent, deed: str
) -> None:
    _tried(sign_in, "ada", (endpoint, address, sent, deed))


@pytest.mark.parametrize(("endpoint", "address", "sent", "deed"), BY_OWNERS + BY_THEMSELVES)
def test_an_act_of_an_owner_leaves_one_entry(
    sign_in: SignIn, endpoint: str, address: Address, sent: Sent, deed: str
) -> None:
    _tried(sign_in, "alice", (endpoint, address, sent, deed))


def _tried(sign_in: SignIn, who: str, act: tuple[str, Address, Sent, str]) -> None:
    endpoint, address, sent, deed = act
    client, place = sign_in(who), address()
    before = len(written())

    status = client.post(place, data=sent).status_code

    assert status in {201, 303}, endpoint
    fresh = written()[: len(written()) - before]
    assert [f"{entry.action}: {entry.subject}" for entry in fresh] == [deed]
    assert {(entry.who, entry.address) for entry in fresh} == {(f"{who}@dcx.example", "127.0.0.1")}


def test_every_door_of_owners_that_changes_something_is_tried_here(app: APIFlask) -> None:
    doors = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and door_of(app, rule.endpoint) == "owner"
    }

    elsewhere = {  # tests/payments/test_cards.py
        "payments.default_card", "payments.delete_card", "payments.rename_card",
        "payments.begin_pay", "payments.begin_top_up",  # tests/payments/test_pages.py
        # tests/estimates/test_shares.py and test_saved_pages.py
        "estimates.own_make_link", "estimates.own_remove", "estimates.own_revoke",
    }  # fmt: skip
    assert doors == {endpoint for endpoint, *_ in BY_OWNERS} | elsewhere
