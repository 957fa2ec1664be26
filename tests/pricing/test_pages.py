"""Price books and VAT in the browser."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import SignIn, token_of

Flask = Callable[..., Any]
BOOK = """name = "standard"
currency = "ZAR"
starts_at = {starts}T00:00:00+02:00
[[price]]
meter = "disk.gib_hours"
where = {{ tier = "ssd" }}
unit_price_per_month = "1.50"
[[price]]
meter = "disk.gib_hours"
unit_price_per_month = "0.80"
[[example]]
given = {{ "disk.gib_hours" = "74400" }}
where = {{ tier = "ssd" }}
month = "2026-08"
net = "150.00"
"""


@pytest.fixture
def sam(flask: Flask, tmp_path: Path, sign_in: SignIn) -> FlaskClient:
    """Sam of billing, with three versions of a book: one over, one in force, one to come."""
    for starts in ("2013-01-01", "2020-01-01", "2099-01-01"):
        (tmp_path / "book.toml").write_text(BOOK.format(starts=starts))
        assert flask("pricing", "publish", tmp_path / "book.toml").status == 0
    return sign_in("sam")


def date_rate(client: FlaskClient, percent: str, day: str) -> Any:
    sent = {"csrf_token": token_of(client, "/pricing"), "percent": percent, "from": day}
    return client.post("/pricing/vat", data=sent)


def test_each_version_says_where_it_stands_in_time(sam: FlaskClient) -> None:
    text = sam.get("/pricing?sort=starts").get_data(as_text=True)

    assert re.findall(r"(Superseded|Published|Scheduled)</span>", text) == [
        "Superseded", "Published", "Scheduled",
    ]  # fmt: skip
    up, down = (sam.get(f"/pricing?as=csv&sort={sort}").text for sort in ("starts", "-starts"))
    assert up.splitlines()[1:] == down.splitlines()[:0:-1]


def test_a_version_shows_its_examples_with_their_results(sam: FlaskClient) -> None:
    text = sam.get("/pricing/standard/1").get_data(as_text=True)

    assert "Holds</span>" in text
    assert text.count("R150,00") == 2


def test_on_a_phone_a_price_says_what_it_is_for(sam: FlaskClient) -> None:
    text = sam.get("/pricing/standard/1").get_data(as_text=True)

    assert '<span class="second phone-only">tier ssd, per GiB and month</span>' in text
    assert '<span class="second phone-only">all else, per GiB and month</span>' in text


def test_a_rate_is_dated_and_withdrawn_before_it_begins(sam: FlaskClient) -> None:
    assert date_rate(sam, "15,5", "2099-05-01").status_code == 303
    text = sam.get("/pricing").get_data(as_text=True)
    form = dict(re.findall(r'name="(rate|starts)" value="(\d+)"', text))
    assert "15,5 %" in text
    assert "01 May 2099" in text

    sent = {"csrf_token": token_of(sam, "/pricing"), **form}
    assert sam.post("/pricing/vat/withdraw", data=sent).status_code == 303

    assert "15,5 %" not in sam.get("/pricing").get_data(as_text=True)


@pytest.mark.parametrize(
    ("percent", "day", "fault"),
    [
        ("lots", "2099-05-01", "Give the rate in percent, for example 15,5."),
        ("15", "soon", "Give the day that it begins on, for example 2027-04-01."),
        ("155", "2099-05-01", "Give the rate in percent, for example 15,5."),
        ("15,5", "2099-06-01", "Another rate begins at"),
    ],
)
def test_a_bad_rate_is_told_at_its_field_and_kept(
    sam: FlaskClient, percent: str, day: str, fault: str
) -> None:
    date_rate(sam, "16", "2099-06-01")

    answer = date_rate(sam, percent, day)

    assert answer.status_code == 422
    assert fault in answer.text
    assert f'value="{percent}"' in answer.text


def test_a_rate_that_has_begun_is_not_withdrawn(sam: FlaskClient) -> None:
    date_rate(sam, "16", "2020-01-01")
    assert "16 %" in sam.get("/pricing").text
    assert ">Withdraw" not in sam.get("/pricing").text

    sent = {"csrf_token": token_of(sam, "/pricing"), "rate": 16_000_000,
            "starts": 1_577_829_600_000_000}  # fmt: skip
    sam.post("/pricing/vat/withdraw", data=sent)

    text = sam.get("/pricing").text
    assert "This rate has begun and cannot be withdrawn." in text
    assert "16 %" in text
