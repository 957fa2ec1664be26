"""The builder: an estimate line by line, its price at each keystroke, and keeping it."""

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from dcx.estimates import service
from dcx.estimates.rules.sheets import Sheet, SheetLine, sheet_of
from tests.conftest import Flask, SignIn, token_of
from tests.estimates.conftest import DATA, E1

HTMX = {"HX-Request": "true"}
Fields = list[tuple[str, str]]


@pytest.fixture
def alice(sign_in: SignIn, flask: Flask) -> FlaskClient:
    """The owner of alpha, with the prices of E1."""
    assert flask("pricing", "publish", DATA / "e1_book.toml").status == 0
    return sign_in("alice")


def fields_of(given: dict[str, Any]) -> Fields:
    """What a browser would send of the form filled with an ask."""
    return sent_by(sheet_of(service.read_ask(given, this_month="2026-11")))


def sent_by(sheet: Sheet) -> Fields:
    head = [("name", sheet.name), ("price_book", sheet.price_book), ("month", sheet.month)]
    lines = [each for place, line in enumerate(sheet.lines) for each in _line(line, place)]
    return head + lines


def _line(line: SheetLine, place: int) -> Fields:
    at = f"lines.{place}."
    found = [(f"{at}kind", line.kind)]
    found += [(at + key, text) for key, text in line.texts.items()]
    found += [(f"{at}schedule.days", day) for day in line.days]
    for number, disk in enumerate(line.disks):
        found += [(f"{at}disks.{number}.{key}", text) for key, text in disk.items()]
    return found


def form(fields: Fields, **changes: str) -> dict[str, Any]:
    """The fields as Werkzeug's client sends them; `changes` replaces: lines__0__vcpus="4"."""
    found: dict[str, Any] = {}
    for name, text in fields:
        found.setdefault(name, []).append(text)
    return found | {name.replace("__", "."): text for name, text in changes.items()}


def post(client: FlaskClient, address: str, sent: dict[str, Any], **headers: str) -> Any:
    token = token_of(client, "/c/alpha/estimates/new?from=scratch")
    return client.post(address, data={**sent, "csrf_token": token}, headers=headers)


def words_of(answer: Any) -> str:
    """What a page says, its tags away and its spaces plain."""
    text = unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))
    return re.sub(r"\s+", " ", text)


def test_the_worked_estimate_comes_out_to_the_cent_and_is_kept(
    alice: FlaskClient, flask: Flask
) -> None:
    sent = form(fields_of(E1))
    shown = post(alice, "/c/alpha/estimates/price", sent, **HTMX)
    page = words_of(shown)
    assert "R5 154,40" in page
    assert "R5 927,56" in page
    assert "hx-swap-oob" in shown.get_data(as_text=True)
    assert "<form" not in shown.get_data(as_text=True), "the form is left as it is"
    kept = post(alice, "/c/alpha/estimates", sent)
    assert kept.status_code == 303
    listed = words_of(alice.get("/c/alpha/estimates"))
    assert "Web shop" in listed
    assert "5 927,56" in listed
    assert [entry["what"] for entry in audit(flask)] == ["estimate saved"]


def audit(flask: Flask) -> list[Any]:
    found = flask("journal", "audit", "--format", "json").json
    return [entry for entry in found if entry["what"].startswith("estimate")]
