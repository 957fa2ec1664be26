"""An issued invoice stands in the ledger with its sums, and prepaid customers pay it at once."""

import re
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import text

from dcx.kit.actors import Actor
from dcx.repository.session import reading, transaction
from dcx.wallet import service as wallet
from dcx.wallet.service import Receipt
from tests.billing.test_billing import BOOK, LOG, send
from tests.conftest import Flask, SignIn

TOP_UP = Receipt("beta", 200_00, "test/1", "Top-up")
"""Less than the R290,90 that July costs."""


@pytest.fixture
def july(flask: Flask, tmp_path: Path) -> None:
    """alpha is invoiced, beta is prepaid and has R200; each ran one VM all of July 2026."""
    (tmp_path / "book.toml").write_text(BOOK)
    flask("accounts", "add-customer", "alpha", "--name", "Alpha")
    flask("accounts", "add-customer", "beta", "--name", "Beta", "--billing", "prepaid")
    flask("pricing", "publish", tmp_path / "book.toml")
    flask("metering", "add-source", "hv", "--mode", "events")
    send(flask, tmp_path, LOG, {**LOG, "event_id": "e2", "vm_id": "vm-2", "customer": "beta"})
    flask("metering", "run")
    with transaction() as session:
        wallet.receive(session, TOP_UP, by=Actor("Test"), now_us=1)


def owed() -> dict[str, int]:
    with reading() as session:
        return wallet.owed(session, ["INV-000001", "INV-000002"])


@pytest.mark.usefixtures("july")
def test_issuing_books_what_is_owed_once_and_prepaid_wallets_pay_as_far_as_they_go(
    flask: Flask,
) -> None:
    for _ in range(2):
        assert flask("billing", "issue", "2026-07").status == 0

    assert owed() == {"INV-000001": 290_90, "INV-000002": 90_90}
    with reading() as session:
        found = wallet.balances_of(session, None)
    assert (found["alpha"].owed, found["beta"].owed, found["beta"].wallet) == (290_90, 90_90, 0)
    assert flask("check").status == 0


@pytest.mark.usefixtures("july")
def test_an_invoice_whose_booking_differs_is_named(flask: Flask) -> None:
    flask("billing", "issue", "2026-07")
    with transaction() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER booking_no_update"))
        else:
            session.execute(text("ALTER TABLE booking DISABLE TRIGGER ALL"))
        session.execute(
            text("UPDATE booking SET source = 'other' WHERE source = 'invoice/INV-000002'")
        )

    answer = flask("check")

    assert answer.status == 1
    assert "INV-000002: the ledger does not have its sums" in answer.err


def test_pages_and_files_say_how_each_invoice_stands(
    app: APIFlask, flask: Flask, people: None, july: None, sign_in: SignIn
) -> None:
    assert people is july is None
    flask("billing", "issue", "2026-07")
    sam, alice = sign_in("sam"), sign_in("alice")

    def badges(client: FlaskClient, page: str) -> list[str]:
        return re.findall(
            r'class="badge \w+">(Open|Part paid|Paid|Written off)<', client.get(page).text
        )

    assert badges(sam, "/invoices") == ["Part paid", "Open"]
    assert "90,90" in sam.get("/invoices/INV-000002").text
    rows = sam.get("/invoices?as=csv").text.splitlines()
    assert rows[0].endswith("total,state,owed")
    assert [row.split(",")[-2:] for row in rows[1:]] == [["part_paid", "90.90"], ["open", "290.90"]]
    for page in ("/c/alpha/", "/c/alpha/invoices", "/invoices/INV-000001"):
        assert badges(alice, page) == ["Open"], page
        pays = "/c/alpha/invoices/INV-000001/pay" in alice.get(page).text
        assert pays == ("payments.pay" in app.view_functions), page
        assert "/pay" not in sign_in("victor").get(page).text, page
    with transaction() as session:
        money = Receipt("alpha", 290_90, "test/2", "Paid", document="INV-000001")
        wallet.receive(session, money, by=Actor("Test"), now_us=1)
    assert badges(alice, "/c/alpha/") == ["Paid"]
    assert alice.get("/c/alpha/invoices?as=csv").text.rstrip().endswith("290.90,paid,0.00")
    assert "/pay" not in alice.get("/invoices/INV-000001").text
    with transaction() as session:
        wallet.write_off(session, "beta", "INV-000002", source="test/3", by=Actor("Test"), now_us=2)
    assert badges(sam, "/invoices/INV-000002") == ["Written off"]
    assert sam.get("/invoices?as=csv").text.splitlines()[1].endswith(",written_off,0.00")
