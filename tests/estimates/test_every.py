"""The list of estimates."""

import csv
import io

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from dcx.estimates import service
from dcx.estimates.routes.ground import desk
from dcx.estimates.service import Saved
from dcx.kit.actors import Actor
from dcx.repository.session import transaction
from tests.conftest import Flask, SignIn
from tests.estimates.conftest import DATA, E1
from tests.support.estimating import words_of


@pytest.fixture
def saved(app: APIFlask, flask: Flask, people: None) -> list[Saved]:
    """30 estimates of alpha's, the first with a second version, and one for nobody."""
    assert people is None
    assert flask("pricing", "publish", DATA / "e1_book.toml").status == 0
    by = Actor("alice@dcx.example")
    with app.test_request_context("/"), transaction() as session:
        asks = [
            service.read_ask({**E1, "name": f"Shop {number:02d}"}, this_month="2026-11")
            for number in range(30)
        ]
        found = [service.save(session, ask, desk(), customer="alpha", by=by) for ask in asks]
        found.append(service.price_again(session, found[0], desk(), by=by))
        lacking = {**E1, "name": "Open", "lines": [{"kind": "disk", "tier": "x", "size_gib": "1"}]}
        ask = service.read_ask(lacking, this_month="2026-11")
        found.append(service.save(session, ask, desk(), customer="", by=Actor("sam@dcx.example")))
    return found


def names_in(client: FlaskClient, address: str) -> list[str]:
    """The names that a CSV of the list has, in its order."""
    text = client.get(address).text
    return [row["name"] for row in csv.DictReader(io.StringIO(text))]


def test_the_newest_version_of_each_estimate_is_listed_a_page_at_a_time(
    saved: list[Saved], sign_in: SignIn
) -> None:
    alice = sign_in("alice")
    first = alice.get("/c/alpha/estimates?sort=name")
    page = words_of(first)
    assert "1 to 25 of 30 estimates" in page
    assert "Shop 00 2 versions" in page
    assert "5 154,40" in page
    assert "5 927,56" in page
    assert saved[30].key in first.text
    assert saved[0].key not in first.text, "the first version gave way to the second"
    assert "Shop 25" not in page
    following = first.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert "Shop 25" in words_of(alice.get(following.replace("&amp;", "&")))
    assert "Shop 07" in words_of(alice.get("/c/alpha/estimates?q=shop+07"))
    assert "No estimate matches" in words_of(alice.get("/c/alpha/estimates?q=boat"))
    assert "No estimates yet" in words_of(sign_in("charlie").get("/c/gamma/estimates"))


def test_staff_see_everybodys_and_choose_whose(saved: list[Saved], sign_in: SignIn) -> None:
    assert len(saved) == 32
    sue = sign_in("sue")
    whole = "/estimates?as=csv&sort=name"
    assert len(names_in(sue, whole)) == 31
    assert names_in(sue, f"{whole}&customer=-") == ["Open"]
    assert names_in(sue, f"{whole}&customer=alpha")[:2] == ["Shop 00", "Shop 01"]
    assert names_in(sue, f"{whole}&q=sam@") == ["Open"]
    assert names_in(sue, "/c/alpha/estimates?as=csv&customer=-&sort=-name")[0] == "Shop 29"
    newest = words_of(sue.get("/estimates"))
    assert "Open Not complete" in newest
    assert "Alpha" in newest
    assert 'aria-current="page"' in sue.get("/estimates").text
