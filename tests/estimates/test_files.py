"""Files of an estimate: CSV, XLSX, PDF and JSON agree to the cent, and no name is ever run."""

import csv
import io
import json
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from dcx.estimates import service
from dcx.estimates.routes.ground import desk
from dcx.estimates.service.papers import paper_of
from dcx.kit.actors import Actor
from dcx.repository.session import transaction
from dcx.web.looks import Looks
from tests.conftest import Flask, SignIn
from tests.estimates.conftest import DATA, E1, Keys
from tests.estimates.test_answer import shown
from tests.estimates.test_api import AMOUNTS
from tests.support.pdfs import pages_of

SUMS = ["5154.40", "773.16", "5927.56"]
HOSTILE = [
    "=cmd|' /C calc'!A0", "+1", "@x", "-2+3", "<script>alert(1)</script>", "#let x = 1 $a$ *b* `c`",
    "\"'quotes'\"", "W" * 100, "🚀 rocket", "שלום עולם",
]  # fmt: skip
LATER = b"""
name = "standard"
currency = "ZAR"
starts_at = 2099-01-01T00:00:00+02:00
[[price]]
meter = "vm.vcpu_hours"
unit_price = "0.24"
"""


def keep(app: APIFlask, given: dict[str, Any]) -> service.Given:
    """An estimate of alpha's, saved, as its files have it."""
    with app.test_request_context("/"), transaction() as session:
        ask = service.read_ask(given, this_month="2026-11")
        saved = service.save(session, ask, desk(), customer="alpha", by=Actor("Alice"))
        return service.given(session, saved.key, customer="alpha")


def cells_of(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def sheet_of(body: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()


def words_of(body: bytes) -> list[str]:
    return "\n".join(pages_of(body)).replace("\u00a0", " ").splitlines()


def bodies(client: FlaskClient, address: str) -> dict[str, bytes]:
    found = {}
    for form in ("csv", "xlsx", "pdf", "json"):
        answer = client.get(f"{address}.{form}")
        assert answer.status_code == 200, answer.text
        name = f"estimate-web-shop-v1.{form}"
        assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
        found[form] = answer.data
    return found


def test_four_files_and_the_page_of_the_worked_estimate_agree_to_the_cent(
    app: APIFlask, keys: Keys
) -> None:
    made = keys["alpha"].post("/api/v1/estimates", json=E1).get_json()
    files = bodies(keys["alpha"], f"/api/v1/estimates/{made['id']}")

    rows = cells_of(files["csv"])
    assert [row["amount"] for row in rows if row["row"] == "line"] == AMOUNTS
    assert [row["amount"] for row in rows if row["row"] in {"net", "vat", "total"}] == SUMS
    head, *sheet = sheet_of(files["xlsx"])
    assert head[-1] == "Amount (ZAR)"
    assert [f"{row[-1]:.2f}" for row in sheet[:8]] == AMOUNTS
    assert [f"{row[-1]:.2f}" for row in sheet[8:11]] == SUMS
    assert sheet[11:] == [
        ["Check: sum of the lines", *[""] * 6, 5154.4], ["Check", *[""] * 6, "The lines add up"],
    ]  # fmt: skip
    assert all(isinstance(cell, float) for row in sheet[:8] for cell in (row[3], row[4], row[6]))
    answer = json.loads(files["json"])
    assert answer == made
    assert [answer["net"], answer["vat"], answer["total"]] == SUMS
    looks, words = Looks(app.config["DCX"]), words_of(files["pdf"])
    printed = [looks.amount(int(text.replace(".", ""))) for text in AMOUNTS]
    assert _missing(printed, words) == []
    sums = [looks.money(int(text.replace(".", ""))) for text in SUMS]
    assert _missing(sums, words) == []
    assert "This is an estimate and not a tax invoice." in words
    assert "Page 1 of 1" in words
    page = shown(app, E1)
    assert [text for text in sums if text.replace("\u00a0", " ") not in page] == []


def _missing(texts: list[str], words: list[str]) -> list[str]:
    return [text for text in texts if text.replace("\u00a0", " ") not in words]


def test_files_stand_at_both_places_and_a_stranger_finds_none(
    app: APIFlask, flask: Flask, sign_in: SignIn
) -> None:
    assert flask("pricing", "publish", DATA / "e1_book.toml").status == 0
    key = keep(app, E1).saved.key
    own = bodies(sign_in("alice"), f"/c/alpha/estimates/{key}")

    assert bodies(sign_in("sue"), f"/estimates/{key}") == own
    marked = sign_in("victor").get(f"/c/alpha/estimates/{key}.csv?bom=1").data
    assert marked == b"\xef\xbb\xbf" + own["csv"]
    charlie = sign_in("charlie")
    for address in (
        f"/c/gamma/estimates/{key}.pdf", f"/c/alpha/estimates/{key}.pdf", f"/estimates/{key}.csv",
    ):  # fmt: skip
        assert charlie.get(address).status_code == 404
    assert sign_in("alice").get(f"/c/alpha/estimates/{key}.exe").status_code == 404
    assert app.test_client().get(f"/api/v1/estimates/{key}.csv").status_code == 401


@pytest.mark.usefixtures("prices")
def test_a_name_is_a_name_in_every_file_whatever_it_says(app: APIFlask, keys: Keys) -> None:
    vm = {"kind": "vm", "vcpus": 1, "memory_gib": "1", "disks": [{"size_gib": "5"}]}
    given = keep(app, {"name": HOSTILE[0], "lines": [{**vm, "name": name} for name in HOSTILE]})
    client, address = keys["alpha"], f"/api/v1/estimates/{given.saved.key}"

    names = [row["name"] for row in cells_of(client.get(f"{address}.csv").data)]
    assert names[: 2 * len(HOSTILE) : 2] == [_quoted(name) for name in HOSTILE]
    body = client.get(f"{address}.xlsx").data
    sheet = sheet_of(body)
    assert [row[0] for row in sheet[1 : 1 + 3 * len(HOSTILE) : 3]] == HOSTILE
    assert _formulas(body) == 2, "the sum and its check, and nothing that anybody typed"
    words = words_of(client.get(f"{address}.pdf").data)
    for name in HOSTILE[:7]:
        assert name in words
    assert sum(len(word) for word in words if set(word) == {"W"}) == 100, "wrapped, all there"
    assert HOSTILE[9][::-1] in words, "right to left"
    assert any(word.endswith(" rocket") for word in words)
    assert words.count("No price") == len(HOSTILE)
    assert client.get(f"{address}.json").get_json()["name"] == HOSTILE[0]
    unpriced = [
        row for row in cells_of(client.get(f"{address}.csv").data) if row["row"] == "unpriced"
    ]
    assert [row["amount"] for row in unpriced] == [""] * len(HOSTILE), "never zero"


def _quoted(name: str) -> str:
    return f"'{name}" if name[0] in "=+-@" else name


def _formulas(body: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        return sum(parts.read(name).count(b"<f>") for name in parts.namelist() if "sheet" in name)


@pytest.mark.usefixtures("prices")
def test_a_long_estimate_turns_its_pages_and_a_very_long_one_is_summed_by_line(
    app: APIFlask, flask: Flask, keys: Keys, tmp_path: Any
) -> None:
    (tmp_path / "later.toml").write_bytes(LATER)
    assert flask("pricing", "publish", tmp_path / "later.toml").status == 0
    web = E1["lines"][0]
    long = keep(app, {"lines": [{**web, "name": f"web-{each}"} for each in range(70)]})
    body = keys["alpha"].get(f"/api/v1/estimates/{long.saved.key}.pdf").data

    pages = pages_of(body)
    assert len(pages) > 4
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
    assert all("Unit price" in page for page in pages[:-1]), "each page has the table's head"
    assert "They hold until 1 January 2099" in " ".join(pages)
    ip = {"kind": "ip", "name": "ip"}
    very_long = keep(app, {"month": "730", "lines": [ip] * 1_003})
    paper = paper_of(very_long, app.config["DCX"])
    assert len(paper.blocks) == 1_001
    assert paper.blocks[-1].words == "3 more lines together"
    assert _sum(block.amount for block in paper.blocks) == Decimal("45135.00")
    assert very_long.saved.answer.net_cents == 45_135_00


def _sum(amounts: Any) -> Decimal:
    return sum(
        (Decimal(text.replace("\u00a0", "").replace(",", ".")) for text in amounts), Decimal()
    )
