"""What people see of a saved estimate and do with it."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dcx.estimates import service
from dcx.estimates.routes.ground import desk
from dcx.journal import service as journal
from dcx.kit.actors import Actor
from dcx.repository.session import reading, transaction
from tests.conftest import Flask, SignIn, token_of
from tests.estimates.conftest import DATA, E1
from tests.estimates.test_api import DEARER

BY = Actor("alice@dcx.example")


@pytest.fixture(autouse=True)
def book(flask: Flask, people: None) -> None:
    """The prices of E1."""
    assert people is None
    assert flask("pricing", "publish", DATA / "e1_book.toml").status == 0


def saved(customer: str = "alpha", **changes: Any) -> str:
    """E1, kept for a customer; its key."""
    with transaction() as session:
        ask = service.read_ask({**E1, **changes}, this_month="2026-11")
        return service.save(session, ask, desk(), customer=customer, by=BY).key


def text_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return plain(answer.get_data(as_text=True))


def plain(page: str) -> str:
    text = re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").replace("&nbsp;", " ")
    return " ".join(text.split())


def post(client: FlaskClient, address: str, page: str = "/me", **sent: Any) -> Any:
    return client.post(address, data={"csrf_token": token_of(client, page), **sent})


def deeds(customer: str = "alpha") -> list[tuple[str, str]]:
    """Who did what to estimates of a customer, oldest first."""
    with reading() as session:
        found = journal.every_entry(session, journal.Wanted(customer=customer))
        return [(one.who, one.action) for one in found if "estimate" in one.action][::-1]


def test_a_saved_estimate_says_what_it_is_and_leads_on_at_both_places(sign_in: SignIn) -> None:
    key = saved()
    alice, sam, charlie = sign_in("alice"), sign_in("sam"), sign_in("charlie")
    own, staffs = f"/c/alpha/estimates/{key}", f"/estimates/{key}"

    page = text_of(alice, own)
    for words in (
        "Web shop", "Version 1 of 1, made by alice@dcx.example on",
        "Prices of standard version 1, in force from 1 January 2013", "R5 927,56", "R5 154,40",
    ):  # fmt: skip
        assert words in page, words
    assert "Prices changed since" not in page
    links = re.findall(r'href="([^"]+)"', alice.get(own).get_data(as_text=True))
    for form in ("pdf", "xlsx", "csv", "json"):
        assert f"{own}.{form}" in links
    assert f"/c/alpha/estimates/new?from=estimate:{key}" in links
    assert f"/c/alpha/estimates/compare?e={key}" in links
    assert f"{own}/share" in links

    assert 'href="/customers/alpha"' in sam.get(staffs).get_data(as_text=True)
    for client, address in (
        (charlie, own), (charlie, f"/c/gamma/estimates/{key}"), (charlie, staffs),
        (alice, staffs), (alice, "/c/alpha/estimates/none"), (sam, f"/c/gamma/estimates/{key}"),
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    assert post(charlie, f"/c/gamma/estimates/{key}/remove").status_code == 404
    assert "For" not in text_of(sam, f"/estimates/{saved('')}").partition("Version 1")[0]


def test_changed_prices_are_said_and_pricing_again_keeps_the_old_version(
    flask: Flask, sign_in: SignIn, tmp_path: Path
) -> None:
    key = saved()
    alice, own = sign_in("alice"), "/c/alpha/estimates"
    book = (DATA / "e1_book.toml").read_text().replace("2013", "2014").replace('"0.12"', '"0.24"')
    (tmp_path / "dearer.toml").write_text(book)
    assert flask("pricing", "publish", tmp_path / "dearer.toml").status == 0

    page = text_of(alice, f"{own}/{key}")
    assert "Prices changed since" in page
    assert "The same costs R7 337,92 with VAT now: R1 410,36 more." in page
    assert "R5 927,56" in page, "this version stays as it was given"

    answer = post(alice, f"{own}/{key}/again")
    assert answer.status_code == 303
    newer = text_of(alice, answer.location)
    assert "Version 2 of 2" in newer
    assert "Prices changed since" not in newer
    assert "R7 337,92" in newer
    older = text_of(alice, f"{own}/{key}")
    assert "Version 1 of 2" in older
    assert "R5 927,56" in older
    hrefs = alice.get(f"{own}/{key}").get_data(as_text=True)
    assert f'href="{answer.location}"' in hrefs
    assert deeds() == [("alice@dcx.example", "estimate saved")] * 2

    (tmp_path / "less.toml").write_bytes(DEARER.replace(b"2014", b"2015"))
    assert flask("pricing", "publish", tmp_path / "less.toml").status == 0
    assert "Some of it has no price any more." in text_of(alice, f"{own}/{key}")


def test_a_removed_estimate_is_gone_with_all_versions_and_the_audit_says_who(
    sign_in: SignIn, flask: Flask
) -> None:
    key = saved()
    alice, own = sign_in("alice"), "/c/alpha/estimates"
    second = post(alice, f"{own}/{key}/again").location

    asks = text_of(alice, f"{own}/{key}/remove")
    assert "This cannot be undone" in asks
    assert "2, all of them go" in asks
    answer = post(alice, f"{own}/{key}/remove")

    assert answer.status_code == 303
    for address in (f"{own}/{key}", second, f"{own}/{key}/share", f"{own}/{key}/remove"):
        assert alice.get(address).status_code == 404, address
    assert "No estimates yet" in text_of(alice, own)
    assert deeds()[-1] == ("alice@dcx.example", "estimate removed")
    assert post(alice, f"{own}/{key}/remove").status_code == 404
    assert len(deeds()) == 3
    assert flask("check").status == 0


def test_whatever_staff_do_to_an_estimate_leaves_one_entry(sign_in: SignIn) -> None:
    sam, there = sign_in("sam"), f"/estimates/{saved()}"

    def done(act: str, **sent: Any) -> list[tuple[str, str]]:
        before = len(deeds())
        assert post(sam, f"{there}/{act}", **sent).status_code in {201, 303}
        return deeds()[before:]

    assert done("again") == [("sam@dcx.example", "estimate saved")]
    assert done("share", days="3") == [("sam@dcx.example", "estimate shared")]
    link = re.findall(r"links/([^/]+)/revoke", sam.get(f"{there}/share").get_data(as_text=True))[0]
    assert done(f"links/{link}/revoke") == [("sam@dcx.example", "estimate link revoked")]
    assert done(f"links/{link}/revoke") == [], "it was revoked before"
    assert done("remove") == [("sam@dcx.example", "estimate removed")]
