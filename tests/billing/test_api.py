"""Invoices for programs: the same figures as on pages, each key its customer's only."""

from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from dcx.accounts import service as accounts
from dcx.kit.actors import Actor
from dcx.repository.session import transaction
from dcx.wallet import service as wallet
from dcx.wallet.service import Receipt
from tests.billing.test_billing import BOOK, LOG, send
from tests.conftest import Flask
from tests.support.schema import faults, schema_of

Keys = dict[str, FlaskClient]
ALPHA = {
    "number": "INV-000001", "customer": "alpha", "period": "2026-07", "currency": "ZAR",
    "net": "252.96", "vat_rate": "0.15", "vat": "37.94", "total": "290.90", "state": "part_paid",
    "owed": "190.90",
}  # fmt: skip


@pytest.fixture
def keys(app: APIFlask, flask: Flask, tmp_path: Path) -> Keys:
    """July of alpha, who paid R100 of it, and of gamma; the provider's key, and one of each."""
    (tmp_path / "book.toml").write_text(BOOK)
    for key in ("alpha", "gamma"):
        flask("accounts", "add-customer", key, "--name", key.title())
    flask("pricing", "publish", tmp_path / "book.toml")
    flask("metering", "add-source", "hv", "--mode", "events")
    send(flask, tmp_path, LOG, {**LOG, "event_id": "e2", "vm_id": "vm-2", "customer": "gamma"})
    flask("metering", "run")
    flask("billing", "issue", "2026-07")
    money = Receipt("alpha", 100_00, "test/1", "Paid", document="INV-000001")
    clients = {}
    with transaction() as session:
        wallet.receive(session, money, by=Actor("Test"), now_us=1)
        for name in ("provider", "alpha", "gamma"):
            customer = None if name == "provider" else name
            secret = accounts.add_key(session, name, ["billing:read"], customer=customer, now_us=1)
            clients[name] = app.test_client()
            clients[name].environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return clients


def got(client: FlaskClient, address: str) -> Any:
    """The answer, once it looks as the specification says."""
    answer = client.get(f"/api/v1/invoices{address.partition(' ')[0]}")
    assert answer.status_code == 200, answer.text
    return answer.json


def numbers(client: FlaskClient, query: str = "") -> list[str]:
    return [invoice["number"] for invoice in got(client, query)["invoices"]]


def test_a_key_lists_its_own_invoices_newest_first(keys: Keys) -> None:
    provider = keys["provider"]

    assert numbers(provider) == ["INV-000002", "INV-000001"]
    assert numbers(provider, "?customer=alpha") == numbers(keys["alpha"]) == ["INV-000001"]
    page = got(provider, "?limit=1")
    assert page["next"] == "INV-000002"
    assert got(provider, "?limit=1&after=INV-000002") == {
        "invoices": [{**ALPHA, "issued_at": page_of(keys)}], "next": None,
    }  # fmt: skip
    for client, query, status in (
        (provider, "?customer=nobody", 404), (provider, "?after=INV-9", 404),
        (provider, "?limit=0", 400), (keys["alpha"], "?customer=gamma", 403),
        (keys["alpha"], "?after=INV-000002", 404),
    ):  # fmt: skip
        assert client.get(f"/api/v1/invoices{query}").status_code == status, query


def page_of(keys: Keys) -> str:
    return str(got(keys["alpha"], "/INV-000001")["issued_at"])


def test_an_invoice_is_answered_in_the_shape_of_a_draft_and_each_line_explained(
    keys: Keys,
) -> None:
    alpha = keys["alpha"]
    found = got(alpha, "/INV-000001")
    spec = alpha.get("/api/v1/openapi.json").json
    line = found["lines"][0]

    assert found.items() >= {**ALPHA, "status": "issued", "unpriced": []}.items()
    assert (line["id"], line["meter"], line["amount"]) == (1, "vm.vcpu_hours", "215.76")
    opened = got(alpha, "/INV-000001/lines/1/explanation")
    assert opened["segments"] == [{
        "from": "2026-06-30T22:00:00Z", "to": "2026-07-31T22:00:00Z", "size": 2,
        "quantity": "1488.000000",
    }]  # fmt: skip
    assert opened.items() >= line.items()
    for path, answer in (
        ("", got(alpha, "")), ("/{number}", found),
        ("/{number}/lines/{line}/explanation", opened),
    ):  # fmt: skip
        schema = schema_of(spec, f"/api/v1/invoices{path}", "get", 200)
        assert faults(spec, schema, answer) == [], path
    assert alpha.get("/api/v1/invoices/INV-000001/lines/9/explanation").status_code == 404


def test_a_pdf_is_its_customers_only(keys: Keys) -> None:
    address = "/api/v1/invoices/INV-000001.pdf"

    own, all_ = (keys[name].get(address) for name in ("alpha", "provider"))

    assert own.mimetype == "application/pdf"
    assert own.data.startswith(b"%PDF-1.7")
    assert own.data == all_.data
    for path in ("", ".pdf", "/lines/1/explanation"):
        assert keys["gamma"].get(f"/api/v1/invoices/INV-000001{path}").status_code == 404
