"""Estimates side by side, the difference to the first line by line."""

import csv
import io
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcx.estimates import service
from dcx.estimates.rules.answers import answer_of
from dcx.estimates.rules.comparing import compare
from dcx.estimates.rules.costing import cost
from dcx.estimates.rules.months import month_of
from dcx.estimates.service import Answer, Ask
from dcx.pricing.rules.books import read_book
from tests.conftest import Flask, SignIn
from tests.estimates.conftest import DATA, E1
from tests.estimates.test_saved_pages import post, saved, text_of
from tests.support.counts import count

VM = {"kind": "vm", "vcpus": 2, "memory_gib": "4", "disks": []}
UTC = ZoneInfo("UTC")
BOOK = replace(read_book((DATA / "e1_book.toml").read_bytes(), currency="ZAR"), number=1)
OWN = "/c/alpha/estimates/compare"


@pytest.fixture
def book(flask: Flask, people: None) -> None:
    assert people is None
    assert flask("pricing", "publish", DATA / "e1_book.toml").status == 0


def lines(*names: str) -> list[dict[str, Any]]:
    return [{**VM, "name": name} for name in names]


@pytest.mark.usefixtures("book")
def test_lines_are_matched_by_name_then_place_and_the_largest_difference_stands_out(
    sign_in: SignIn,
) -> None:
    first = saved(name="Plan A", lines=[*lines("web", "app"), E1["lines"][1]])
    big = [{**VM, "name": "db", "vcpus": 16, "memory_gib": "64"}, {**VM, "name": "Web", "count": 2}]
    second = saved(name="Plan B", lines=[*big, E1["lines"][3]], month="744")
    alice = sign_in("alice")

    page = text_of(alice, f"{OWN}?e={first}&e={second}")
    for words in (
        "Plan A", "Plan B", "These are of different months and hours:", "Largest difference",
        "16 vCPU, 64 GiB", "2 × 2 vCPU, 4 GiB", "not in this one",
    ):  # fmt: skip
        assert words in page, words

    rows = list(csv.DictReader(io.StringIO(alice.get(f"{OWN}?e={first}&e={second}&as=csv").text)))
    of_b = {row["line"]: (row["net"], row["difference"]) for row in rows
            if row["estimate"] == "Plan B"}  # fmt: skip
    assert of_b["web"] == ("654.72", "333.52"), "twice 327.36, less one of 321.20"
    assert of_b["app"] == ("", "-321.20"), "only the first has it"
    assert of_b["db"] == ("3809.28", "290.48")
    assert of_b["Backup 3"] == ("357.00", "357.00")
    sums = {row["line"]: row for row in rows[-6:] if row["estimate"] == "Plan B"}
    assert sums["total with VAT"]["net"] == "5544.15"
    largest = page.partition("The largest difference is in")[2][:40]
    assert "Backup 3" in largest
    assert "R357,00" in largest


@pytest.mark.usefixtures("book")
def test_of_many_lines_the_first_are_shown_and_the_file_has_all(sign_in: SignIn) -> None:
    first = saved(lines=lines(*(f"web {number}" for number in range(1_000))))
    second = saved(lines=lines(*(f"app {number}" for number in range(500))))
    alice = sign_in("alice")

    page = text_of(alice, f"{OWN}?e={first}&e={second}")

    assert "The first 200 of 1 000 lines." in page.replace("\u00a0", " ")
    assert "web 199" in page
    assert "web 200" not in page
    rows = alice.get(f"{OWN}?e={first}&e={second}&as=csv").text
    assert "web 999" in rows


@pytest.mark.usefixtures("book")
def test_what_cannot_be_compared_says_what_to_do(sign_in: SignIn) -> None:
    keys = [saved(name=f"Plan {number}") for number in range(5)]
    theirs, gone = saved("gamma"), keys.pop()
    alice, sam = sign_in("alice"), sign_in("sam")
    post(alice, f"/c/alpha/estimates/{gone}/remove")
    keys.append(saved(name="Plan 5"))

    def said(*chosen: str, status: int = 422) -> str:
        return text_of(alice, f"{OWN}?{'&'.join(f'e={key}' for key in chosen)}", status)

    assert "Tick two to four estimates." in said(status=200)
    assert "Tick one more" in said(keys[0], status=200)
    assert "the same estimate twice" in said(keys[0], keys[0])
    assert "Up to 4 estimates" in said(*keys)
    assert "No line differs." in said(keys[0], keys[1], keys[1], status=200)
    assert "Plan 3" in said(*keys[:4], status=200)
    for other in (theirs, gone, "none"):
        said(keys[0], other, status=404)
    assert "Plan 0" in text_of(sam, f"/estimates/compare?e={keys[0]}&e={theirs}")
    page = alice.get(f"{OWN}?e={keys[0]}").get_data(as_text=True)
    assert page.count("checked>") == 1
    assert 'name="e" value="' + keys[3] in page


@dataclass
class Priced:
    ask: Ask
    answer: Answer


def priced(wanted: list[tuple[str, int]]) -> Priced:
    asked = {"month": "730", "lines": [{**VM, "name": n, "vcpus": v} for n, v in wanted]}
    ask, month = service.read_ask(asked, this_month="2026-11"), month_of("730", UTC)
    costs = cost(ask, month, [(BOOK, month.period)], UTC)
    answer = answer_of(
        ask, costs, month, currency="ZAR", version=1, vat_rate_e8=15_000_000, words=((), ())
    )
    return Priced(ask, answer)


NAMES = st.sampled_from(["web", "db", "app", "cache"])
ASKS = st.lists(st.lists(st.tuples(NAMES, st.integers(1, 9)), min_size=1, max_size=6),
                min_size=2, max_size=4)  # fmt: skip


@settings(max_examples=count(100, 1_000), deadline=None)
@given(ASKS)
def test_every_cent_of_every_estimate_is_in_one_row(asked: list[list[tuple[str, int]]]) -> None:
    them = [priced(wanted) for wanted in asked]
    found = compare(them)
    for place, one in enumerate(them):
        cells = [row.cells[place] for row in found.rows]
        assert sum(cell.cents for cell in cells if cell) == one.answer.net_cents
        assert sum(len(cell.lines) for cell in cells if cell) == len(one.ask.lines)
        more = sum(row.more_cents(place) for row in found.rows)
        assert more == one.answer.net_cents - them[0].answer.net_cents
