"""Pages of uploads: a good file opens the builder; of another one nothing is lost or guessed."""

import html
import json
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dcx.accounts import service as accounts
from dcx.kit.actors import Actor
from dcx.repository.session import transaction
from tests.conftest import Flask, SignIn, token_of
from tests.estimates.conftest import DATA

GOOD = "name;vcpus;ram (GB);disk;hours\nweb;2;4;50 ssd;100\n"
MIXED = "name;vcpus;ram;colour\nweb;2;4;red\n=db;x;4;blue\n"


@pytest.fixture
def book(flask: Flask) -> None:
    assert flask("pricing", "publish", DATA / "e1_book.toml").status == 0


def send(
    client: FlaskClient, at: str, body: str | bytes, name: str = "web shop.csv"
) -> TestResponse:
    """As a browser does: written out here, as the test client would leave a large file open."""
    fields = {'name="csrf_token"': token_of(client, at), f'name="file"; filename="{name}"': body}
    parts = b"".join(
        f"--cut\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode()
        + (value.encode() if isinstance(value, str) else value)
        + b"\r\n"
        for head, value in fields.items()
    )
    kind = "multipart/form-data; boundary=cut"
    return client.post(at, data=parts + b"--cut--\r\n", content_type=kind)


def carried(page: str, field: str) -> str:
    """What the page takes on to the next step."""
    found = re.search(rf'name="{field}" value="([^"]*)"', page)
    assert found, f"nothing is carried as {field}"
    return html.unescape(found[1])


@pytest.mark.usefixtures("book")
def test_a_good_file_opens_the_builder_with_its_lines_priced(sign_in: SignIn) -> None:
    sue = sign_in("sue")
    page = send(sue, "/estimates/upload", GOOD)

    assert page.status_code == 200
    text = page.text.replace("\u00a0", " ")
    assert "1 line read from your file." in text
    assert "R119,00" in text, "2 x 100 h x 0.12 + 4 x 100 h x 0.05 + 50 x 1.50"
    assert 'value="web shop"' in text
    for form in ("csv", "xlsx"):
        filled_in = sue.get(f"/estimates/upload?template={form}").data
        opened = send(sue, "/estimates/upload", filled_in, f"lines.{form}")
        assert "5 lines read from your file." in opened.text


@pytest.mark.usefixtures("book")
def test_of_a_file_with_wrong_rows_the_good_ones_go_on_and_the_wrong_ones_can_be_mended(
    sign_in: SignIn,
) -> None:
    alice, at = sign_in("alice"), "/c/alpha/estimates/upload"
    page = send(alice, at, MIXED)

    assert page.status_code == 200
    assert "1 line can be priced, 1 row cannot yet." in page.text
    assert "Columns that were not read: colour." in page.text
    assert "Write a number" in page.text
    token = {"csrf_token": token_of(alice, at)}
    mend = alice.post(at, data={**token, "act": "mend", "mend": carried(page.text, "mend")})
    assert mend.headers["Content-Disposition"] == "attachment; filename=rows-to-mend.csv"
    assert mend.data.decode("utf-8-sig").splitlines() == [
        "row,what to do,name,vcpus,ram,colour",
        '3,"vcpus: Write a number, like 4, 0,5 or 1 024.",\'=db,x,4,blue',
    ]
    ask = carried(page.text, "ask")
    opened = alice.post(at, data={**token, "act": "go", "ask": ask})
    assert opened.status_code == 200
    assert "1 line read from your file." in opened.text
    for field, value in (
        ("ask", ""), ("ask", "[" * 100_000), ("ask", "{}"), ("mend", "{}"), ("mend", "[1]"),
        ("ask", json.dumps({**json.loads(ask), "price_book": "secret"})),
    ):  # fmt: skip
        act = {"ask": "go", "mend": "mend"}[field]
        assert alice.post(at, data={**token, "act": act, field: value}).status_code == 422, value


@pytest.mark.usefixtures("book")
def test_a_file_that_cannot_be_read_is_sent_back_in_its_place(sign_in: SignIn) -> None:
    with transaction() as session:
        alpha = replace(accounts.get_customer(session, "alpha"), price_book="gold")
        accounts.change_customer(session, alpha, by=Actor("Sam"), now_us=1)
    sam = sign_in("sam")
    for body, words in (
        ("", "This file is empty."), (b"\x00\x01", "neither a CSV nor an XLSX"),
        (b"a" * (20 * 1024 * 1024 + 1), "up to 20 MB"),
    ):  # fmt: skip
        refused = send(sam, "/estimates/upload", body)
        assert refused.status_code == 422
        assert words in refused.text
        assert 'aria-invalid="true"' in refused.text
    without = {"csrf_token": token_of(sam, "/estimates/upload")}
    assert "Choose a CSV or XLSX file" in sam.post("/estimates/upload", data=without).text
    own = send(sign_in("alice"), "/c/alpha/estimates/upload", MIXED)
    assert json.loads(carried(own.text, "ask"))["price_book"] == "gold", "the customer's own prices"
