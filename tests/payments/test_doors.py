"""The gateway's doors: they believe nothing, answer plainly, and touch nobody's session."""

import logging

import pytest
from sqlalchemy.orm import Session

from dcx.payments import service
from dcx.payments.rules.fields import LONGEST_BODY
from dcx.repository.session import db, reading
from tests.conftest import SignIn
from tests.payments.test_paygate import FORM, notice
from tests.support.counts import count
from tests.support.gateway import POOR
from tests.support.paying import Till

NOTIFY, RETURN = "/payments/paygate/notify", "/payments/paygate/return"


# scenarios 26 and 32
def test_what_is_no_notice_is_refused_plainly_and_changes_nothing(till: Till) -> None:
    key, client = till.pay(), till.app.test_client()
    raw = till.gateway.notice(till.request(key), TRANSACTION_STATUS="1", RESULT_CODE="990017")
    unsigned = raw.partition(b"&CHECKSUM")[0]
    bad = [
        raw[:-1] + b"!",
        unsigned,
        unsigned + b"&CHECKSUM=%C3%A9",
        raw + b"&AMOUNT=1",
        b"",
        b"{}",
    ]
    statuses = [client.post(NOTIFY, data=each, content_type=FORM).status_code for each in bad]
    statuses += [
        client.post(NOTIFY, data=raw, content_type="multipart/form-data; boundary=x").status_code,
        client.post(NOTIFY, json={"PAY_REQUEST_ID": till.request(key)}).status_code,
    ]
    large = client.post(NOTIFY, data=raw + b"x" * 1_000_000, content_type=FORM)
    seen = client.get(NOTIFY)

    assert set(statuses) == {400}
    assert (large.status_code, seen.status_code) == (413, 405)
    assert large.mimetype == "text/plain"
    assert (till.state(key), till.balance()) == ("redirected", 0)
    assert till.row(key).checks == 0, "the gateway was not even asked"
    assert {(each.is_genuine, each.payment_id) for each in till.notices()} <= {
        (False, None),
        (0, None),
    }


# scenario 26
def test_forged_notices_are_counted_and_only_the_first_are_kept(till: Till) -> None:
    client = till.app.test_client()

    statuses = [
        client.post(NOTIFY, data=notice(key="guess"), content_type=FORM).status_code
        for _ in range(22)
    ]

    assert statuses == [400] * 20 + [429] * 2
    assert len(till.notices()) == 20
    key = till.pay()
    till.gateway.pay(till.request(key))
    assert till.balance() == 15_000, "the gateway itself is never held up"


def test_a_genuine_notice_of_nobodys_payment_is_kept_and_answered(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "dcx.security")

    answer = till.app.test_client().post(NOTIFY, data=notice(), content_type=FORM)

    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"OK", "text/plain")
    assert [notice.outcome for notice in till.notices()] == ["No payment has this request id"]
    assert "Unknown payment: PayGate" in caplog.text


# scenario 41
def test_after_a_flood_of_garbage_the_desk_answers_and_has_asked_once(till: Till) -> None:
    key, client = till.pay(), till.app.test_client()
    true = till.gateway.notice(till.request(key))

    for number in range(count(200, 2_000)):
        raw = (b"x=%d" % number, b"\x00" * 64, notice(key="no"), b"a" * LONGEST_BODY)[number % 4]
        assert client.post(NOTIFY, data=raw, content_type=FORM).status_code in {400, 429}
    for _ in range(20):
        assert client.post(NOTIFY, data=true, content_type=FORM).status_code == 200

    assert till.row(key).checks == 1, "twenty notices in a row are one question"
    assert client.get("/healthz").status_code == 200


# scenarios 36 and 43
def test_a_return_touches_no_session_and_leads_to_our_page(till: Till, sign_in: SignIn) -> None:
    key, alice = till.pay(), sign_in("alice")
    page = f"/c/alpha/payments/{key}"
    assert alice.get(page).status_code == 200
    way = till.gateway.pay(till.request(key))
    stranger = till.app.test_client()

    posted = till.gateway.come_back(stranger, way)
    got = stranger.get(RETURN, query_string=way.fields)
    of_alice = till.gateway.come_back(alice, way)

    for answer in (posted, got, of_alice):
        assert (answer.status_code, answer.headers["Location"]) == (303, page)
        assert "Set-Cookie" not in answer.headers
    assert stranger.get(page).headers["Location"].startswith("/signin?next=")
    assert "arrived and is booked" in alice.get(page).text


# scenario 37
def test_a_return_leads_nowhere_else(till: Till) -> None:
    key, client = till.pay(), till.app.test_client()
    way = till.gateway.way_back(till.request(key))
    evil = {"RETURN_URL": "https://evil.example", "next": "//evil.example", "url": "javascript:1"}

    for sent in (evil, {**way.fields, **evil}, {"PAY_REQUEST_ID": "//evil.example"}, {}):
        for answer in (client.post(RETURN, data=sent), client.get(RETURN, query_string=sent)):
            assert answer.status_code == 303
            assert answer.headers["Location"] in {"/", f"/c/alpha/payments/{key}"}


# scenario 42
def test_a_foreign_host_is_not_served(till: Till) -> None:
    key = till.pay()
    raw = till.gateway.notice(till.request(key))

    answer = till.app.test_client().post(
        NOTIFY, data=raw, content_type=FORM, base_url="http://evil.example"
    )

    assert answer.status_code == 400
    assert till.notices() == []


# scenario 43
def test_only_the_gateways_doors_do_without_a_token(till: Till, sign_in: SignIn) -> None:
    key, alice, sam = till.pay(), sign_in("alice"), sign_in("sam")

    refused = [
        alice.post("/c/alpha/wallet/top-up", data={"amount": "150", "form_key": "f"}),
        alice.post("/c/alpha/invoices/INV-000001/pay", data={"form_key": "f"}),
        sam.post(f"/payments/{key}/ask"),
    ]

    assert {answer.status_code for answer in refused} == {400}
    assert len(till.gateway.requests) == 1


# scenario 39
def test_nothing_secret_is_logged_stored_or_shown(
    till: Till, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sam = sign_in("sam")
    kept, broken = till.pay(keeps_card=True), till.pay()
    till.gateway.pay(till.request(kept))
    till.gateway.fault("html", "query", times=-1)
    till.gateway.pay(till.request(broken), POOR)
    token = till.gateway.tokens[0].id
    raw = till.gateway.notice(till.request(kept), RESULT_DESC="4000000000000002")
    till.app.test_client().post(NOTIFY, data=raw.replace(b"ZAR", b"ZAS"), content_type=FORM)

    pages = "".join(sam.get(f"/payments/{key}").text for key in (kept, broken))
    with reading() as session:
        stored = _everything(session)
    for told in (caplog.text, pages, stored):
        assert token not in told
        assert token.upper() not in told
        assert "4000000000000002" not in told
        assert till.gateway.simulator.merchant.password not in caplog.text.split()
    assert "VAULT_ID=…" in pages
    with reading() as session:
        assert service.get_whole(session, kept).line.state == "paid"


def _everything(session: Session) -> str:
    """Every row of main as one text."""
    return "".join(
        repr(session.execute(table.select()).all()) for table in db.metadatas[None].sorted_tables
    )
