"""What the home pages, a resource's page and refusals say."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask

from dcx.kit.actors import CLOCK
from dcx.pricing import service as pricing
from dcx.repository.session import engine_of, transaction
from tests.billing.test_billing import BOOK
from tests.conftest import SignIn

Flask = Callable[..., Any]
NOW = datetime.now(UTC)
LOG = {
    "vm_id": "vm-1", "customer": "alpha", "state": "running", "vcpus": 2, "memory_mib": 4096,
}  # fmt: skip


def at(hours_ago: float) -> str:
    return (NOW - timedelta(hours=hours_ago)).isoformat()


def send(flask: Flask, folder: Path, *logs: dict[str, Any]) -> None:
    file = folder / "logs.ndjson"
    file.write_text("\n".join(json.dumps({**LOG, "event_id": log["at"], **log}) for log in logs))
    assert flask("metering", "import", file, "--source", "hv").status == 0
    assert flask("metering", "run").status == 0


@pytest.fixture
def running(flask: Flask, people: None, tmp_path: Path) -> None:
    """alpha's VM runs since 50 days, was resized 45 days ago and stopped for a day after."""
    assert people is None
    (tmp_path / "book.toml").write_text(BOOK)
    assert flask("pricing", "publish", tmp_path / "book.toml").status == 0
    assert flask("metering", "add-source", "hv", "--mode", "events").status == 0
    send(
        flask,
        tmp_path,
        {"at": at(50 * 24)},
        {"at": at(45 * 24), "vcpus": 4},
        {"at": at(44 * 24), "state": "stopped"},
        {"at": at(43 * 24), "vcpus": 4},
    )


def month_of(hours_ago: float) -> str:
    return (NOW - timedelta(hours=hours_ago) + timedelta(hours=2)).strftime("%Y-%m")


@pytest.mark.usefixtures("running")
def test_staff_see_what_comes_next_with_its_place(sign_in: SignIn, flask: Flask) -> None:
    starts = (NOW + timedelta(days=20)).replace(microsecond=0)
    with transaction() as session:
        pricing.add_vat_rate(
            session,
            15_500_000,
            starts_us=int(starts.timestamp()) * 10**6,
            issued_until_us=None,
            by=CLOCK,
            now_us=1,
        )
    assert flask("check").status == 0

    text = sign_in("sam").get("/").get_data(as_text=True)

    assert re.search(r"VAT becomes 15[.,]5 %", text)
    assert re.search(r'href="/invoices/issue\?period=20\d\d-\d\d">\w+ can be issued', text)
    assert "Nothing waits for you." in text


@pytest.mark.usefixtures("running")
def test_support_is_not_invited_to_issue(sign_in: SignIn) -> None:
    text = sign_in("sue").get("/").get_data(as_text=True)

    assert "/invoices/issue" not in text
    assert "can be issued" in text


@pytest.mark.usefixtures("running")
def test_what_waits_says_its_cause(sign_in: SignIn, flask: Flask, tmp_path: Path) -> None:
    send(flask, tmp_path, {"at": at(30), "customer": "kgalagadi", "vm_id": "vm-9"})
    send(flask, tmp_path, {"at": at(29), "state": "humming"})

    text = sign_in("sam").get("/").get_data(as_text=True)

    assert "Key “kgalagadi”: 1 resource held back" in text
    assert "hv: state must be one of" in text
    assert "Nothing waits for you." not in text


@pytest.mark.usefixtures("running")
def test_a_home_shows_one_figure_without_cents_and_says_vat_of_invoices(
    sign_in: SignIn, flask: Flask
) -> None:
    assert flask("billing", "issue", month_of(45 * 24), "--format", "json").status == 0

    text = sign_in("alice").get("/c/alpha/").get_data(as_text=True)

    hero = re.search(r'class="hero">([^<]+)<', text)
    assert hero
    assert "," not in hero.group(1)
    assert re.search(r"<h2>Invoices</h2><small>with VAT</small>", text)


@pytest.mark.usefixtures("running")
def test_a_timeline_names_a_resize_and_a_stop(sign_in: SignIn) -> None:
    client = sign_in("alice")
    months = {month_of(hours * 24) for hours in (45, 44, 43)}

    text = "".join(
        client.get(f"/c/alpha/resources/vm/vm-1?month={month}").get_data(as_text=True)
        for month in sorted(months)
    )

    assert "2 → 4 vCPU" in text
    assert "Stopped" in text
    assert "Started" in text


@pytest.mark.usefixtures("running")
def test_only_the_running_month_is_so_far(sign_in: SignIn) -> None:
    client = sign_in("alice")

    past = client.get(f"/c/alpha/resources/vm/vm-1?month={month_of(45 * 24)}")
    now = client.get("/c/alpha/resources/vm/vm-1")

    assert "so far, without VAT" not in past.get_data(as_text=True)
    assert "so far, without VAT" in now.get_data(as_text=True)


@pytest.mark.usefixtures("running")
def test_the_table_of_segments_opens_at_the_page_of_the_opened_one(
    sign_in: SignIn, flask: Flask, tmp_path: Path
) -> None:
    first = datetime.now(UTC).replace(day=1, hour=2, minute=0, second=0, microsecond=0)
    logs = [
        {"at": (first - timedelta(days=20) + timedelta(minutes=place)).isoformat(),
         "vcpus": 2 + place % 2, "vm_id": "vm-7"}
        for place in range(250)
    ]  # fmt: skip
    send(flask, tmp_path, *logs)
    month = (first - timedelta(days=20)).strftime("%Y-%m")
    us = int((first - timedelta(days=20) + timedelta(minutes=150)).timestamp()) * 10**6

    client = sign_in("alice")
    text = client.get(f"/c/alpha/resources/vm/vm-7?month={month}").get_data(as_text=True)
    opened = client.get(f"/c/alpha/resources/vm/vm-7?month={month}&segment={us}")

    assert "1 to 50 of 250" in text
    assert "151 to 200 of 250" in opened.get_data(as_text=True)
    assert 'id="logs"' in opened.get_data(as_text=True)


@pytest.mark.usefixtures("people")
def test_whoever_is_signed_in_keeps_their_way_around_on_a_refusal(sign_in: SignIn) -> None:
    alice, sue = sign_in("alice"), sign_in("sue")

    stranger = alice.get("/c/gamma/")
    missing = sue.get("/no/such/page")
    forbidden = sue.get("/customers/new")

    assert (stranger.status_code, missing.status_code, forbidden.status_code) == (404, 404, 403)
    assert 'href="/c/alpha/usage"' in stranger.get_data(as_text=True)
    assert "/c/gamma" not in stranger.get_data(as_text=True).replace("next=/c/gamma", "").replace(
        'name="back" value="/c/gamma/?"', ""
    )
    assert 'aria-label="Main"' in missing.get_data(as_text=True)
    assert 'aria-label="Main"' in forbidden.get_data(as_text=True)


@pytest.mark.usefixtures("people")
def test_staff_who_mistype_a_customer_do_not_see_through_their_eyes(sign_in: SignIn) -> None:
    answer = sign_in("sam").get("/c/nobody/usage")

    assert answer.status_code == 404
    assert "You see what" not in answer.get_data(as_text=True)


def test_nobody_gets_a_refusal_without_a_shell(app: APIFlask) -> None:
    text = app.test_client().get("/no/such/page").get_data(as_text=True)

    assert "Nothing here" in text
    assert 'aria-label="Main"' not in text


def test_a_database_that_is_gone_is_said_on_a_page_that_needs_none(
    app: APIFlask, sign_in: SignIn
) -> None:
    client = sign_in("sam")
    assert app.config["DCX"]
    with engine_of("main").begin() as connection:
        connection.exec_driver_sql("ALTER TABLE usage_segment RENAME TO gone")

    answer = client.get("/")

    assert answer.status_code in {500, 503}
    assert "Nothing was changed" in answer.get_data(as_text=True)


def test_english_months_have_three_letters(app: APIFlask) -> None:
    look = app.jinja_env.filters
    september = datetime(2026, 9, 5, 10, tzinfo=UTC)

    assert look["day"](date(2026, 9, 5)) == "05 Sep 2026"
    assert look["short_day"](september) == "5 Sep"
    assert look["second"](september) == "05 Sep 2026 12:00:00"
    assert look["long_day"](september) == "5 September 2026"
    assert "Sept " not in look["clock"](datetime(2025, 9, 5, tzinfo=UTC))


def test_gib_have_a_comma_and_no_empty_decimals(app: APIFlask) -> None:
    look = app.jinja_env.filters["gib"]

    assert (look(32_768), look(20_000), look(1_048_576_0)) == (
        "32",
        "19,5",
        "10 240".replace(" ", "\u00a0"),
    )


@pytest.mark.usefixtures("running")
def test_a_search_takes_signs_as_they_are(sign_in: SignIn, flask: Flask) -> None:
    assert flask("billing", "issue", month_of(45 * 24), "--format", "json").status == 0
    sam = sign_in("sam")

    assert "/c/alpha/resources/vm/vm-1" in sam.get("/search?q=VM-1").text
    assert "/invoices/INV-000001" in sam.get("/search?q=inv-").text
    for wild in ("vm_1", "%", "inv_"):
        found = sam.get("/search", query_string={"q": wild}).text
        assert "/c/alpha/resources" not in found
        assert "/invoices/INV-" not in found
