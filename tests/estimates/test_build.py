"""The builder: an estimate line by line, its price at each keystroke, and keeping it."""

from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from dcx.estimates.routes.build import MOST_BYTES_OF_ASK
from dcx.estimates.rules.sheets import MOST_SHOWN
from dcx.journal import service as journal
from dcx.journal.service import Wanted
from dcx.repository.session import reading
from tests.conftest import Flask, SignIn, Statements
from tests.estimates.conftest import DATA, E1
from tests.support.estimating import HTMX, changed, fields_of, form, words_of

PRICE, NEW, KEEP = (f"/c/alpha/estimates{tail}" for tail in ("/price", "/new", ""))
LINE = "lines.0."
BAD = {  # what is typed: what is said, where
    (f"{LINE}vcpus", "-2"): "Line 1: Write a number that is not negative.",
    (f"{LINE}vcpus", "0"): "Line 1: A whole number from 1 to 4096.",
    (f"{LINE}vcpus", "99999"): "Line 1: A whole number from 1 to 4096.",
    (f"{LINE}vcpus", ""): "Line 1: Write a number, like 4, 0,5 or 1 024.",
    (f"{LINE}vcpus", "1,5"): "Line 1: A whole number from 1 to 4096.",
    (f"{LINE}vcpus", "1e3"): "Line 1: Write the number in full",
    (f"{LINE}count", "none"): "Line 1: Write a number",
    (f"{LINE}count", "10001"): "Line 1: A whole number from 1 to 10000.",
    (f"{LINE}memory_gib", "1,234"): "Line 1: This could be two numbers.",
    (f"{LINE}memory_gib", "1,7"): "Line 1: Memory is metered in whole MiB",
    (f"{LINE}disks.0.size_gib", "0,5"): "Line 1: Disks are metered in whole GiB",
    (f"{LINE}disks.0.size_gib", "9" * 12): "Line 1: A size above 0 and up to 1048576 GiB.",
    ("lines.3.size_gib", "-595"): "Line 4: Write a number that is not negative.",
    ("month", "2026-13"): "Write a month like 2026-08",
    ("price_book", "gammas"): "There is no price book 'gammas'.",
    ("name", "x" * 101): "At most 100 characters.",
}


@pytest.fixture
def alice(app: APIFlask, sign_in: SignIn, flask: Flask) -> FlaskClient:
    """The owner of alpha, with the prices of E1."""
    app.config["WTF_CSRF_ENABLED"] = False
    assert flask("pricing", "publish", DATA / "e1_book.toml").status == 0
    return sign_in("alice")


def test_the_worked_estimate_comes_out_to_the_cent_and_is_kept(alice: FlaskClient) -> None:
    sent = form(fields_of(E1))
    shown = alice.post(PRICE, data=sent, headers=HTMX)
    assert "R5 154,40" in words_of(shown)
    assert "R5 927,56" in words_of(shown)
    assert "<form" not in shown.text, "the form is left as it is"
    plain = alice.post(PRICE, data=sent)
    assert "R5 927,56" in words_of(plain)
    assert "<form" in plain.text, "a browser without scripts gets the whole page"

    assert alice.post(KEEP, data=sent).status_code == 303

    assert "Web shop" in words_of(alice.get(KEEP))
    assert "5 927,56" in words_of(alice.get(KEEP))
    with reading() as session:
        entries = journal.entries(session, Wanted(), limit=10).rows
    assert [each.action for each in entries].count("estimate saved") == 1


def test_a_customer_is_offered_nothing_of_a_price_book_that_is_not_theirs(
    alice: FlaskClient, flask: Flask, tmp_path: Path
) -> None:
    book = (DATA / "e1_book.toml").read_text().replace("standard", "secret")
    (tmp_path / "book.toml").write_text(book.replace("ssd", "diamond"))
    assert flask("pricing", "publish", tmp_path / "book.toml").status == 0
    sent = form(fields_of({**E1, "price_book": "secret", "lines": [{"kind": "ip"}]}))

    pages = [alice.post(path, data={**sent, "do": "add vm"}) for path in (NEW, PRICE, KEEP)]

    assert all("There is no price book" in page.text for page in pages)
    assert not any("diamond" in page.text for page in pages)


@pytest.mark.parametrize("has_token", [True, False])
def test_more_than_a_form_can_be_is_refused_before_it_is_read(
    app: APIFlask, alice: FlaskClient, *, has_token: bool
) -> None:
    app.config["WTF_CSRF_ENABLED"] = has_token
    sent = {"name": "x" * MOST_BYTES_OF_ASK}
    assert {alice.post(path, data=sent).status_code for path in (PRICE, NEW, KEEP)} == {413}


def test_what_cannot_be_estimated_is_said_at_its_field_and_everything_typed_is_kept(
    alice: FlaskClient,
) -> None:
    fields = fields_of(E1)
    for (name, text), words in BAD.items():
        sent = changed(form(fields), {name: text})
        typed = alice.post(PRICE, data=sent, headers=HTMX)
        assert words in words_of(typed), (name, text)
        assert f'id="{name}-fault"' in typed.text
        assert 'id="totals"' not in typed.text, "the last good price is left where it is"
        kept = alice.post(KEEP, data=sent)
        assert kept.status_code == 422, (name, text)
        assert words in words_of(kept)
        assert text in kept.text
    assert (
        'href="#lines.3.size_gib"'
        in alice.post(
            PRICE, data=changed(form(fields), {"lines.3.size_gib": "much"}), headers=HTMX
        ).text
    )
    assert "No estimates yet" in words_of(alice.get(KEEP))


def test_a_fault_that_is_put_right_is_taken_from_its_field(alice: FlaskClient) -> None:
    sent = form(fields_of(E1)) | {"faulty": f"{LINE}vcpus"}
    assert (
        f'id="{LINE}vcpus-fault" hx-swap-oob="true"></span>'
        in alice.post(PRICE, data=sent, headers=HTMX).text
    )


def test_when_a_line_is_on_has_hours_or_a_schedule_that_must_make_sense(
    alice: FlaskClient,
) -> None:
    sent = form(fields_of({**E1, "month": "2026-08"}))
    tried: dict[str, dict[str, str | list[str]]] = {
        "R4 718,34": {f"{LINE}on": "hours", f"{LINE}hours": "372,5"},
        "R4 670,16": {f"{LINE}on": "schedule", f"{LINE}schedule.to": "24:00"},
        "2026-08 has only 744 hours.": {f"{LINE}on": "hours", f"{LINE}hours": "745"},
        "A schedule must end after it begins": {
            f"{LINE}on": "schedule", f"{LINE}schedule.from": "18:00",
        },
        "A time of day, like 08:00.": {
            f"{LINE}on": "schedule", f"{LINE}schedule.from": "eight",
        },
        "Days are a list of": {f"{LINE}on": "schedule", f"{LINE}schedule.days": []},
    }  # fmt: skip
    said = {
        words: words_of(alice.post(PRICE, data=changed(sent, changes), headers=HTMX))
        for words, changes in tried.items()
    }
    assert [words for words, page in said.items() if words not in page] == []


def test_numbers_are_read_as_people_type_them(alice: FlaskClient) -> None:
    sent = changed(
        form(fields_of(E1)),
        {
            f"{LINE}memory_gib": "4096 MB",
            "lines.1.disks.0.size_gib": "1\u00a0100 GB",
            "lines.3.size_gib": "595,0 GiB",
        },
    )
    assert "R5 927,56" in words_of(alice.post(PRICE, data=sent, headers=HTMX))


def test_what_has_no_price_is_never_taken_for_zero(alice: FlaskClient) -> None:
    sent = changed(form(fields_of(E1)), {"lines.1.disks.0.tier": "nvme", "lines.1.os": "cobol"})
    page = words_of(alice.post(PRICE, data=sent, headers=HTMX))
    assert "Not complete" in page
    assert "db: Disk 1, nvme (tier nvme), 803 000 GiB·h" in page
    assert "db: Operating system (operating system cobol), 730 h" in page
    early = words_of(alice.post(PRICE, data=sent | {"month": "2012-12"}, headers=HTMX))
    assert "The prices of standard begin on 1 January 2013" in early
    assert "R0,00" in early
    assert "Not complete" in early


def test_buttons_add_copy_and_remove_lines_and_disks_with_scripts_and_without(
    alice: FlaskClient,
) -> None:
    page = alice.get(f"{NEW}?from=scratch")
    assert f'name="{LINE}backed_up" value="yes" checked' in page.text, "none must be chosen"
    assert f'name="{LINE}snapped" value="yes" checked' in page.text
    sent = form(fields_of(E1))

    added = alice.post(NEW, data={**sent, "do": "add vm"})
    assert 'name="lines.4.vcpus" value="2"' in added.text
    assert 'name="lines.4.backed_up" value="yes" checked' in added.text
    assert 'name="lines.4.disks.0.tier" value="ssd"' in added.text, "a tier that has a price"
    assert 'id="lines.4.name" name="lines.4.name" value="" autocomplete="off"' in added.text
    copied = alice.post(NEW, data={**sent, "do": "copy 1"}, headers=HTMX).text
    assert copied.count('value="db"') == 2
    assert "<html" not in copied
    assert "R9 " in words_of(alice.post(NEW, data={**sent, "do": "copy 1"}))
    removed = alice.post(NEW, data={**sent, "do": "remove 1"}).text
    assert 'value="db"' not in removed
    assert 'name="lines.2.kind" value="backup"' in removed
    with_disk = alice.post(NEW, data={**sent, "do": "add 0 disk"}).text
    assert 'name="lines.0.disks.1.size_gib" value="50"' in with_disk
    without = alice.post(NEW, data={**sent, "do": "remove 0 disk 0"}).text
    assert "lines.0.disks" not in without
    nonsense = ("copy 9", "remove", "add boat", "remove 0 disk 7", "add 0 disk 0", "9" * 5000)
    for deed in nonsense:
        same = alice.post(NEW, data={**sent, "do": deed})
        assert "R5 927,56" in words_of(same), deed
    bare = alice.post(NEW, data={"month": "730", "price_book": "standard", "do": ""})
    assert bare.status_code == 200
    assert "Add a line, and its price appears" in words_of(bare)
    assert alice.post(KEEP, data={"month": "730"}).status_code == 422


def test_an_ask_of_very_many_lines_is_carried_whole(alice: FlaskClient) -> None:
    many = {**E1, "lines": [E1["lines"][0]] * 201}
    sent = form(fields_of(many))
    assert set(sent) == {"name", "price_book", "month", "whole"}
    page = alice.post(NEW, data={**sent, "do": ""})
    assert "201 lines" in words_of(page)
    assert "lines.0.vcpus" not in page.text
    assert alice.post(KEEP, data={**sent, "name": "Many"}).status_code == 303
    assert "Many" in words_of(alice.get(KEEP))
    for junk in ("[", "7", '{"lines": [1]}', "[" * 2000):
        refused = alice.post(KEEP, data={**sent, "whole": junk})
        assert refused.status_code == 422
        assert "<h1>" in refused.text


def test_a_keystroke_asks_the_database_as_often_for_one_line_as_for_fifty(
    alice: FlaskClient, statements: Statements
) -> None:
    asked = []
    for count in (1, 50):
        sent = form(fields_of({**E1, "lines": [E1["lines"][0]] * count}))
        statements.seen.clear()
        assert alice.post(PRICE, data=sent, headers=HTMX).status_code == 200
        asked.append(statements.count)
    assert asked[0] == asked[1]


def test_a_stranger_finds_no_builder_and_a_customer_no_book_of_another(
    alice: FlaskClient, sign_in: SignIn, flask: Flask, tmp_path: Any
) -> None:
    book = (DATA / "e1_book.toml").read_text().replace("standard", "gammas", 1)
    (tmp_path / "book.toml").write_text(book.replace("0.12", "9.12"))
    assert flask("pricing", "publish", tmp_path / "book.toml").status == 0
    sent = form(fields_of({**E1, "price_book": "gammas"}))
    assert "There is no price book" in words_of(alice.post(PRICE, data=sent, headers=HTMX))
    assert "gammas" not in alice.get(f"{NEW}?from=scratch").text
    staff = sign_in("sue")
    assert "R97 134,40" in words_of(staff.post("/estimates/price", data=sent, headers=HTMX))
    assert "gammas" in staff.get("/estimates/new?from=scratch").text
    for address in (PRICE, NEW, KEEP):
        assert sign_in("charlie").post(address, data=sent).status_code == 404
        assert alice.post(address.removeprefix("/c/alpha"), data=sent).status_code == 404


@pytest.mark.parametrize("name", ["lines.{}.kind", "lines.0.disks.{}.tier"])
def test_a_form_of_more_lines_than_are_shown_is_refused_and_not_drawn(
    alice: FlaskClient, name: str
) -> None:
    many = {name.format(place): "vm" for place in range(MOST_SHOWN + 1)}
    refused = alice.post(PRICE, data=many, headers=HTMX)
    assert refused.status_code == 422
    assert "Upload a file of lines." in refused.text
