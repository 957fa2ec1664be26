"""Invoices and drafts open down to raw logs; a month is issued when it can be."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.billing.test_billing import BOOK, LOG, july, send
from tests.conftest import SignIn, token_of
from tests.support.plenty import last_month

Flask = Callable[..., Any]
__all__ = ["july"]


@pytest.fixture
def sam(july: None, flask: Flask, tmp_path: Path, sign_in: SignIn) -> FlaskClient:
    """Sam of billing; alpha's machine grew from 2 to 3 vCPU in July, and stood still for a day."""
    assert july is None
    grown = {**LOG, "event_id": "e2", "at": "2026-07-11T00:00:01+02:00", "vcpus": 3}
    stopped = {**LOG, "event_id": "e3", "at": "2026-07-21T00:00:00+02:00", "state": "stopped"}
    again = {**LOG, "event_id": "e4", "at": "2026-07-22T07:00:07+02:00"}
    send(flask, tmp_path, grown, stopped, again)
    assert flask("metering", "run").status == 0
    return sign_in("sam")


def cells(text: str, column: int) -> list[str]:
    """A column of the table of segments."""
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", text[text.index("Segments</h3>") :], re.DOTALL)
    rows = [re.findall(r"<td[^>]*>(.*?)(?:<span|</td>)", row, re.DOTALL) for row in found]
    return [row[column].strip() for row in rows if len(row) > 5]


def micros(text: str) -> int:
    return int(re.sub(r"[^0-9]", "", text))


@pytest.mark.parametrize("place", ["/invoices/INV-000001", "/invoices/drafts/2026-07/alpha"])
@pytest.mark.parametrize("line", [1, 2])
def test_the_segments_of_a_line_sum_to_its_quantity(
    flask: Flask, sam: FlaskClient, place: str, line: int
) -> None:
    flask("billing", "issue", "2026-07")

    text = sam.get(f"{place}?line={line}").get_data(as_text=True)

    *parts, whole = [micros(cell) for cell in cells(text, 4)]
    quantity = re.search(r'sum-line">([\d\s\u00a0]+,\d{6}) ', text)
    assert quantity
    assert len(parts) == 3
    assert sum(parts) == whole == micros(quantity.group(1))


def test_a_line_holds_only_its_versions_time(
    flask: Flask, tmp_path: Path, sam: FlaskClient
) -> None:
    dearer = BOOK.replace("2013-01-01", "2026-07-06").replace("0.1450", "0.2900")
    (tmp_path / "v2.toml").write_text(dearer.split("[[example]]")[0])
    assert flask("pricing", "publish", tmp_path / "v2.toml").status == 0

    first = sam.get("/invoices/drafts/2026-07/alpha?line=1").get_data(as_text=True)

    assert cells(first, 1)[0] == "06 Jul 2026 00:00:00"
    assert cells(first, 4)[-1] == "240,000000"


@pytest.mark.parametrize("place", ["/invoices/INV-000001", "/invoices/drafts/2026-07/alpha"])
def test_a_segment_opens_in_place_to_its_raw_logs(
    flask: Flask, sam: FlaskClient, place: str
) -> None:
    flask("billing", "issue", "2026-07")
    text = sam.get(f"{place}?line=1").get_data(as_text=True)
    links = re.findall(r'hx-get="([^"]*segment=[^"]*)"', text)

    opened = sam.get(unescape(links[1])).get_data(as_text=True)
    fragment = sam.get(unescape(links[1]), headers={"HX-Request": "true"}).get_data(as_text=True)

    for answer in (opened, fragment):
        assert 'id="opened-1"' in answer
        assert "/c/alpha/logs/vm/hv/e2" in answer
        assert "/c/alpha/logs/vm/hv/e1" not in answer
        assert "Close" in answer


def test_an_invoice_leads_to_its_customer_and_a_draft_too(flask: Flask, sam: FlaskClient) -> None:
    flask("billing", "issue", "2026-07")

    for place in ("/invoices/INV-000001", "/invoices/drafts/2026-07/alpha"):
        assert '<a href="/customers/alpha">Alpha</a>' in sam.get(place).get_data(as_text=True)


def test_the_preview_leads_to_the_drafts(sam: FlaskClient) -> None:
    text = sam.get("/invoices/issue?period=2026-07").get_data(as_text=True)

    assert 'href="/invoices/drafts/2026-07/alpha"' in text
    assert "Issue 1 invoice</button>" in text


def test_a_draft_exports_its_lines(sam: FlaskClient) -> None:
    text = sam.get("/invoices/drafts/2026-07/alpha?as=csv").get_data(as_text=True)

    assert text.splitlines()[0].startswith("resource,name,meter")
    assert len(text.splitlines()) == 3


def test_a_month_that_is_not_over_offers_nothing_to_issue(sam: FlaskClient) -> None:
    now = f"{datetime.now(UTC):%Y-%m}"
    for month, words in (
        ("2099-01", "No customer has usage in January 2099"),
        (now, "Draft</span>"),
    ):
        text = sam.get(f"/invoices/issue?period={month}").get_data(as_text=True)
        assert words in text
        assert "is not over: it can be issued from 1 " in text
        assert 'name="typed"' not in text
        assert "Ready</span>" not in text


def test_a_month_that_is_not_over_is_not_issued_by_the_button_either(sam: FlaskClient) -> None:
    token = token_of(sam, "/invoices/issue?period=2026-07")
    sent = {"csrf_token": token, "period": "2099-01", "typed": "2099-01"}

    answer = sam.post("/invoices/issue", data=sent)

    assert answer.status_code == 422
    assert "January 2099 is not over: it can be issued from 1 February 2099." in answer.text
    assert "Every customer with usage" not in answer.text


def test_issuing_says_how_many(sam: FlaskClient) -> None:
    token = token_of(sam, "/invoices/issue?period=2026-07")
    sent = {"csrf_token": token, "period": "2026-07", "typed": "2026-07"}

    assert sam.post("/invoices/issue", data=sent).status_code == 303

    assert "1 invoice issued for 2026-07." in sam.get("/invoices").get_data(as_text=True)


def test_the_month_offered_is_the_last_one_until_it_is_issued(
    flask: Flask, sam: FlaskClient
) -> None:
    def offered() -> str:
        found = re.search(r"/invoices/issue\?period=([\d-]+)", sam.get("/invoices").text)
        assert found
        return found.group(1)

    before = offered()
    flask("billing", "issue", last_month())

    assert before == last_month()
    assert offered() > last_month()


def test_support_sees_no_act_that_it_may_not_do(sam: FlaskClient, sign_in: SignIn) -> None:
    sue = sign_in("sue")
    acts = ("Preview", "Add customer", "Add source", "Run now", "Replay", "Dismiss", "Publish a",
            "Date a new rate", "Add this customer")  # fmt: skip

    for page in ("/invoices", "/customers", "/metering", "/pricing"):
        text = sue.get(page).get_data(as_text=True)
        assert [act for act in acts if act in text] == [], page
        assert [act for act in acts if act in sam.get(page).get_data(as_text=True)], page
