"""Whatever staff and commands change leaves exactly one entry; what was refused leaves none."""

import io
import json
import sqlite3
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import text

from dcx.accounts import service as accounts
from dcx.journal import service as journal
from dcx.journal.service import Entry, Wanted
from dcx.kit.actors import Actor
from dcx.kit.periods import parse_instant
from dcx.metering import jobs
from dcx.metering import service as metering
from dcx.payments.service import reconciliation
from dcx.repository.session import reading, transaction
from dcx.wallet import service as ledger
from dcx.web.doors import door_of
from tests.accounts.test_traces import BY_STAFF
from tests.billing.test_billing import BOOK, LOG
from tests.conftest import Flask, SignIn, token_of
from tests.support.estimating import fields_of, form
from tests.support.paid import put_payment

SENT = Callable[[], dict[str, Any]]
GOODWILL = {"kind": "adjustment", "amount": "50", "reason": "goodwill", "form_key": "f1"}
SHOP = form(fields_of({"lines": [{"kind": "ip", "count": 2}]}))
NEXT_BOOK = BOOK.replace("2013-01-01", "2027-01-01")


def refused_row() -> dict[str, Any]:
    """The number of the one row in quarantine."""
    with reading("bronze") as bronze:
        page = metering.quarantined(bronze)
        return {"id": page.rows[0][0].id}


def open_conflict() -> dict[str, Any]:
    with reading("bronze") as bronze:
        return {"id": metering.conflicts(bronze).rows[0].id}


def open_difference() -> dict[str, Any]:
    """A payment that is not in the ledger, found to be so as the first difference."""
    with transaction() as main:
        put_payment(main, "lost")
        reconciliation.compare_with_ledger(main, currency="ZAR", now_us=1)
    return {}


def settlement_file() -> dict[str, Any]:
    text = b"reference,transaction id,amount,date\nDCX-A,1,1.00,2026-11-23\n"
    return {"file": (io.BytesIO(text), "nov.csv")}


def terraform_plan() -> dict[str, Any]:
    return {"plan": (io.BytesIO(b'{"format_version": "1.2"}'), "plan.json")}


def adas_wish() -> dict[str, Any]:
    """The key of an adjustment that ada asked for and somebody else decides."""
    wish = ledger.Wish("alpha", "credit", 90_00, "sorry for that", form_key="ada")
    with transaction() as session:
        asked = ledger.ask(session, wish, by=Actor("ada@dcx.example"), limit_cents=0, now_us=1)
    return {"key": asked.key}


ACTS: list[tuple[str, str, SENT, str | None]] = [
    ("accounts.add_customer", "/customers", lambda: {"key": "karoo", "name": "Karoo"},
     "customer added: karoo"),
    ("accounts.change_details", "/customers/alpha/details",
     lambda: {"name": "Alpha (Pty) Ltd", "address": "12 Loop Street\r\nCape Town"},
     "customer changed: alpha"),
    ("billing.issue", "/invoices/issue", lambda: {"period": "2026-07", "typed": "2026-07"},
     "invoice issued: INV-000001"),
    ("estimates.change", "/estimates/new", lambda: {**SHOP, "do": "add vm"}, None),
    ("estimates.keep", "/estimates", lambda: SHOP, "estimate saved: *"),
    ("estimates.price", "/estimates/price", lambda: SHOP, None),
    ("estimates.open_plan", "/estimates/terraform/open",
     lambda: {"ask": '{"lines": [{"kind": "ip"}]}'}, None),
    ("estimates.price_plan", "/estimates/terraform", terraform_plan, None),
    ("estimates.upload", "/estimates/upload",
     lambda: {"file": (io.BytesIO(b"vcpus;ram\n1;1\n"), "lines.csv")}, None),
    ("metering.accept", "/metering/conflicts", open_conflict, "closing asked for: conflicts"),
    ("metering.add_source", "/metering/sources", lambda: {"name": "hv-2", "mode": "events"},
     "source asked for: hv-2"),
    ("metering.run", "/metering/run", dict, "metering run started: run 2"),
    ("metering.settle", "/metering/quarantine", lambda: {**refused_row(), "act": "replay"},
     "replay asked for: quarantined rows"),
    ("metering.settle", "/metering/quarantine", lambda: {**refused_row(), "act": "dismiss"},
     "dismissal asked for: quarantined rows"),
    ("payments.add_settlement_file", "/payments/reconciliation/files", settlement_file,
     "settlement file read: nov.csv"),
    ("payments.note_difference", "/payments/reconciliation/1/note",
     lambda: {**open_difference(), "note": "Asked the bank"},
     "difference noted: not_booked payment/lost"),
    ("payments.settle_difference", "/payments/reconciliation/1/settle",
     lambda: {**open_difference(), "reason": "Paid in cash"},
     "difference settled: not_booked payment/lost"),
    ("payments.take_difference", "/payments/reconciliation/1/take", open_difference,
     "difference taken: not_booked payment/lost"),
    ("prepaid.ask_adjustment", "/c/alpha/wallet/adjustments", lambda: GOODWILL,
     "adjustment booked: *"),
    ("prepaid.ask_adjustment", "/c/alpha/wallet/adjustments",
     lambda: {**GOODWILL, "amount": "5000"}, "adjustment asked for: *"),
    ("prepaid.decide_adjustment", "/adjustments", lambda: {**adas_wish(), "agrees": "yes"},
     "adjustment agreed to: *"),
    ("prepaid.decide_adjustment", "/adjustments", adas_wish, "adjustment declined: *"),
    ("pricing.date_vat", "/pricing/vat", lambda: {"percent": "15,5", "from": "2099-01-01"},
     "VAT rate dated: 0.155"),
    ("pricing.withdraw_vat", "/pricing/vat/withdraw",
     lambda: {"rate": 16_000_000, "starts": parse_instant("2098-01-01T00:00:00Z")},
     "VAT rate withdrawn: 0.16"),
    ("pricing.publish", "/pricing", lambda: {"text": NEXT_BOOK},
     "price book published: standard version 2"),
    ("pricing.try_out", "/pricing/new", lambda: {"file": (io.BytesIO(BOOK.encode()), "b.toml")},
     None),
]  # fmt: skip
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("/customers", {"key": "karoo"}),
    ("/c/alpha/wallet/adjustments", {**GOODWILL, "amount": "-50"}),
    ("/c/alpha/wallet/adjustments", {**GOODWILL, "reason": ""}),
    ("/adjustments", {"key": "none", "agrees": "yes"}),
    ("/customers", {"key": "alpha", "name": "Other"}),
    ("/estimates", {"name": "Without lines"}),
    ("/customers/alpha/details", {"name": ""}),
    ("/customers/alpha/details", {"name": "Alpha", "email": "nobody"}),
    ("/customers/nobody/details", {"name": "Nobody"}),
    ("/invoices/issue", {"period": "2026-07", "typed": "2026"}),
    ("/invoices/issue", {"period": "2099-01", "typed": "2099-01"}),
    ("/metering/conflicts", {}),
    ("/metering/quarantine", {"act": "replay"}),
    ("/metering/quarantine", {"id": 1, "act": "replay", "offset": "noon"}),
    ("/metering/sources", {"name": "hv", "mode": "samples"}),
    ("/pricing", {"text": NEXT_BOOK.replace("14.50", "15.00")}),
]
COMMANDS: list[tuple[str, str]] = [
    ("accounts add-customer karoo --name Karoo", "customer added: karoo"),
    ("accounts import {folder}/customers.csv", "customers imported: customers.csv"),
    ("accounts add-staff kim@dcx.example --role support", "staff role given: kim@dcx.example"),
    ("accounts add-user kim@dcx.example --customer alpha --role owner",
     "customer role given: kim@dcx.example"),
    ("accounts set-password alice@dcx.example", "password set: alice@dcx.example"),
    ("accounts add-key collector --scope metering:write", "API key made: collector"),
    ("billing issue 2026-07", "invoice issued: INV-000001"),
    ("metering add-source hv-2 --mode events", "source asked for: hv-2"),
    ("metering run", "metering run started: run 2"),
    ("pricing publish {folder}/next.toml", "price book published: standard version 2"),
    ("pricing vat 0.155 --from 2099-01-01T00:00:00Z", "VAT rate dated: 0.155"),
]  # fmt: skip
REFUSED_COMMANDS = [
    "accounts add-customer alpha --name Other",
    "accounts import {folder}/bad.csv",
    "accounts add-staff nobody --role admin",
    "accounts add-user kim@dcx.example --customer nobody --role owner",
    "accounts set-password nobody@dcx.example",
    "accounts add-key collector --scope everything",
    "billing issue 2099-01",
    "metering add-source hv --mode samples",
    "pricing publish {folder}/bad.csv",
    "pricing vat 1.5 --from 2099-01-01T00:00:00Z",
    "pricing vat 0.155 --from 2099-01-01T00:00:00Z --withdraw",
]
TYPED = "what alice will type from now on"
MAPPING = """table = "events"
growing = "id"
[columns]
event_id = "uuid"
vm_id = "vm"
customer = "tenant"
at = "ts"
state = "status"
"""


@pytest.fixture
def desk(flask: Flask, tmp_path: Path, people: None) -> Path:
    """alpha ran a VM in July, a row is refused, a log contradicts another; and files to send."""
    assert people is None
    (tmp_path / "book.toml").write_text(BOOK)
    (tmp_path / "next.toml").write_text(NEXT_BOOK)
    (tmp_path / "customers.csv").write_text("key,name\nalpha,Alpha\nk1,One\nk2,Two\n")
    (tmp_path / "bad.csv").write_text("key,name\nk1,One\nk2,\n")
    logs = [LOG, {**LOG, "vcpus": 3}, {**LOG, "event_id": "e2", "at": "2026-07-02T00:00:00"}]
    (tmp_path / "logs.ndjson").write_text("\n".join(json.dumps(log) for log in logs))
    for command in ("pricing publish {}/book.toml", "pricing vat 0.16 --from 2098-01-01T00:00:00Z",
                    "metering add-source hv --mode events",
                    "metering import {}/logs.ndjson --source hv", "metering run"):  # fmt: skip
        assert flask(*command.format(tmp_path).split()).status == 0
    return tmp_path


def written() -> list[Entry]:
    with reading() as session:
        return list(journal.entries(session, Wanted(), limit=1000).rows)


def post(client: FlaskClient, address: str, sent: dict[str, Any]) -> int:
    token = token_of(client, "/metering")
    return client.post(address, data={"csrf_token": token, **sent}).status_code


def test_every_door_of_staff_that_changes_something_is_tried_here(app: APIFlask) -> None:
    doors = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
        and door_of(app, rule.endpoint) in {"staff", "billing", "admin"}
    }

    elsewhere = {
        "estimates.again", "estimates.make_link",  # tests/estimates/test_saved_pages.py
        "estimates.remove", "estimates.revoke",
        "notifications.again", "notifications.lift",  # tests/notifications/test_pages.py
        "payments.ask_again", "payments.close",  # tests/payments/test_pages.py
        "payments.ask_refund", "payments.decide_refund",  # tests/payments/test_refunds.py
    }  # fmt: skip
    assert doors == {endpoint for endpoint, *_ in (*ACTS, *BY_STAFF)} | elsewhere


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(("endpoint", "address", "sent", "deed"), ACTS)
def test_an_act_of_staff_leaves_one_entry(
    sign_in: SignIn, endpoint: str, address: str, sent: SENT, deed: str | None
) -> None:
    client, given = sign_in("sam"), sent()
    before = len(written())

    status = post(client, address, given)

    assert status == (303 if deed else 200), endpoint
    fresh = written()[: len(written()) - before]
    said = [f"{entry.action}: {entry.subject}" for entry in fresh]
    assert len(said) == bool(deed)
    assert all(fnmatchcase(words, deed or "") for words in said), said
    assert {(entry.who, entry.address) for entry in fresh} <= {("sam@dcx.example", "127.0.0.1")}


@pytest.mark.usefixtures("desk")
def test_what_is_refused_or_stood_already_leaves_none(sign_in: SignIn) -> None:
    client = sign_in("sam")
    repeated = [
        (address, sent())
        for endpoint, address, sent, _ in ACTS
        if endpoint in {"accounts.add_customer", "accounts.change_details", "billing.issue",
                        "metering.add_source", "pricing.publish"}
    ]  # fmt: skip
    assert {post(client, *each) for each in repeated} == {303}
    before = len(written())

    for address, sent in [*repeated, *REFUSED]:
        post(client, address, sent)
        assert len(written()) == before, (address, sent)


@pytest.mark.parametrize(("command", "deed"), COMMANDS)
def test_a_command_leaves_one_entry(flask: Flask, desk: Path, command: str, deed: str) -> None:
    before = len(written())

    assert flask(*command.format(folder=desk).split(), stdin=f"{TYPED}\n").status == 0

    fresh = written()[: len(written()) - before]
    assert [f"{entry.action}: {entry.subject}" for entry in fresh] == [deed]
    assert fresh[0].who == "Command line"


def test_a_refused_command_leaves_none(flask: Flask, desk: Path) -> None:
    before = len(written())

    for command in REFUSED_COMMANDS:
        assert flask(*command.format(folder=desk).split(), stdin="short\n").status == 1, command

    assert len(written()) == before


def test_an_import_names_the_customers_that_it_added(flask: Flask, desk: Path) -> None:
    flask("accounts", "import", desk / "customers.csv")
    flask("accounts", "import", desk / "customers.csv")

    assert [json.loads(entry.after) for entry in written() if "imported" in entry.action] == [
        {"count": 2, "keys": ["k1", "k2"]}
    ]


@pytest.mark.usefixtures("desk")
def test_a_withdrawn_rate_is_told_with_what_it_was(flask: Flask) -> None:
    rate = ("pricing", "vat", "0.155", "--from", "2099-01-01T00:00:00Z")
    flask(*rate)

    flask(*rate, "--withdraw")

    assert written()[0].action == "VAT rate withdrawn"
    assert json.loads(written()[0].before) == {"from": "2099-01-01T00:00:00Z"}


@pytest.mark.usefixtures("desk")
def test_an_issued_invoice_is_told_with_its_total(flask: Flask) -> None:
    flask("billing", "issue", "2026-07")

    assert (written()[0].subject, written()[0].customer) == ("INV-000001", "alpha")
    assert json.loads(written()[0].after) == {"period": "2026-07", "total": "290.90 ZAR"}


def test_no_secret_is_written(flask: Flask, desk: Path) -> None:
    flask("accounts", "set-password", "alice@dcx.example", stdin=f"{TYPED}\n")
    key = flask("accounts", "add-key", "collector", "--scope", "metering:write").out.strip()
    (desk / "map.toml").write_text(MAPPING)
    far = desk / f"{TYPED.replace(' ', '')}.db"
    with sqlite3.connect(far) as database:
        database.execute(
            "CREATE TABLE events (id INTEGER PRIMARY KEY, uuid, vm, tenant, ts, status)"
        )
    database.close()
    url = f"sqlite:///{far}"
    mapping = ("--url", url, "--mapping", desk / "map.toml")
    assert flask("metering", "add-source", "far", "--mode", "events", *mapping).status == 0

    with reading() as session:
        everything = repr(session.execute(text("SELECT * FROM audit_entry")).all())

    assert "password set" in everything
    assert '"pulled": true' in everything
    for secret in (TYPED, TYPED.replace(" ", ""), key, key.removeprefix("dcx_"), "argon2"):
        assert secret not in everything


@pytest.mark.usefixtures("desk")
def test_the_clocks_runs_and_logs_sent_with_a_key_leave_none(app: APIFlask) -> None:
    with transaction() as session:
        key = accounts.add_key(session, "k", ["metering:write"], customer=None, now_us=1)
    before = len(written())

    answer = app.test_client().post(
        "/api/v1/metering/vm-logs?source=hv",
        json=[{**LOG, "event_id": "e9"}],
        headers={"Authorization": f"Bearer {key}"},
    )
    jobs.meter()

    assert (answer.status_code, answer.get_json()["stored"]) == (200, 1)
    assert len(written()) == before
