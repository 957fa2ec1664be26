"""Requests that nobody's form would send: more fields, the same field twice, cells that run."""

import csv
import gzip
import io
import json
import re

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import select

from dcx.accounts.models import Customer, Membership, Person
from dcx.accounts.service import keys
from dcx.accounts.service.keys import add_key
from dcx.kit.csv import csv_lines
from dcx.repository.session import reading, transaction
from tests.conftest import PASSWORD, Flask, SignIn
from tests.test_doors import canary as canary  # noqa: PLC0414 - a fixture
from tests.test_doors import pages

pytestmark = pytest.mark.long
GREEDY = {
    "staff_role": "admin", "role_by_hand": "1", "id": "1", "customer_id": "2", "customer": "gamma",
    "price_book": "free", "created_us": "1", "login": "x", "email": "x@x.example", "person_id": "1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_csrf(app: APIFlask, people: None) -> None:
    assert people is None
    app.config["WTF_CSRF_ENABLED"] = False


def rights() -> list[tuple[object, ...]]:
    """Everything that says who may what."""
    persons = select(Person.id, Person.login, Person.email, Person.staff_role)
    members = select(Membership.person_id, Membership.customer_id, Membership.role)
    with reading() as session:
        return [
            tuple(row)
            for query in (persons.order_by(Person.id), members.order_by(Membership.id))
            for row in session.execute(query).all()
        ]


def test_fields_that_no_form_has_are_not_read(sign_in: SignIn) -> None:
    alice, before = sign_in("alice"), rights()

    for door, sent in (
        ("/me/password", {"old": "wrong", "new": "wrong"}), ("/welcome", {"note": "Alpha"}),
        ("/c/alpha/people/invite", {"email": "new@dcx.example", "role": "viewer"}),
        ("/c/alpha/keys", {"name": "mine", "scope": "metering:read"}),
        ("/theme", {"theme": "dark"}),
    ):  # fmt: skip
        assert alice.post(door, data={**GREEDY, **sent}).status_code < 500, door

    assert rights() == before
    with reading() as session:
        assert {key.customer for key in keys.keys(session)} == {"alpha"}


@pytest.mark.parametrize("role", ["admin", "staff", "support", "", "OWNER"])
def test_an_owner_gives_no_role_that_customers_have_not(sign_in: SignIn, role: str) -> None:
    alice, before = sign_in("alice"), rights()
    victor = _key_of("victor@dcx.example")

    alice.post("/c/alpha/people/invite", data={"email": "n@dcx.example", "role": role})
    if role:
        alice.post(f"/c/alpha/people/{victor}", data={"role": role})

    assert rights() == before
    assert "n@dcx.example" not in alice.get("/c/alpha/people").get_data(as_text=True)


def _key_of(login: str) -> str:
    with reading() as session:
        return session.scalars(select(Person.key).where(Person.login == login)).one()


def test_of_a_field_sent_twice_the_first_counts(sign_in: SignIn) -> None:
    sam = sign_in("sam")
    twice = {"key": ["beta", "alpha"], "name": ["Beta", "Alpha"]}

    sam.post("/customers?name=Query&key=query", data=twice)

    with reading() as session:
        names = {row.key: row.name for row in session.scalars(select(Customer)).all()}
    assert names == {"alpha": "Alpha", "gamma": "Gamma", "beta": "Beta"}


@pytest.mark.parametrize("kind", ["application/json", "text/xml", "text/plain"])
def test_a_body_of_another_kind_is_no_form(app: APIFlask, kind: str) -> None:
    sent = json.dumps({"email": "alice@dcx.example", "password": PASSWORD})

    answer = app.test_client().post("/signin", data=sent, content_type=kind)

    assert answer.status_code == 422
    assert "Enter your password" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "name", ['<img src=x onerror="alert(1)">', '"><b onclick=alert(1)>', "{{ 7 * 7 }}${7*7}"]
)
def test_a_name_is_text_on_every_page(
    app: APIFlask, sign_in: SignIn, canary: dict[str, list[str]], name: str
) -> None:
    with transaction() as session:
        session.query(Customer).filter_by(key="alpha").one().name = name
        for person in session.query(Person).all():
            person.name = name
    seen = 0

    for who in ("ada", "alice"):
        client = sign_in(who)
        for address in pages(app, canary):
            answer = client.get(address)
            if answer.mimetype == "text/html":
                told = answer.get_data(as_text=True)
                assert "<img src=x" not in told, address
                assert "<b onclick" not in told, address
                seen += str(escape(name)) in told
                assert not re.search(r"\b49\$", told), address

    assert seen > 20


def test_a_body_that_grows_when_it_is_unpacked_is_refused(app: APIFlask, flask: Flask) -> None:
    assert flask("metering", "add-source", "hv", "--mode", "events").status == 0
    with transaction() as session:
        key = add_key(session, "collector", ["metering:write"], customer=None, now_us=1)
    head = {"Authorization": f"Bearer {key}", "Content-Encoding": "gzip"}

    answer = app.test_client().post(
        "/api/v1/metering/vm-logs?source=hv",
        data=gzip.compress(bytes(65 * 1024 * 1024)),
        content_type="application/x-ndjson",
        headers=head,
    )

    assert answer.status_code == 413


DOWNLOADS = ("/customers?as=csv", "/invoices?as=csv", "/audit?as=csv", "/invoices/INV-000001.csv",
             "/c/alpha/usage?as=csv&month=2026-07")  # fmt: skip


def rows_of(client: FlaskClient, address: str) -> list[list[str]]:
    """A download's cells, after its head was judged."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    disposition = answer.headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="[A-Za-z0-9._:@+-]+\.csv"', disposition)
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True))))


@pytest.mark.usefixtures("canary")
def test_downloads_are_files_of_cells_that_run_nothing(sign_in: SignIn) -> None:
    with transaction() as session:
        session.query(Customer).filter_by(key="alpha").one().name = '=HYPERLINK("http://evil")'
    ada = sign_in("ada")

    for address in DOWNLOADS:
        rows = rows_of(ada, address)
        assert len(rows) > 1, address
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "@", "+"))]


@pytest.mark.usefixtures("canary")
def test_no_download_of_one_customer_holds_another_ones_data(sign_in: SignIn) -> None:
    alice, charlie = sign_in("alice"), sign_in("charlie")

    own = rows_of(charlie, "/c/gamma/usage?as=csv&month=2026-07")

    assert [len(own), len(rows_of(alice, "/c/alpha/usage?as=csv&month=2026-07")) > 1] == [1, True]
    for address in DOWNLOADS:
        assert charlie.get(address).status_code == 404, address
    for address in DOWNLOADS[:3]:
        assert alice.get(address).status_code == 404, address


@pytest.mark.parametrize(
    "month", ["2026-13", '2026-07"', "2026-07\r\nX: y", "../../etc", "x" * 9999]
)
def test_a_month_that_is_none_names_no_file(sign_in: SignIn, month: str) -> None:
    alice = sign_in("alice")

    answer = alice.get("/c/alpha/usage", query_string={"as": "csv", "month": month})

    assert answer.status_code in {400, 404, 409, 422}
    assert "Content-Disposition" not in answer.headers


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"), ("+1+1", "'+1+1"), ("-1+1", "'-1+1"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("\n=1", "'\n=1"), ("＝1+1", "'＝1+1"),
        ("-12.50", "-12.50"), ("-3", "-3"), ("a=b", "a=b"), ('"=1', '"=1'), ("", ""),
    ],
)  # fmt: skip
def test_a_cell_that_a_spreadsheet_would_run_is_text(cell: str, written: str) -> None:
    lines = "".join(csv_lines(["head"], [[cell, "x"]]))

    assert next(iter(list(csv.reader(io.StringIO(lines, newline="")))[1:])) == [written, "x"]
