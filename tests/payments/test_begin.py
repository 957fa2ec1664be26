"""A payment is written down before the gateway hears of it, and begun once."""

from collections.abc import Iterator
from itertools import chain, repeat
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcx.accounts import service as accounts
from dcx.kit.errors import FormError
from dcx.kit.money import cents_text, parse_cents
from dcx.payments import service
from dcx.payments.errors import (
    FormReusedError,
    GatewayRefusedError,
    NotGenuineError,
    PaymentRefusedError,
    UnknownCardError,
)
from dcx.payments.paygate import Initiation, PayGate, checksum
from dcx.payments.rules.fields import REFERENCE, new_reference
from dcx.payments.service import Wish
from dcx.payments.service import cards as card_service
from dcx.repository.session import reading, transaction
from dcx.settings import Gateway, Settings
from dcx.web.looks import Looks
from tests.payments.test_paygate import GUID
from tests.support.canned import Canned, serve_canned
from tests.support.paying import ALICE, BEGUN_US, MINUTE_US, Till

LOOKS = Looks(Settings.from_environment({}))


@pytest.fixture
def canned() -> Iterator[Canned]:
    with serve_canned() as found:
        yield found


# scenario 45
def test_references_are_short_plain_end_with_a_letter_and_are_not_alike() -> None:
    names = {new_reference() for _ in range(1_000)}

    assert len(names) == 1_000
    assert all(REFERENCE.fullmatch(name) and len(name) <= 80 for name in names)


# scenario 44
@given(st.integers(min_value=0, max_value=99_999_999_999))
def test_cents_come_back_exactly_however_they_are_written(cents: int) -> None:
    for text in (
        cents_text(cents),
        LOOKS.money(cents),
        LOOKS.amount(cents),
        f" R {cents_text(cents)} ",
    ):
        assert parse_cents(text) == cents


# scenario 44
@pytest.mark.parametrize(
    ("text", "cents"),
    [("19.99", 1999), ("1,15", 115), ("8.20", 820), ("R4,35", 435), ("0.01", 1), ("150", 15000),
     ("99999999.99", 9_999_999_999), ("1 234,5", 123_450), ("R1\u00a0234,56", 123_456)],
)  # fmt: skip
def test_amounts_are_read_to_the_cent(text: str, cents: int) -> None:
    assert parse_cents(text) == cents


@pytest.mark.parametrize(
    "text",
    ["", "R", "-5", "+5", "1e3", "1,234.56", "1.005", "NaN", "Infinity", "１５", "5 R", "1,"],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Write an amount"):
        parse_cents(text)


def test_the_gateway_hears_of_a_payment_that_stands_written(till: Till) -> None:
    key = till.pay()

    row, told = till.row(key), till.gateway.requests[0].asked
    assert (row.state, row.amount_cents, row.currency) == ("redirected", 15_000, "ZAR")
    assert (told["REFERENCE"], told["AMOUNT"], told["CURRENCY"]) == (row.reference, "15000", "ZAR")
    assert row.next_check_us == BEGUN_US + 2 * MINUTE_US
    assert till.balance() == 0
    assert till.bookings() == []
    assert till.audited()[-1] == "alice@dcx.example: payment begun"
    # scenario 42: where it comes back to is ours by the settings, whatever a request's host says
    public = till.app.config["DCX"].public_url
    assert told["RETURN_URL"] == f"{public}/payments/paygate/return"
    assert told["NOTIFY_URL"] == f"{public}/payments/paygate/notify"


# scenario 24
def test_a_double_click_is_one_payment_told_once(till: Till) -> None:
    one, other = (till.pay(form_key="the-form") for _ in range(2))

    assert one == other
    assert len(till.gateway.requests) == 1
    assert len([deed for deed in till.audited() if "begun" in deed]) == 1
    with pytest.raises(FormReusedError):
        till.pay(20_000, form_key="the-form")


# scenario 34
def test_amounts_are_ours_to_say(till: Till) -> None:
    for cents in (4_999, 5_000_001, -15_000, 0, None):
        with pytest.raises(FormError, match="Top up between R50,00 and R50"):
            till.pay(cents)
    number = till.invoice()
    for wrong in (1, 14_949, 14_951):
        with pytest.raises(FormError, match=r"149.50 is owed"):
            till.pay(wrong, document=number)
    for wanted in ({"document": "INV-000002"}, {"document": number, "customer": "gamma"}):
        with pytest.raises(PaymentRefusedError, match="Nothing is owed"):
            till.pay(None, **wanted)

    key = till.pay(None, document=number)

    assert till.row(key).amount_cents == 14_950
    assert till.gateway.requests[0].asked["AMOUNT"] == "14950"
    assert len(till.gateway.requests) == 1


# scenario 45
def test_a_reference_that_is_taken_is_drawn_again(till: Till) -> None:
    taken = till.row(till.pay()).reference
    names = chain([taken, taken], repeat("DCX-FREE-A"))

    with transaction() as session:
        wish = Wish("alpha", "another form", cents=15_000)
        begun = service.begin(
            session, wish, till.desk, by=ALICE, now_us=BEGUN_US, names=names.__next__
        )

    assert till.row(begun.key).reference == "DCX-FREE-A"


# scenario 22
@pytest.mark.parametrize("kind", ["html", "empty", "truncated", "http_500", "huge", "error"])
def test_a_gateway_that_cannot_begin_it_leaves_a_payment_that_failed(till: Till, kind: str) -> None:
    till.gateway.fault(kind, "initiate", value="PGID_NOT_EN")

    key = till.pay()

    row = till.row(key)
    assert (row.state, row.pay_request_id, row.next_check_us) == ("failed", None, None)
    assert row.result_code == ("PGID_NOT_EN" if kind == "error" else "")
    assert till.breaches() == []
    assert till.state(till.pay()) == "redirected", "the next try is another payment"


# scenario 22
def test_an_answer_that_was_changed_on_its_way_begins_nothing(canned: Canned) -> None:
    gateway = Gateway.read({
        "DCX_PAYGATE_ID": "1", "DCX_PAYGATE_KEY": "k", "DCX_PAYGATE_URL": canned.address,
    })  # fmt: skip
    wanted = Initiation("DCX-1-A", 15_000, "ZAR", "a@b.example", "https://r", "https://n", BEGUN_US)
    right = {"PAYGATE_ID": "1", "PAY_REQUEST_ID": GUID, "REFERENCE": "DCX-1-A"}
    for changed in ({"REFERENCE": "DCX-2-A"}, {"PAYGATE_ID": "2"}, {"PAY_REQUEST_ID": GUID[:9]}):
        for signed in (right, right | changed):
            told = right | changed | {"CHECKSUM": checksum(signed.values(), "k")}
            canned.says(urlencode(told))
            with pytest.raises(NotGenuineError):
                PayGate(gateway).initiate(wanted)
    canned.says("ERROR=TXN_PRC", status=500)
    with pytest.raises(GatewayRefusedError, match="TXN_PRC"):
        PayGate(gateway).initiate(wanted)
    canned.says(f"{urlencode(right)}&CHECKSUM={checksum(right.values(), 'k')}\r\n")
    assert PayGate(gateway).initiate(wanted).pay_request_id == GUID
    assert canned.asked[-1].startswith(b"PAYGATE_ID=1&REFERENCE=DCX-1-A&AMOUNT=15000&CURRENCY=ZAR")


# scenario 21
def test_a_gateway_that_never_answers_leaves_nobody_knowing_and_nobody_charged(till: Till) -> None:
    till.gateway.fault("timeout", "initiate", after_work=True)

    first = till.pay(form_key="first")
    again = till.pay(form_key="second")

    assert (till.state(first), till.state(again)) == ("unknown", "redirected")
    assert till.row(first).reference != till.row(again).reference
    till.gateway.pay(till.request(again))
    till.poll(after_us=34 * MINUTE_US)
    assert till.state(first) == "unknown"
    till.poll(after_us=36 * MINUTE_US)
    assert till.state(first) == "expired", "its request never reached us: nobody could pay it"
    assert till.balance() == 15_000


def test_a_process_that_dies_before_the_gateway_answers_leaves_nothing_open(till: Till) -> None:
    with transaction() as session:
        wish = Wish("alpha", "form", cents=15_000)
        key = service.begin(session, wish, till.desk, by=ALICE, now_us=BEGUN_US).key
    assert till.state(key) == "created"

    assert till.pay(form_key="form") == key
    assert till.gateway.requests == []
    till.poll(after_us=40 * MINUTE_US)

    assert till.state(key) == "expired"
    assert till.breaches() == []


# scenarios 7 and 8
def test_a_card_is_kept_with_consent_and_pays_the_next_time(till: Till) -> None:
    kept, other = till.pay(keeps_card=True), till.pay()
    for key in (kept, other):
        till.gateway.pay(till.request(key))
    asked = [request.asked for request in till.gateway.requests]
    assert ("VAULT" in asked[0], "VAULT" in asked[1]) == (True, False)
    with reading() as session:
        cards = card_service.cards(session, "alpha", month="2026-11")
    assert [(card.brand, card.last4, card.expires) for card in cards] == [
        ("Visa", "0002", "2099-12")
    ]  # fmt: skip

    key = till.pay(card=cards[0].key, keeps_card=True)
    till.gateway.pay(till.request(key))

    last = till.gateway.requests[-1].asked
    assert last["VAULT_ID"] == till.gateway.tokens[0].id
    assert "VAULT" not in last
    assert last["PAY_METHOD"] == "CC"
    assert till.balance() == 45_000
    # scenario 35: nobody else pays with it
    with pytest.raises(UnknownCardError):
        till.pay(customer="gamma", card=cards[0].key)


def test_a_card_that_the_gateway_forgot_is_offered_no_more(till: Till) -> None:
    till.gateway.pay(till.request(till.pay(keeps_card=True)))
    with reading() as session:
        card = card_service.cards(session, "alpha", month="2026-11")[0].key
    till.gateway.end_token(till.gateway.tokens[0].id)

    key = till.pay(card=card)

    assert (till.state(key), till.row(key).result_code) == ("failed", "INVALID_VAULT_ID")
    with reading() as session:
        assert card_service.cards(session, "alpha", month="2026-11") == []


def test_the_same_card_kept_twice_is_one_card(till: Till) -> None:
    for _ in range(2):
        till.gateway.pay(till.request(till.pay(keeps_card=True)))

    with reading() as session:
        assert len(card_service.cards(session, "alpha", month="2026-11")) == 1


def test_without_an_address_to_write_to_nothing_begins(till: Till) -> None:
    with transaction() as session:
        accounts.add_customer(session, accounts.Customer("nobodys", "Nobody's"), now_us=1)

    with pytest.raises(PaymentRefusedError, match="e-mail"):
        till.pay(customer="nobodys", email="two@x.example, more@x.example")
