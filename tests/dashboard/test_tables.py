"""Every table sorts, turns its pages by key, and exports the whole of what it shows."""

import csv
import io
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from dcx.kit.sorting import PER_PAGE, Place, Sort
from dcx.settings import Settings
from tests.conftest import SignIn, commands_of, settle_people
from tests.support.apps import serving
from tests.support.databases import Pair, PostgresDatabases, SqliteDatabases, settings_of
from tests.support.plenty import fill, last_month

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Table:
    """Where a table is, its name in the address, the column that names its rows, and which column
    of the file each sort follows ('' : by none that is exported).
    """

    path: str
    named_by: str
    sorts: dict[str, str]
    name: str = ""
    section: str = ""


MONTH = last_month()
TABLES = [
    Table("/customers", "name", {"name": "name", "billing": "billing", "book": "price_book",
          "resources": "resources", "cents": "accrued", "forecast": "forecast"}),
    Table("/invoices", "number", {"number": "number", "customer": "", "month": "period",
          "issued": "", "net": "net", "total": "total"}),
    Table("/invoices/issue", "name", {"customer": "name", "lines": "lines", "net": "net",
          "total": "total"}),
    Table("/c/alpha/resources", "resource", {"resource": "", "kind": "kind", "state": "state",
          "size": "memory_mib", "cents": "cost"}),
    Table("/c/alpha/invoices", "number", {"number": "number", "month": "period", "issued": "issued",
          "net": "net", "total": "total"}),
    Table(f"/c/alpha/usage?month={MONTH}&by=days", "day", {"day": "day", "cents": "cost",
          "s0": "", "s1": ""}),
    Table(f"/c/alpha/usage?month={MONTH}&by=meters", "meter", {"meter": "what",
          "resources": "resources", "cents": "cost"}),
    Table("/metering", "source", {"name": "source", "mode": "mode", "last": "last_sent",
          "stored": "stored_today", "refused": "refused_today"}, "sources", "sources"),
    Table("/metering", "customer", {"key": "customer", "resources": "resources", "since": "since"},
          "unknown", "held"),
    Table("/metering", "resource", {"received": "received", "reason": "reason",
          "resource": "resource", "source": "source"}, "quarantine", "quarantine"),
    Table("/metering", "event_id", {"received": "received", "event": "event_id",
          "source": "source"}, "conflicts", "conflicts"),
    Table("/metering", "by", {"started": "started", "by": "by", "logs": "logs",
          "segments": "segments", "took": ""}, "runs", "runs"),
    Table("/jobs", "job", {"started": "started", "job": "job", "result": "result", "took": ""}),
    Table("/pricing", "book", {"book": "book", "starts": "starts", "published": "published"}),
]  # fmt: skip


@pytest.fixture
def settings(databases: SqliteDatabases | PostgresDatabases, tmp_path: Path) -> Settings:
    """A provider with more of everything than a page holds; it is filled once."""

    def settle(pair: Pair) -> None:
        with serving(settings_of(pair)) as app:
            settle_people()
            fill(commands_of(app), tmp_path)
            assert commands_of(app)("billing", "issue", MONTH).status == 0

    return settings_of(databases.prepared("plenty", settle))


@pytest.fixture
def people() -> None:
    """They are settled already."""


@pytest.fixture
def ada(sign_in: SignIn) -> FlaskClient:
    """Ada of the staff."""
    return sign_in("ada")


def page_of(client: FlaskClient, address: str, table: Table) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    text = str(answer.get_data(as_text=True))
    if table.section:
        text = text[text.index(f'id="{table.section}"') :].partition("</section>")[0]
    return text


def link(text: str, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', text)
    return unescape(found.group(1)) if found else ""


def total(text: str) -> int:
    """How many rows the foot of a table counts."""
    found = re.search(r'aria-live="polite">(?:\d+ to \d+ of )?(\d+) ', text)
    assert found
    return int(found.group(1))


def file_of(client: FlaskClient, address: str, table: Table) -> list[dict[str, str]]:
    joint = "&" if "?" in address else "?"
    answer = client.get(f"{address}{joint}as=csv&table={table.name}")
    assert answer.mimetype == "text/csv", address
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def shown(text: str, names: list[str]) -> list[str]:
    """The names that stand in the body of a table, in its order."""
    body = unescape(text[text.index("<tbody") :]) if "<tbody" in text else ""
    places = {name: re.search(rf"[>\s:]{re.escape(name)}[<\s,]?", body) for name in set(names)}
    found = {name: place.start() for name, place in places.items() if place}
    return sorted(found, key=lambda name: found[name])


def walk(client: FlaskClient, address: str, table: Table, names: list[str]) -> list[str]:
    """The names on every page, from the first to the last and back again."""
    forth, back = [], []
    text = page_of(client, address, table)
    while True:
        forth.append(shown(text, names))
        following = link(text, "next")
        if not following:
            break
        text = page_of(client, following, table)
    while before := link(text, "prev"):
        text = page_of(client, before, table)
        back.append(shown(text, names))
    assert back[::-1] == forth[:-1], f"{address}: Back leads elsewhere than Next came from"
    return [name for page in forth for name in page]


def words(row: dict[str, str], table: Table) -> str:
    """How the page writes the name of a row of the file."""
    name = row[table.named_by]
    return f"{name[-2:]} " if table.named_by == "day" else name


def with_sort(table: Table, sort: str) -> str:
    param = f"{table.name}-sort" if table.name else "sort"
    return f"{table.path}{'&' if '?' in table.path else '?'}{param}={sort}"


def test_every_page_of_a_table_shows_what_its_file_holds(ada: FlaskClient) -> None:
    for table in TABLES:
        rows = file_of(ada, table.path, table)
        names = [words(row, table) for row in rows]
        assert rows, table.path
        assert total(page_of(ada, table.path, table)) == len(rows), table.path
        assert walk(ada, table.path, table, names) == names, table.path


def test_a_table_sorted_by_words_in_small_letters_turns_its_pages(ada: FlaskClient) -> None:
    for path, name, sort in (("/metering", "runs", "by"), ("/invoices", "", "customer")):
        table = next(each for each in TABLES if (each.path, each.name) == (path, name))
        address = with_sort(table, sort)
        names = [words(row, table) for row in file_of(ada, address, table)]
        assert len(names) > PER_PAGE
        assert walk(ada, address, table, names) == names


def test_every_head_sorts_both_ways(ada: FlaskClient) -> None:
    for table in TABLES:
        text = page_of(ada, table.path, table)
        heads = re.findall(r'<th scope="col"[^>]*>\s*<a href="([^"]+)"', text)
        param = f"{table.name}-sort" if table.name else "sort"
        keys = {parse_qs(urlsplit(unescape(href)).query)[param][0].strip("-") for href in heads}
        assert keys == table.sorts.keys(), table.path
        for key, column in table.sorts.items():
            up, down = (file_of(ada, with_sort(table, sign + key), table) for sign in ("", "-"))
            assert up == down[::-1], (table.path, key)
            values = [number_or_text(row[column]) for row in up] if column else []
            assert values == sorted(values), (table.path, key)


def number_or_text(cell: str) -> Any:
    text = cell.lower()
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


def test_the_arrow_stands_at_the_sorted_column_only(ada: FlaskClient) -> None:
    for table in TABLES:
        for key in table.sorts:
            text = page_of(ada, with_sort(table, f"-{key}"), table)
            assert text.count('aria-sort="descending"') == 1, (table.path, key)
            assert text.count("#arrow-") == 1, (table.path, key)


def test_an_invoices_lines_sort_by_resource_and_turn_and_the_file_follows(ada: FlaskClient) -> None:
    number = file_of(ada, "/c/alpha/invoices", TABLES[4])[0]["number"]
    for sort in ("resource", "-resource", "amount", "-amount"):
        table = Table(f"/invoices/{number}?sort={sort}", "resource", {})
        rows = file_of(ada, table.path, table)
        resources = list(dict.fromkeys(row["resource"] for row in rows))

        assert len(resources) == 55
        assert walk(ada, table.path, table, resources) == resources
        totals = [
            sum(float(row["amount"]) for row in rows if row["resource"] == each)
            for each in resources
        ]
        if sort.endswith("amount"):
            assert totals == sorted(totals, reverse=sort.startswith("-"))


def test_an_opened_line_is_on_the_page_that_is_shown(ada: FlaskClient) -> None:
    number = file_of(ada, "/c/alpha/invoices", TABLES[4])[0]["number"]
    table = Table(f"/invoices/{number}", "resource", {})

    for line in (1, 30, 110):
        text = page_of(ada, f"{table.path}?line={line}", table)
        assert f'id="opened-{line}"' in text


def test_usage_by_resource_turns_and_its_file_holds_all(ada: FlaskClient) -> None:
    table = Table(f"/c/alpha/usage?month={MONTH}", "resource", {})
    for sort in ("resource", "-cents"):
        address = f"{table.path}&sort={sort}"
        rows = file_of(ada, address, table)
        resources = list(dict.fromkeys(row["name"] or row["resource"] for row in rows))
        resources = [name.lstrip("'") for name in resources]

        assert len(rows) == 110
        assert walk(ada, address, table, resources) == resources


def test_a_filter_is_followed_by_the_file_and_by_its_link(ada: FlaskClient) -> None:
    counts = {
        "/customers?q=customer+0": 10,
        "/invoices?customer=c-03": 1,
        "/metering?source=hv-01": 45,
        "/c/alpha/resources?q=vm-1": 10,
    }
    for page, count in counts.items():
        name = "quarantine" if page.startswith("/metering") else ""
        table = Table(page, "", {}, name, name)
        answer = ada.get(page, headers={"HX-Request": "true"}).get_data(as_text=True)
        href = re.search(r'href="([^"]*as=csv[^"]*)"', answer)

        assert href, page
        assert len(file_of(ada, page, table)) == count
        text = ada.get(unescape(href.group(1))).get_data(as_text=True)
        assert len(list(csv.reader(io.StringIO(text)))) - 1 == count, page


def test_no_cell_of_a_file_starts_a_formula(ada: FlaskClient) -> None:
    rows = file_of(ada, f"/c/alpha/usage?month={MONTH}", TABLES[0])
    things = file_of(ada, "/c/alpha/resources", TABLES[0])

    assert {row["name"] for row in rows + things} == {"'=1+1", ""}


def test_an_address_that_names_no_row_shows_the_first_page(ada: FlaskClient) -> None:
    for table in TABLES:
        param = f"{table.name}-after" if table.name else "after"
        joint = "&" if "?" in table.path else "?"
        sorts = [Sort(key, down=down) for key in table.sorts for down in (True, False)]
        foreign = [Place("x", "y\udc00").written(sort) for sort in sorts]
        mixed = [Place("x", 2**70).written(sort) for sort in sorts]
        for key in ("x", "W10", *foreign, *mixed):
            address = f"{table.path}{joint}{param}={key}"
            assert link(page_of(ada, address, table), "prev") == "", address
        assert ada.get(f"{table.path}{joint}{param}=%00").status_code == 400, "no text holds a NUL"


def test_a_row_that_is_gone_turns_no_page_back(ada: FlaskClient) -> None:
    table = next(table for table in TABLES if table.name == "quarantine")
    rows = [row["resource"] for row in file_of(ada, table.path, table)]
    following = link(page_of(ada, table.path, table), "next")
    ids = re.findall(r'name="id" value="(\d+)"', page_of(ada, table.path, table))
    token = re.search(r'name="csrf_token" value="([^"]+)"', ada.get("/metering").text)
    assert token

    sent = {"csrf_token": token.group(1), "id": ids, "act": "dismiss"}
    assert ada.post("/metering/quarantine", data=sent).status_code == 303

    assert shown(page_of(ada, following, table), rows) == rows[20:40]
