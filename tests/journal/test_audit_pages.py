"""Administrators read what was done, find it by its facts, and take it with them as CSV."""

import csv
import io
import json
import re

import pytest
from flask.testing import FlaskClient

from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.periods import parse_instant
from dcx.repository.session import transaction
from tests.conftest import SignIn

SAM = Actor("sam@dcx.example", "192.0.2.7")


@pytest.fixture
def ada(sign_in: SignIn) -> FlaskClient:
    return sign_in("ada")


def write(subject: str, *, by: Actor = SAM, at: str = "2026-07-15T12:00:00Z") -> None:
    deed = Deed("role changed", subject, "alpha", {"role": "viewer"}, {"role": "owner"})
    with transaction() as session:
        journal.record(session, by, deed, now_us=parse_instant(at))


def subjects(client: FlaskClient, query: str = "") -> list[str]:
    found = re.findall(r"Role changed</span> (.*)", client.get(f"/audit{query}").text)
    return [subject.strip() for subject in found]


def rows(client: FlaskClient, query: str) -> list[dict[str, str]]:
    answer = client.get(f"/audit{query}")
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_an_entry_says_who_did_what_as_whom_and_from_where(ada: FlaskClient) -> None:
    write("naledi", by=Actor("thandi@dcx.example", "192.0.2.9", as_customer="gamma"))

    text = ada.get("/audit").text

    for words in ("thandi@dcx.example", "as Gamma", "role: viewer → owner", "192.0.2.9"):
        assert words in text
    assert '<a href="/customers/alpha">Alpha</a>' in text


def test_long_facts_are_folded_and_can_be_opened(ada: FlaskClient) -> None:
    keys = [f"branch-{number}" for number in range(40)]
    with transaction() as session:
        deed = Deed("customers imported", "c.csv", after={"count": 40, "keys": keys, "note": None})
        journal.record(session, SAM, deed, now_us=1)

    text = ada.get("/audit").text

    assert '<span class="second">count: 40</span>' in text
    assert re.search(r"<details class=\"second\"><summary>keys: branch-0, .*…</summary>", text)
    assert "branch-39" in text


def test_the_filter_is_in_the_address(ada: FlaskClient) -> None:
    write("one 100%")
    write("two", by=Actor("Command line", "root"))
    with transaction() as session:
        journal.record(session, SAM, Deed("role changed", "three", "gamma"), now_us=1)

    assert subjects(ada) == ["three", "two", "one 100%"]
    assert subjects(ada, "?who=Command+line") == ["two"]
    assert subjects(ada, "?customer=gamma") == ["three"]
    assert subjects(ada, "?q=100%25") == ["one 100%"]
    assert subjects(ada, "?q=VIEWER") == ["two", "one 100%"]
    assert subjects(ada, "?q=root&customer=alpha") == ["two"]
    assert "<option selected>Command line</option>" in ada.get("/audit?who=Command+line").text


def test_days_are_those_of_the_provider_and_whole(ada: FlaskClient) -> None:
    for at in ("2026-06-30T23:59:59.999999", "2026-07-01T00:00:00", "2026-07-01T23:59:59.999999",
               "2026-07-02T00:00:00"):  # fmt: skip
        write(at, at=f"{at}+02:00")

    assert subjects(ada, "?from=2026-07-01&to=2026-07-01") == [
        "2026-07-01T23:59:59.999999", "2026-07-01T00:00:00",
    ]  # fmt: skip
    assert subjects(ada, "?from=2026-07-02") == ["2026-07-02T00:00:00"]
    assert subjects(ada, "?to=2026-06-30") == ["2026-06-30T23:59:59.999999"]


@pytest.mark.parametrize("day", ["2026-02-30", "today", "0001-01-01", "9999-12-31", "'"])
def test_what_is_no_day_is_refused(ada: FlaskClient, day: str) -> None:
    answer = ada.get(f"/audit?to={day}")

    assert answer.status_code == 400
    assert "is not a day, for example 2026-11-23" in answer.text


def test_an_absurd_address_is_answered(ada: FlaskClient) -> None:
    write("one")

    for query in ("?after=9" * 40, "?after=-1", "?after=²"):
        assert ada.get(f"/audit{query}").status_code == 200, query
    for query in ("?q=%00", "?who=%00"):
        assert ada.get(f"/audit{query}").status_code == 400, query


def test_pages_show_every_entry_once_though_more_come_in(ada: FlaskClient) -> None:
    for number in range(70):
        write(f"s{number}")

    found, query = [], ""
    while True:
        found += subjects(ada, query)
        onward = re.search(r'href="/audit(\?[^"]*)" rel="next"', ada.get(f"/audit{query}").text)
        if onward is None:
            break
        query = onward.group(1)
        write("late")

    assert found == [f"s{number}" for number in reversed(range(70))]


def test_htmx_gets_the_table_alone(ada: FlaskClient) -> None:
    write("one")

    fragment = ada.get("/audit?q=one", headers={"HX-Request": "true"}).text

    assert "<html" not in fragment
    assert "Role changed</span> one" in fragment
    assert "/audit?q=one&amp;as=csv" in fragment


def test_an_empty_page_says_why(ada: FlaskClient) -> None:
    assert "No entry matches" in ada.get("/audit?q=two").text


def test_the_csv_holds_all_that_matches_and_runs_nothing_in_a_spreadsheet(ada: FlaskClient) -> None:
    for number in range(60):
        write(f"s{number}")
    write('=HYPERLINK("http://evil.example")', by=Actor("@sum", "+1"))

    found = rows(ada, "?customer=alpha&as=csv")

    assert [row["number"] for row in found] == [str(number) for number in range(62, 1, -1)]
    assert found[0]["subject"] == '\'=HYPERLINK("http://evil.example")'
    assert (found[0]["who"], found[0]["address"]) == ("'@sum", "'+1")
    assert json.loads(found[1]["before"]) == {"role": "viewer"}
    assert found[1]["at"] == "2026-07-15T12:00:00Z"
    assert [row["subject"] for row in rows(ada, "?q=s59&as=csv")] == ["s59"]


@pytest.mark.parametrize(("name", "status"), [("sam", 403), ("sue", 403), ("alice", 404)])
def test_nobody_but_administrators_sees_it(sign_in: SignIn, name: str, status: int) -> None:
    client = sign_in(name)

    for query in ("", "?as=csv"):
        answer = client.get(f"/audit{query}")
        assert answer.status_code == status
        assert answer.mimetype == "text/html"
    assert 'href="/audit"' not in client.get("/", follow_redirects=True).text


def test_administrators_find_it_in_the_navigation(ada: FlaskClient) -> None:
    assert 'href="/audit"' in ada.get("/").text
    assert re.search(r'href="/audit" aria-current="page"', ada.get("/audit").text)
