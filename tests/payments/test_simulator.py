"""The simulator of PayWeb3 answers as PayGate's documents say, so that DCX may be tested on it."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from flask.testing import FlaskClient

from dcx.payments.simulator import create_simulator, outcomes
from dcx.payments.simulator.cards import CARDS
from dcx.payments.simulator.errors import WORDS, RefusedError
from dcx.payments.simulator.payweb import require_payable
from dcx.payments.simulator.signing import checksum, fields_of, sign, with_checksum
from dcx.settings import ROOT
from tests.support.gateway import BROKEN, MASTERCARD, VISA, SimulatedGateway
from tests.support.html import faults_of

CHECKSUMS = [
    line.split(";")
    for line in (ROOT / "tests/data/paygate_checksums.csv").read_text().splitlines()[1:]
]
ASKED = {
    "PAYGATE_ID": "10011072130", "REFERENCE": "DCX-1-A", "AMOUNT": "15000", "CURRENCY": "ZAR",
    "RETURN_URL": "http://127.0.0.1:9/payments/return",
    "TRANSACTION_DATE": "2026-01-31 08:15:00", "LOCALE": "en-za", "COUNTRY": "ZAF",
    "EMAIL": "billing@acme.example", "NOTIFY_URL": "http://127.0.0.1:9/payments/notify",
}  # fmt: skip
"""In the order in which they are signed; what a test adds comes behind and so does the checksum."""
REFUSED: list[tuple[str, dict[str, str]]] = [
    ("CNTRY_INVALID", {"COUNTRY": "ZA"}),
    ("DATA_AMT_NUM", {"AMOUNT": "150.00"}),
    ("DATA_AMT_NUM", {"AMOUNT": "１５０"}),
    ("DATA_AMT_ZERO", {"AMOUNT": "0"}),
    ("DATA_CHK", {"CHECKSUM": "0" * 32}),
    ("DATA_CREF", {"REFERENCE": ""}),
    ("DATA_CREF", {"REFERENCE": "A" * 81}),
    ("DATA_DTTM", {"TRANSACTION_DATE": "2026-01-31T08:15:00"}),
    ("DATA_DTTM", {"TRANSACTION_DATE": ""}),
    ("DATA_PM", {"PAY_METHOD": "XX"}),
    ("DATA_PW", {"CURRENCY": ""}),
    ("DATA_PW", {"email": "lower@case.example"}),
    ("DATA_REGION", {"COUNTRY": ""}),
    ("DATA_REGION", {"LOCALE": ""}),
    ("DATA_URL", {"RETURN_URL": ""}),
    ("DATA_URL", {"NOTIFY_URL": "http://dcx.example:8080/notify"}),
    ("INVALID_VAULT", {"VAULT": "yes"}),
    ("INVALID_VAULT_ID", {"VAULT_ID": "c36a13e8-65a0-49fd-a12f-05fe78bf9eaa"}),
    ("INV_EMAIL", {"EMAIL": "nobody"}),
    ("LOCALE_INVALID", {"LOCALE": "English"}),
    ("ND_INV_PGID", {"PAYGATE_ID": "10011013800"}),
    ("NOT_LIVE_PM", {"PAY_METHOD": "EW"}),
    ("PGID_NOT_EN", {"CURRENCY": "GBP"}),
    ("VAULT_NOT_ACCEPTED", {"PAY_METHOD": "BT", "VAULT": "1"}),
]
NOT_FOUND: list[tuple[str, dict[str, str]]] = [
    ("DATA_PAY_REQ_ID", {"PAY_REQUEST_ID": ""}),
    ("ND_INV_PRID", {"PAY_REQUEST_ID": "5"}),
    ("ND_INV_PGID", {"PAYGATE_ID": "1"}),
    ("DATA_CHK", {"CHECKSUM": "é"}),
    ("NO_TRANS_DATA", {"PAY_REQUEST_ID": "23B785AE-C96C-32AF-4879-D2C9363DB6E8"}),
    ("NO_TRANS_DATA", {"REFERENCE": "DCX-2-A"}),
]


class Merchant:
    """Speaks to a simulator as a merchant's server does, and counts what it is told."""

    def __init__(self, gateway: SimulatedGateway) -> None:
        self.gateway = gateway
        self.client: FlaskClient = create_simulator().test_client()
        self.client.application.config["SIMULATOR"] = gateway.simulator
        self.told: list[dict[str, str]] = []
        self.reply = "OK"
        gateway.deliver_by(self._hear)

    def _hear(self, url: str, body: bytes) -> tuple[int, str]:
        assert url == ASKED["NOTIFY_URL"]
        self.told.append(fields_of(body))
        return 200, self.reply

    def send(self, door: str, fields: Mapping[str, str]) -> str:
        signed = fields if "CHECKSUM" in fields else with_checksum(fields, "secret")
        answer = self.client.post(f"/payweb3/{door}.trans", data=signed)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def initiate(self, **changes: str) -> str:
        """The id of a new request to pay."""
        opened = fields_of(self.send("initiate", {**ASKED, **changes}).encode())
        assert opened["CHECKSUM"] == sign(opened, list(opened)[:3], "secret")
        return opened["PAY_REQUEST_ID"]

    def query(self, request_id: str) -> dict[str, str]:
        asked = {"PAYGATE_ID": ASKED["PAYGATE_ID"], "PAY_REQUEST_ID": request_id}
        found = fields_of(self.send("query", {**asked, "REFERENCE": "DCX-1-A"}).encode())
        *names, last = found
        assert (last, found["CHECKSUM"]) == ("CHECKSUM", sign(found, names, "secret"))
        return found


@pytest.fixture
def merchant(gateway: SimulatedGateway) -> Merchant:
    return Merchant(gateway)


@pytest.mark.parametrize(("case", "key", "values", "right"), CHECKSUMS, ids=lambda each: each[:30])
def test_checksums_are_those_of_the_documents(case: str, key: str, values: str, right: str) -> None:
    assert checksum(values.split("|"), key) == right, case


def test_what_is_asked_wrongly_is_refused_by_its_code(merchant: Merchant) -> None:
    for code, changes in REFUSED:
        assert merchant.send("initiate", {**ASKED, **changes}) == f"ERROR={code}", changes

    body = "&".join(f"{name}={value}" for name, value in with_checksum(ASKED, "secret").items())
    for sent, kind in ((body, "application/json"), (f"{body}&AMOUNT=1", None)):
        answer = merchant.client.post(
            "/payweb3/initiate.trans",
            data=sent,
            content_type=kind or "application/x-www-form-urlencoded",
        )
        assert answer.get_data(as_text=True) == "ERROR=DATA_PW"
    assert merchant.gateway.requests == []


def test_what_was_not_agreed_is_refused_by_its_code(merchant: Merchant) -> None:
    gateway = merchant.gateway
    gateway.options(has_vault=False, methods=("BT",))
    assert merchant.send("initiate", {**ASKED, "VAULT": "1"}) == "ERROR=PAYVAULT_NOT_EN"
    gateway.options(methods=())
    assert merchant.send("initiate", ASKED) == "ERROR=NOT_LIVE_PM"
    gateway.options(is_enabled=False)
    assert merchant.send("initiate", ASKED) == "ERROR=PGID_NOT_EN"
    gateway.fault("error", "initiate", value="DATA_INS")
    assert merchant.send("initiate", ASKED) == "ERROR=DATA_INS"

    gateway.reset()
    backwards = with_checksum(dict(reversed(ASKED.items())), "secret")
    assert merchant.send("initiate", backwards) == "ERROR=DATA_CHK"
    gateway.options(strict_order=False)
    assert merchant.send("initiate", backwards).startswith("PAYGATE_ID=10011072130&")


def test_a_query_is_refused_by_its_code(merchant: Merchant) -> None:
    known = merchant.initiate()
    asked = {"PAYGATE_ID": "10011072130", "PAY_REQUEST_ID": known, "REFERENCE": "DCX-1-A"}

    for code, changes in NOT_FOUND:
        assert merchant.send("query", {**asked, **changes}) == f"ERROR={code}", changes


def test_a_request_that_is_over_is_not_paid_again(merchant: Merchant) -> None:
    gateway = merchant.gateway
    paid, cancelled, old, lost = (merchant.initiate() for _ in range(4))
    gateway.pay(paid)
    gateway.cancel(cancelled)
    gateway.advance(1801)

    for request_id, code in ((paid, "TXN_CMP"), (cancelled, "TXN_CAN"), (old, "TXN_PRC")):
        with pytest.raises(RefusedError) as refusal:
            require_payable(gateway.simulator, request_id)
        assert refusal.value.code == code
        page = show(merchant, request_id)
        assert (code in page, "Card number" in page) == (True, False)
    assert "DATA_PAY_REQ_ID" in merchant.send("process", {"PAY_REQUEST_ID": "5", "CHECKSUM": ""})
    assert "DATA_CHK" in merchant.send("process", {"PAY_REQUEST_ID": lost, "CHECKSUM": ""})


def test_every_code_of_an_error_is_met_here() -> None:
    asked = {code for code, _ in REFUSED} | {code for code, _ in NOT_FOUND}

    assert set(WORDS) == asked | {"DATA_INS", "PAYVAULT_NOT_EN", "TXN_CAN", "TXN_CMP", "TXN_PRC"}


def show(merchant: Merchant, request_id: str) -> str:
    """The page that a browser gets when it brings a request."""
    opened = {"PAYGATE_ID": "10011072130", "PAY_REQUEST_ID": request_id, "REFERENCE": "DCX-1-A"}
    signed = with_checksum(opened, "secret")
    sent = {"PAY_REQUEST_ID": request_id, "CHECKSUM": signed["CHECKSUM"]}
    return merchant.send("process", sent)


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
    assert (told["TRANSACTION_STATUS"], told["RESULT_CODE"]) == (status, code)
    assert told["RISK_INDICATOR"] == risk
    assert bool(told["AUTH_CODE"]) == (status == "1")
    assert (told["AMOUNT"], told["CURRENCY"], told["USER1"]) == ("15000", "ZAR", "acct42")
    assert way.fields["TRANSACTION_STATUS"] == status
    signed = ("10011072130", request_id, status, "DCX-1-A")
    assert way.fields["CHECKSUM"] == checksum(signed, "secret")
    charged = {"DCX-1-A": [15000]} if status == "1" else {}
    assert merchant.gateway.charges() == charged


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
    assert merchant.told[0]["PAYVAULT_DATA_1"] == "xxxxxxxxxxxx0015"
    assert merchant.told[0]["PAYVAULT_DATA_2"] == "112030"
    page = show(merchant, again := merchant.initiate(VAULT_ID=kept[0]))
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
    assert "Insufficient Funds. Try another card." in show(merchant, request_id)
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


def test_answers_are_spoilt_on_purpose(gateway: SimulatedGateway) -> None:
    signed = with_checksum(ASKED, "secret")
    with httpx.Client(base_url=f"{gateway.address}/payweb3/", timeout=5) as client:

        def ask(kind: str, **details: object) -> httpx.Response:
            gateway.fault(kind, "initiate", **details)
            return client.post("initiate.trans", data=signed)

        assert ask("http_500").status_code == 500
        assert "<html>" in ask("html").text
        assert ask("empty").text == ""
        assert len(ask("huge").content) == 10 * 1024 * 1024
        assert gateway.requests == []
        assert "CHECKSUM" not in ask("truncated").text
        with pytest.raises(httpx.TransportError):
            ask("timeout")
        assert len(gateway.requests) == 2
        with pytest.raises(httpx.TransportError):
            ask("timeout", after_work=False)
        assert ask("slow", seconds=0.01).text.startswith("PAYGATE_ID=")
        assert len(gateway.requests) == 3
    with pytest.raises(ValueError, match="is not a fault"):
        gateway.fault("hiccup", "initiate")


def test_a_customer_walks_through_the_pages(merchant: Merchant) -> None:
    request_id = merchant.initiate()
    door = f"/pay/{request_id}"
    pages = [show(merchant, request_id)]
    assert "PayGate simulator: no money moves." in pages[0]

    def go(path: str, **sent: str) -> str:
        call = merchant.client.post if sent else merchant.client.get
        pages.append(call(f"{door}{path}", data=sent).get_data(as_text=True))
        return pages[-1]

    assert 'value="378282246310005"' in go("?card=378282246310005")
    assert "Pay by EFT" in go("?method=BT")
    assert "Write it as MM/YYYY" in go("/card", number=VISA, expires="13/2030")
    assert "Your bank asks for a code" in go("/card", number=VISA, expires="12/30")
    assert f'action="{ASKED["RETURN_URL"]}"' in go("/code", code="1234")
    assert "complete" in go("/card", number=VISA, expires="12/2030")

    broken = merchant.initiate()
    sent = {"number": BROKEN, "expires": "12/2030", "closes": "on"}
    closed = merchant.client.post(f"/pay/{broken}/card", data=sent).get_data(as_text=True)
    assert "You closed the browser" in closed
    assert len(merchant.told) == 2
    faults = {fault for page in (*pages, closed) for fault in faults_of(page)}
    assert faults <= {"a POST form lacks its CSRF token"}, "the address itself is the secret"


def test_a_way_back_may_be_a_link(merchant: Merchant) -> None:
    merchant.gateway.options(returns_by="GET")
    request_id = merchant.initiate()

    page = merchant.client.post(f"/pay/{request_id}/cancel")

    link = f"{ASKED['RETURN_URL']}?PAY_REQUEST_ID={request_id}&amp;TRANSACTION_STATUS=4"
    assert link in page.get_data(as_text=True)
    assert page.headers["Content-Security-Policy"].endswith("'self' http://127.0.0.1:9")


def test_only_this_machine_steers(merchant: Merchant) -> None:
    steer = merchant.client
    merchant.gateway.fault("drop", "notify", times=-1)
    merchant.gateway.pay(request_id := merchant.initiate(), MASTERCARD)

    assert steer.post("/control/void", json={"pay_request_id": request_id}).status_code == 200
    assert merchant.query(request_id)["TRANSACTION_STATUS"] == "7"
    assert steer.post("/control/void", json={}).status_code == 400
    assert steer.delete("/control/faults", json={}).status_code == 200
    assert steer.post("/control/faults", json={"kind": "no", "on": "notify"}).status_code == 400
    assert steer.post("/control/clock", json={"seconds": 1800}).status_code == 200
    assert len(merchant.told) == 2
    assert steer.post("/control/reset").status_code == 415
    away = {"REMOTE_ADDR": "192.0.2.7"}
    assert steer.get("/control/", environ_overrides=away).status_code == 403
    assert steer.get("/control/", headers={"Host": "rebound.example"}).status_code == 403
    assert len(steer.get("/control/").get_json()["requests"]) == 1


def test_what_is_kept_in_a_file_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "paygate.json"

    def start() -> SimulatedGateway:
        return SimulatedGateway("", create_simulator(path=path).config["SIMULATOR"])

    first = Merchant(start())
    merchant_id = first.initiate(VAULT="1")
    first.reply = "no"
    first.gateway.pay(merchant_id, MASTERCARD)

    second = Merchant(start())
    second.gateway.pay(second.initiate(VAULT_ID=first.gateway.tokens[0].id))
    second.gateway.advance(1800)

    assert second.gateway.charges() == {"DCX-1-A": [15000, 15000]}
    assert [told["PAY_REQUEST_ID"] for told in second.told][1] == merchant_id
