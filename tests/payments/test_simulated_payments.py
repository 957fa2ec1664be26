"""How a simulated payment goes: cards, banks' codes, EFTs, kept cards, and what merchants hear."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from dcx.payments.simulator import outcomes
from dcx.payments.simulator.cards import CARDS
from dcx.payments.simulator.errors import RefusedError
from dcx.payments.simulator.signing import checksum, sign
from tests.support.gateway import MASTERCARD, VISA, SimulatedGateway
from tests.support.merchant import ASKED, Merchant

NOTICE = [
    "PAYGATE_ID", "PAY_REQUEST_ID", "REFERENCE", "TRANSACTION_STATUS", "RESULT_CODE", "AUTH_CODE",
    "CURRENCY", "AMOUNT", "RESULT_DESC", "TRANSACTION_ID", "RISK_INDICATOR", "PAY_METHOD",
    "PAY_METHOD_DETAIL", "USER1", "CHECKSUM",
]  # fmt: skip


@pytest.fixture
def merchant(gateway: SimulatedGateway) -> Merchant:
    return Merchant(gateway)


@pytest.mark.parametrize(
    ("number", "status", "code", "risk"),
    [
        ("4000000000000002", "1", "990017", "AX"),
        ("5200000000000015", "1", "990017", "AX"),
        ("378282246310005", "1", "990017", "NX"),
        ("5200000000000023", "2", "900003", "NX"),
        ("4000000000000028", "2", "900003", "NX"),
        ("371449635398431", "2", "900003", "NX"),
        ("4000000000000036", "2", "900007", "AX"),
        ("5200000000000049", "2", "900007", "AX"),
        ("30569309025904", "2", "900007", "XX"),
        ("5200000000000064", "0", "990022", "XX"),
        ("4111111111111111", "2", "900004", "XX"),
    ],
)
def test_a_card_pays_as_its_table_says(
    merchant: Merchant, number: str, status: str, code: str, risk: str
) -> None:
    request_id = merchant.initiate(USER1="acct42")
    assert merchant.query(request_id)["TRANSACTION_STATUS"] == "0"

    way = merchant.gateway.pay(request_id, number)

    told = merchant.query(request_id)
    assert merchant.told == [told]
    assert list(told) == NOTICE
    assert (told["TRANSACTION_STATUS"], told["RESULT_CODE"]) == (status, code)
    assert told["RISK_INDICATOR"] == risk
    assert bool(told["AUTH_CODE"]) == (status == "1")
    assert (told["AMOUNT"], told["CURRENCY"], told["USER1"]) == ("15000", "ZAR", "acct42")
    assert way.fields["TRANSACTION_STATUS"] == status
    signed = ("10011072130", request_id, status, "DCX-1-A")
    assert way.fields["CHECKSUM"] == checksum(signed, "secret")
    charged = {"DCX-1-A": [15000]} if status == "1" else {}
    assert merchant.gateway.charges() == charged


def test_a_request_is_paid_once_however_many_pay_it(merchant: Merchant) -> None:
    request_id = merchant.initiate()

    def pay(_: int) -> bool:
        try:
            merchant.gateway.pay(request_id, MASTERCARD)
        except RefusedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(pay, range(8))) == 1
    assert merchant.gateway.charges() == {"DCX-1-A": [15000]}


def test_a_bank_that_asks_for_a_code_believes_only_the_right_one(merchant: Merchant) -> None:
    ends = {}
    for otp in ("right", "wrong", "abandon"):
        request_id = merchant.initiate()
        merchant.gateway.pay(request_id, VISA, otp=otp)
        told = merchant.query(request_id)
        ends[otp] = (told["TRANSACTION_STATUS"], told["RESULT_CODE"])

    assert ends == {"right": ("1", "990017"), "wrong": ("2", "900207"), "abandon": ("0", "900210")}
    assert [card.number for card in CARDS if card.asks_code] == [
        "4000000000000002", "5200000000000023", "4000000000000036", "5200000000000049",
    ]  # fmt: skip


def test_a_card_is_kept_once_and_pays_again_without_its_number(merchant: Merchant) -> None:
    gateway = merchant.gateway
    for _ in range(2):
        gateway.pay(merchant.initiate(VAULT="1"), MASTERCARD, expires="112030")
    gateway.pay(merchant.initiate(VAULT="1"), "5200000000000049")
    gateway.pay(merchant.initiate(VAULT="0"), VISA)

    kept = [told["VAULT_ID"] for told in merchant.told if "VAULT_ID" in told]
    assert len(kept) == 2
    assert {kept[0]} == {kept[1]} == {token.id for token in gateway.tokens}
    assert kept[0] == kept[0].lower()
    vaulted = ["VAULT_ID", "PAYVAULT_DATA_1", "PAYVAULT_DATA_2", "CHECKSUM"]
    assert list(merchant.told[0])[-4:] == vaulted
    assert merchant.told[0]["PAYVAULT_DATA_1"] == "xxxxxxxxxxxx0015"
    assert merchant.told[0]["PAYVAULT_DATA_2"] == "112030"
    page = merchant.show(again := merchant.initiate(VAULT_ID=kept[0]))
    assert "•••• 0015" in page
    assert "Card number" not in page
    gateway.pay(again)
    assert merchant.query(again)["TRANSACTION_STATUS"] == "1"

    gateway.decline_token(kept[0])
    gateway.pay(declined := merchant.initiate(VAULT_ID=kept[0]))
    assert merchant.query(declined)["RESULT_CODE"] == "900003"
    gateway.end_token(kept[0])
    refusal = merchant.send("initiate", {**ASKED, "VAULT_ID": kept[0]})
    assert refusal == "ERROR=INVALID_VAULT_ID"


def test_a_kept_card_that_has_expired_is_refused(merchant: Merchant) -> None:
    gateway = merchant.gateway
    soon = gateway.simulator.book.now.strftime("%m%Y")
    gateway.pay(merchant.initiate(VAULT="1"), MASTERCARD, expires=soon)
    gateway.pay(old := merchant.initiate(), MASTERCARD, expires="112020")
    token = gateway.tokens[0].id

    gateway.advance(32 * 24 * 3600)

    assert merchant.query(old)["RESULT_CODE"] == "900002"
    assert merchant.send("initiate", {**ASKED, "VAULT_ID": token}) == "ERROR=INVALID_VAULT_ID"


def test_customers_cancel_banks_fail_and_settlements_are_taken_back(merchant: Merchant) -> None:
    gateway = merchant.gateway
    four, three, broken, paid = (merchant.initiate() for _ in range(4))

    gateway.cancel(four)
    gateway.cancel(three, "3")
    gateway.break_down(broken)
    gateway.pay(paid)
    gateway.void(paid)

    seen = [(told["TRANSACTION_STATUS"], told["RESULT_CODE"]) for told in merchant.told]
    assert seen == [
        ("4", "990028"), ("3", "990028"), ("0", "990022"), ("1", "990017"), ("7", "990017"),
    ]  # fmt: skip
    assert merchant.told[0]["TRANSACTION_ID"] == ""
    assert gateway.charges() == {}


def test_an_eft_is_received_first_and_settled_when_the_bank_speaks(merchant: Merchant) -> None:
    gateway = merchant.gateway
    by_hand, declined, by_clock = (merchant.initiate() for _ in range(3))
    for each in (by_hand, declined):
        assert gateway.eft(each).fields["TRANSACTION_STATUS"] == "5"
    outcomes.eft_begun(gateway.simulator, by_clock, after_s=2 * 24 * 3600)

    gateway.settle_eft(by_hand)
    gateway.settle_eft(declined, approves=False)
    gateway.advance(2 * 24 * 3600 - 60)
    assert merchant.query(by_clock)["TRANSACTION_STATUS"] == "5"
    gateway.advance(60)

    assert [told["TRANSACTION_STATUS"] for told in merchant.told] == ["5", "5", "5", "1", "2", "1"]
    assert merchant.query(by_clock) == merchant.told[-1]
    assert (merchant.told[-1]["AUTH_CODE"], merchant.told[-1]["PAY_METHOD"]) == ("999999", "BT")


def test_a_page_may_let_customers_try_another_card(merchant: Merchant) -> None:
    merchant.gateway.options(tries_again=True)
    request_id = merchant.initiate()

    merchant.gateway.pay(request_id, "4000000000000028")
    assert "Insufficient Funds. Try another card." in merchant.show(request_id)
    merchant.gateway.pay(request_id, MASTERCARD)

    assert [told["TRANSACTION_STATUS"] for told in merchant.told] == ["2", "1"]


def test_a_notice_that_is_not_taken_is_sent_three_times_more(merchant: Merchant) -> None:
    gateway = merchant.gateway
    merchant.reply = "ok"
    gateway.pay(merchant.initiate(), MASTERCARD)

    times = [len(merchant.told)]
    for _ in range(5):
        gateway.advance(1800)
        times.append(len(merchant.told))

    assert times == [1, 2, 3, 4, 4, 4]
    assert [attempt.number for attempt in gateway.attempts] == [1, 2, 3, 4]
    assert len({attempt.body for attempt in gateway.attempts}) == 1
    assert not any(attempt.was_taken for attempt in gateway.attempts)


def test_notices_are_lost_late_doubled_and_overtaken_on_purpose(merchant: Merchant) -> None:
    gateway = merchant.gateway

    def told_after(kind: str, later_s: float, **details: object) -> tuple[int, int]:
        merchant.told.clear()
        gateway.fault(kind, "notify", **details)
        gateway.pay(merchant.initiate(), MASTERCARD)
        at_once = len(merchant.told)
        gateway.advance(later_s)
        return at_once, len(merchant.told)

    assert told_after("drop", 1800) == (0, 1)
    assert told_after("delay", 60, seconds=60) == (0, 1)
    assert told_after("duplicate", 0, count=4) == (5, 5)
    assert told_after("after_return", 1) == (0, 1)


def test_what_is_signed_is_spoilt_on_purpose(merchant: Merchant) -> None:
    gateway = merchant.gateway

    def told_with(kind: str, on: str = "notify", **details: str) -> tuple[dict[str, str], bool]:
        merchant.told.clear()
        gateway.fault(kind, on, **details)
        gateway.cancel(merchant.initiate())
        *names, _ = told = merchant.told[0]
        return told, told["CHECKSUM"] == sign(told, names, "secret")

    told, is_right = told_with("forge", field="AMOUNT", value="100")
    assert (told["AMOUNT"], is_right) == ("100", True)
    told, is_right = told_with("tamper", field="AMOUNT", value="100")
    assert (told["AMOUNT"], is_right) == ("100", False)
    assert told_with("wrong_checksum")[1] is False
    told, is_right = told_with("null_auth")
    assert (told["AUTH_CODE"], is_right) == ("null", False)
    said = {**told, "AUTH_CODE": ""}
    assert said["CHECKSUM"] == sign(said, list(said)[:-1], "secret")
