"""One table says who enters where; every route, method and person is walked against it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask import Response
from flask.testing import FlaskClient
from sqlalchemy import select

from dcx.accounts import service as accounts
from dcx.repository.session import db, engine_of, transaction
from dcx.web.doors import door_of
from tests.billing.test_billing import BOOK, LOG
from tests.conftest import Flask, SignIn

pytestmark = pytest.mark.long
DOORS = {
    "anyone": {
        "accounts.accept_with_password", "accounts.ask_reset", "accounts.backchannel_logout",
        "accounts.begin", "accounts.bye", "accounts.callback", "accounts.code", "accounts.enter",
        "accounts.enter_code", "accounts.forgot", "accounts.invitation", "accounts.reset",
        "accounts.set_password", "accounts.signin", "accounts.signout", "accounts.theme",
        "estimates.shared", "estimates.shared_pdf", "journal.alive", "journal.ready",
        "openapi.spec", "payments.notify", "payments.returned",
    },
    "signed in": {
        "accounts.accept", "accounts.ask_access", "accounts.change_password",
        "accounts.end_other_sessions", "accounts.end_own_session", "accounts.me",
        "accounts.second_factor_page", "accounts.switch_second_factor_off",
        "accounts.switch_second_factor_on", "accounts.welcome", "billing.invoice",
        "billing.invoice_csv", "billing.invoice_pdf", "dashboard.home", "dashboard.search",
    },
    "staff": {
        "accounts.customer_people", "accounts.everybody", "accounts.keys", "accounts.one_person",
        "billing.draft", "billing.invoices", "dashboard.customer", "dashboard.customers",
        "estimates.add_disk_space", "estimates.again", "estimates.change", "estimates.compare",
        "estimates.disk_calculator", "estimates.disks", "estimates.every", "estimates.file",
        "estimates.keep", "estimates.new", "estimates.one", "estimates.open_plan",
        "estimates.price", "estimates.price_plan", "estimates.share", "estimates.terraform",
        "estimates.upload", "journal.jobs", "metering.home", "payments.every", "payments.one",
        "payments.reconcile", "payments.refunds", "payments.settlement_file", "prepaid.adjustments",
        "pricing.books", "pricing.version",
    },
    "billing": {
        "accounts.add_customer", "accounts.add_domain", "accounts.change_details",
        "accounts.change_member_for", "accounts.customer_details", "accounts.decline",
        "accounts.end_session", "accounts.grant", "accounts.invite_for", "accounts.new_customer",
        "accounts.remove_domain", "accounts.withdraw_for", "billing.issue", "billing.preview",
        "estimates.ask_remove", "estimates.make_link", "estimates.remove", "estimates.revoke",
        "metering.accept", "metering.add_source", "metering.new_source", "metering.run",
        "metering.settle", "payments.add_settlement_file", "payments.ask_again",
        "payments.ask_refund", "payments.close", "payments.decide_refund",
        "payments.note_difference", "payments.refund_page", "payments.settle_difference",
        "payments.take_difference", "prepaid.ask_adjustment", "prepaid.decide_adjustment",
        "pricing.date_vat", "pricing.new", "pricing.publish", "pricing.try_out",
        "pricing.withdraw_vat",
    },
    "admin": {
        "accounts.change_staff_role", "accounts.close_person", "accounts.make_key",
        "accounts.reopen_person", "accounts.revoke_key", "accounts.take_second_factor",
        "journal.audit", "notifications.again", "notifications.kind_html", "notifications.kinds",
        "notifications.lift", "notifications.mail", "notifications.mail_file",
        "notifications.mail_html", "notifications.mails", "notifications.one_kind",
    },
    "customer": {
        "accounts.customer_keys", "accounts.members", "dashboard.customer_home",
        "dashboard.customer_invoices", "dashboard.raw_log", "dashboard.resource",
        "dashboard.resources", "dashboard.usage", "estimates.forecast",
        "estimates.own_add_disk_space", "estimates.own_again", "estimates.own_change",
        "estimates.own_compare", "estimates.own_disk_calculator", "estimates.own_disks",
        "estimates.own_every", "estimates.own_file", "estimates.own_keep", "estimates.own_new",
        "estimates.own_one", "estimates.own_open_plan", "estimates.own_price",
        "estimates.own_price_plan", "estimates.own_share", "estimates.own_terraform",
        "estimates.own_upload", "payments.own", "payments.result", "prepaid.statement",
        "prepaid.wallet",
    },
    "owner": {
        "accounts.change_member", "accounts.invite", "accounts.make_customer_key",
        "accounts.revoke_customer_key", "accounts.withdraw", "estimates.own_ask_remove",
        "estimates.own_make_link", "estimates.own_remove", "estimates.own_revoke",
        "payments.ask_delete_card", "payments.begin_pay", "payments.begin_top_up", "payments.cards",
        "payments.default_card", "payments.delete_card", "payments.go", "payments.pay",
        "payments.rename_card", "payments.top_up", "prepaid.arrange_wallet",
        "prepaid.pay_from_wallet", "prepaid.wallet_settings",
    },
    "scope billing:read": {
        "billing_api.explanation", "billing_api.invoice", "billing_api.invoice_pdf",
        "billing_api.invoices",
    },
    "scope estimates": {
        "estimates_api.disk_estimate", "estimates_api.estimate_file", "estimates_api.make_estimate",
        "estimates_api.one_estimate", "estimates_api.price_plan", "estimates_api.recalculate",
        "estimates_api.share_estimate",
    },
    "scope metering:read": {"metering_api.runs", "metering_api.usage"},
    "scope metering:write": {"metering_api.send_disk_logs", "metering_api.send_vm_logs"},
    "scope payments:write": {
        "cards_api.delete_card", "payments_api.begin_payment", "payments_api.payment",
    },
    "scope wallet:read": {"cards_api.cards", "wallet_api.entries", "wallet_api.wallet"},
}  # fmt: skip
OF = {endpoint: door for door, endpoints in DOORS.items() for endpoint in endpoints}
IN, SIGN_IN, HIDDEN, FORBIDDEN, NO_KEY = "in", "sign in", "hidden", "forbidden", "no key"
PEOPLE = ("nobody", "alice", "victor", "charlie", "sue", "sam", "ada")
"""Nobody; alpha's owner and viewer; a stranger who owns gamma; support, billing and admin staff."""
KEYS = ("alpha key", "gamma key", "scopeless key")
TABLE: dict[str, tuple[str, ...]] = {
    #             nobody   alice      victor     charlie    sue        sam        ada
    "anyone":    (IN,      IN,        IN,        IN,        IN,        IN,        IN),
    "signed in": (SIGN_IN, IN,        IN,        IN,        IN,        IN,        IN),
    "staff":     (SIGN_IN, HIDDEN,    HIDDEN,    HIDDEN,    IN,        IN,        IN),
    "billing":   (SIGN_IN, HIDDEN,    HIDDEN,    HIDDEN,    FORBIDDEN, IN,        IN),
    "admin":     (SIGN_IN, HIDDEN,    HIDDEN,    HIDDEN,    FORBIDDEN, FORBIDDEN, IN),
    "customer":  (SIGN_IN, IN,        IN,        HIDDEN,    IN,        IN,        IN),
    "owner":     (SIGN_IN, IN,        FORBIDDEN, HIDDEN,    FORBIDDEN, FORBIDDEN, FORBIDDEN),
    "scope":     (NO_KEY,  NO_KEY,    NO_KEY,    NO_KEY,    NO_KEY,    NO_KEY,    NO_KEY),
}  # fmt: skip
VALUES = {
    "customer": "alpha", "key": "alpha", "number": "1", "book": "standard", "kind": "vm",
    "form": "csv",
}  # fmt: skip
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}


def rules(app: APIFlask) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of every view, with alpha's ids where it takes some."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        values = {
            name: 1 if f"<int:{name}>" in str(rule) else VALUES.get(name, "x")
            for name in rule.arguments
        }
        address = adapter.build(rule.endpoint, values)
        for method in sorted((rule.methods or set()) & METHODS):
            yield rule.endpoint, method, address


@pytest.fixture
def doors_only(app: APIFlask, people: None) -> APIFlask:
    """Whoever passes a door gets an answer of the hall, and no view does anything."""
    assert people is None
    app.config["WTF_CSRF_ENABLED"] = False

    @app.before_request
    def hall() -> Response | None:
        return Response("hall", 299) if app.config.get("HALL") else None

    return app


def met(client: FlaskClient, method: str, address: str, head: dict[str, str] | None = None) -> str:
    """What somebody meets at a door, by page and by fragment alike."""
    page = client.open(address, method=method, headers=head)
    at = {**(head or {}), "HX-Request": "true", "HX-Current-URL": "http://localhost/x"}
    fragment = client.open(address, method=method, headers=at)
    if page.status_code == 302:
        assert page.headers["Location"].startswith("/signin?next=")
        assert fragment.status_code == 401
        assert fragment.headers["HX-Redirect"] == "/signin?next=/x"
        return SIGN_IN
    assert page.status_code == fragment.status_code, address
    return {299: IN, 404: HIDDEN, 403: FORBIDDEN, 401: NO_KEY}[page.status_code]


def test_every_view_has_the_door_of_the_table(app: APIFlask) -> None:
    declared = {endpoint: door_of(app, endpoint) for endpoint, _, _ in rules(app)}

    assert {endpoint: str(door) for endpoint, door in declared.items()} == OF


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_meets_what_the_table_says(
    doors_only: APIFlask, sign_in: SignIn, who: str
) -> None:
    client = doors_only.test_client() if who == "nobody" else sign_in(who)
    place, doors_only.config["HALL"] = PEOPLE.index(who), True

    for endpoint, method, address in rules(doors_only):
        kind = OF[endpoint].partition(" ")[0] if OF[endpoint].startswith("scope") else OF[endpoint]
        assert met(client, method, address) == TABLE[kind][place], f"{who}: {method} {address}"


@pytest.mark.parametrize("who", KEYS)
def test_keys_enter_where_their_scope_says_and_nowhere_else(doors_only: APIFlask, who: str) -> None:
    scopes = ["vms:read"] if who == "scopeless key" else list(accounts.SCOPES)
    customer = who.partition(" ")[0] if who != "scopeless key" else None
    with transaction() as session:
        secret = accounts.add_key(session, who, scopes, customer=customer, now_us=1)
    head, doors_only.config["HALL"] = {"Authorization": f"Bearer {secret}"}, True

    for endpoint, method, address in rules(doors_only):
        door = OF[endpoint]
        found = met(doors_only.test_client(), method, address, head)
        if door.startswith("scope"):
            assert found == (FORBIDDEN if who == "scopeless key" else IN), address
        else:
            assert found == (IN if door == "anyone" else SIGN_IN), address


@pytest.fixture
def canary(flask: Flask, tmp_path: Path, people: None) -> dict[str, list[str]]:
    """alpha has a VM, logs, an invoice, a key and an invitation, all named canary; their ids."""
    assert people is None
    (tmp_path / "book.toml").write_text(BOOK)
    log = {**LOG, "vm_id": "canary-vm", "name": "canary", "event_id": "canary-log"}
    (tmp_path / "logs.ndjson").write_text(json.dumps(log))
    for command in ("pricing publish {}/book.toml", "metering add-source hv --mode events",
                    "metering import {}/logs.ndjson --source hv", "metering run",
                    "billing issue 2026-07", "accounts add-key canary --scope estimates"
                    " --customer alpha"):  # fmt: skip
        assert flask(*command.format(tmp_path).split()).status == 0, command
    return {
        "customer": ["alpha"], "key": ["alpha"], "number": ["INV-000001", "1"], "kind": ["vm"],
        "resource": ["canary-vm"], "source": ["hv"], "event_id": ["canary-log"],
        "book": ["standard"], "form": ["csv"],
    }  # fmt: skip


def pages(app: APIFlask, ids: dict[str, list[str]]) -> Iterator[str]:
    """Every address that can be looked at, with alpha's ids."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in {"static", "openapi.spec"}:
            continue
        values: dict[str, object] = {
            name: 1 if f"<int:{name}>" in str(rule) else ids.get(name, ["x"])[0]
            for name in rule.arguments
        }
        yield adapter.build(rule.endpoint, values)


def test_a_stranger_sees_nothing_of_anybody_else_on_any_page(
    app: APIFlask, sign_in: SignIn, canary: dict[str, list[str]]
) -> None:
    charlie, alice = sign_in("charlie"), sign_in("alice")
    seen = 0
    for address in pages(app, canary):
        for query in ("", "?q=canary", "?as=csv", "?line=1", "?month=2026-07"):
            told = charlie.get(f"{address}{query}")
            page = told.get_data(as_text=True).replace(address, "").replace(query[3:], "")
            assert "canary" not in page, address
            seen += b"canary" in alice.get(f"{address}{query}").data

    assert seen > 10, "the canary sings for its owner"


def test_looking_changes_nothing(
    app: APIFlask, sign_in: SignIn, canary: dict[str, list[str]]
) -> None:
    """But what is on record of looking itself: sessions, keys' last use, staff's viewing."""
    client = sign_in("ada")
    before = _rows()

    for address in pages(app, canary):
        client.get(address)
        client.head(address)

    assert _rows() == before


def _rows() -> dict[str, str]:
    told = {"user_session", "viewing", "audit_entry", "audit_head", "api_key", "throttle"}
    found = {}
    for bind, database in ((None, "main"), ("bronze", "bronze")):
        with engine_of(database).connect() as connection:  # type: ignore[arg-type]
            for table in db.metadatas[bind].sorted_tables:
                if table.name not in told:
                    rows = connection.execute(select(table).order_by(table.c.id)).all()
                    found[table.name] = str(rows)
    return found


def test_an_address_that_no_database_takes_is_refused_at_the_door(sign_in: SignIn) -> None:
    ada = sign_in("ada")
    for path in ("/payments?q=a%00b", "/mails?q=%00", "/payments/a%00b", "/invoices/%00"):
        assert ada.get(path).status_code == 400, path


def test_a_cookie_copied_before_signing_out_is_dead(app: APIFlask, sign_in: SignIn) -> None:
    client = sign_in("alice")
    stolen = client.get_cookie("dcx")
    assert stolen is not None
    app.config["WTF_CSRF_ENABLED"] = False

    client.post("/signout")

    thief = app.test_client()
    thief.set_cookie("dcx", stolen.value)
    assert thief.get("/c/alpha/").status_code == 401
