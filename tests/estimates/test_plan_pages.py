"""The page of Terraform plans: a file is sent, priced, and opened as an estimate; nothing stays."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from dcx.estimates.rules.plans.frame import MOST_BYTES
from tests.conftest import Flask, SignIn, token_of
from tests.estimates.conftest import DATA
from tests.estimates.planned import Json, as_sent, change, plan, volume
from tests.estimates.test_plan_api import DATA as VOLUME
from tests.estimates.test_plan_api import SECRET, SHOP, STEPPED, WEB, small

OWN, STAFF = "/c/alpha/estimates/terraform", "/estimates/terraform"
HOSTILE = '"><script>alert(1)</script>\u202e\x07=1+1' + "x" * 900


@pytest.fixture
def alice(sign_in: SignIn, flask: Flask, tmp_path: Path) -> FlaskClient:
    """alice, for whom the prices of the other book are none of her business."""
    (tmp_path / "other.toml").write_bytes(STEPPED)
    for book in (DATA / "e1_book.toml", tmp_path / "other.toml"):
        assert flask("pricing", "publish", book).status == 0
    return sign_in("alice")


def send(client: FlaskClient, body: bytes, address: str = OWN, **fields: Any) -> Any:
    form = {"csrf_token": token_of(client, address), "month": "730", **fields}
    file = FileStorage(io.BytesIO(body), "plan.json")
    boundary, sent = encode_multipart({**form, "plan": file})
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(address, data=sent, content_type=kind)


def words_of(answer: Any) -> str:
    """A page as it reads: spaces made plain, tags gone."""
    text = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return re.sub(r"[\s\u00a0]+", " ", text.replace("&nbsp;", " "))


def test_a_plan_is_shown_with_its_sums_and_opens_as_an_estimate(alice: FlaskClient) -> None:
    page = send(alice, as_sent(SHOP), flavors="m1.big 2 4 20")
    assert page.status_code == 200
    said = words_of(page)
    for amount in (
        "Now R1 073,00 R1 233,95", "After apply R1 574,20 R1 810,33",
        "Difference +R501,20 +R576,38",
        "4 priced 1 free 3 without a price 2 known after apply 1 of unknown type", "Not complete",
        "module.erp 1 resource", "VAT", "1 vCPU, 2 GiB memory, 50 GiB ssd → 2 vCPU",
    ):  # fmt: skip
        assert amount in said, amount
    ask = re.search(r'name="ask" value="([^"]+)"', page.text)
    assert ask
    given = ask[1].replace("&#34;", '"')
    assert [line["name"] for line in json.loads(given)["lines"]][:2] == ["web[0]", "web[1]"]
    sent = {"csrf_token": token_of(alice, OWN), "ask": given}
    built = alice.post(f"{OWN}/open", data=sent)
    assert built.status_code == 200
    assert 'value="web[1]"' in built.text
    assert "after terraform apply" in words_of(built)
    for nonsense in ("", "{", "[" * 90_000, '{"lines": 3}'):
        assert alice.post(f"{OWN}/open", data={**sent, "ask": nonsense}).status_code == 422


def test_a_flavour_that_is_missing_is_asked_for_and_priced_once_it_is_told(
    alice: FlaskClient,
) -> None:
    body = as_sent(plan(change(WEB, small("m1.large"))))
    assert "Missing: m1.large." in words_of(send(alice, body))
    told = words_of(send(alice, body, flavors="m1.large 1 2"))
    assert "Missing" not in told
    assert "+R235,60" in told
    wrong = send(alice, body, flavors="m1.large 1")
    assert wrong.status_code == 422
    assert "Flavour 1: write it like m1.small 1 2 20." in words_of(wrong)
    assert ">m1.large 1</textarea>" in wrong.text, "what was typed is kept"


def test_the_answer_comes_as_a_fragment_at_the_place_of_staff(
    alice: FlaskClient, sign_in: SignIn
) -> None:
    assert alice.get(OWN).status_code == 200
    sam = sign_in("sam")
    form = {"csrf_token": token_of(sam, STAFF), "month": "", "price_book": "standard"}
    sent = {**form, "plan": (io.BytesIO(as_sent(plan())), "p.json")}
    fragment = sam.post(STAFF, data=sent, headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert "<html" not in fragment.text
    assert "This plan holds no resources" in words_of(fragment)
    assert "Open as an estimate" not in fragment.text
    partial = send(sam, as_sent(plan(change(VOLUME, volume()), complete=False)), STAFF)
    assert "The plan is not the whole" in words_of(partial)
    unknown = send(sam, as_sent(plan()), STAFF, price_book="nothing", month="13")
    assert unknown.status_code == 422
    assert "Write a month like 2026-08" in words_of(unknown)
    assert send(sam, as_sent(plan()), STAFF, price_book="stepped").status_code == 200
    hidden = send(alice, as_sent(plan()), price_book="stepped")
    assert hidden.status_code == 422
    assert "There is no price book" in words_of(hidden)


def test_files_that_are_no_plan_are_refused_under_the_field(alice: FlaskClient) -> None:
    cut = as_sent(SHOP)[:-30]
    for body, words in (
        (b"", "this one is empty"),
        (b"PK\x03\x04\x00", "not as JSON"),
        (b"Plan: 3 to add", "This is not JSON"),
        (cut, "cut off or broken"),
        (b'{"format_version": "2.0"}', "not of format 2.0"),
        (b" " * (MOST_BYTES + 1024**2), "up to 20 MB"),
    ):
        refused = send(alice, body)
        assert refused.status_code == 422
        assert words in words_of(refused), words
    form = {"csrf_token": token_of(alice, OWN)}
    assert "Choose the file" in words_of(alice.post(OWN, data=form))


def test_names_cannot_harm_a_page_and_secrets_are_not_on_it(alice: FlaskClient) -> None:
    hidden: Json = small(admin_pass=SECRET, user_data=SECRET, name=SECRET)
    page = send(
        alice,
        as_sent(
            plan(
                change(f'{WEB}["{HOSTILE}"]', hidden, hidden, sensitive={"admin_pass": True}),
                change(VOLUME, volume(tier=HOSTILE), module=f'module.a["{HOSTILE}"]'),
                change(f"{VOLUME}[1]", volume(tier=SECRET), sensitive={"volume_type": True}),
                {**change(f"{VOLUME}[2]", {}), "type": "x_<b>", "provider_name": HOSTILE},
            )
        ),
    )
    assert page.status_code == 200
    for harm in (SECRET, "<script>", "\u202e", "\x07", "x_<b>", "x" * 400):
        assert harm not in page.text
    assert "Marked sensitive, and so not read: its type." in words_of(page)


def test_a_large_plan_shows_its_first_rows_and_sums_all(alice: FlaskClient) -> None:
    said = send(alice, as_sent(plan(*(change(f"{VOLUME}[{n}]", volume()) for n in range(501)))))
    assert said.text.count('class="address"') == 500
    assert "The first 500 of 501 resources." in words_of(said)
    assert "Difference +R75 150,00" in words_of(said)
    assert said.text.count("100 GiB ssd") == 500
    assert "501" in re.findall(r"&#34;count&#34;: (\d+)", said.text), "one line of 501 alike"
