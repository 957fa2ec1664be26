"""The simulator of PayWeb3 answers as PayGate's documents say, so that DCX may be tested on it."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from dcx.payments.simulator import create_simulator
from dcx.payments.simulator.errors import WORDS, RefusedError
from dcx.payments.simulator.payweb import require_payable
from dcx.payments.simulator.signing import checksum, with_checksum
from dcx.settings import ROOT
from tests.support.gateway import BROKEN, MASTERCARD, VISA, SimulatedGateway
from tests.support.html import faults_of
from tests.support.merchant import ASKED, Merchant
from tests.support.servers import free_port
from tests.support.vectors import CHECKSUMS

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


@pytest.fixture
def merchant(gateway: SimulatedGateway) -> Merchant:
    return Merchant(gateway)


def test_checksums_are_those_of_the_documents() -> None:
    for case, key, values, right in CHECKSUMS:
        assert checksum(values, key) == right, case


def test_a_request_is_signed_in_the_order_of_the_documents(merchant: Merchant) -> None:
    values, right = next(row[2:] for row in CHECKSUMS if row[0].endswith("keeps the card"))
    names = [*list(ASKED)[:9], "PAY_METHOD", "NOTIFY_URL", "USER1", "VAULT"]
    sent = dict(zip(names, values, strict=True))

    answer = merchant.send("initiate", {**dict(sorted(sent.items())), "CHECKSUM": right})

    assert answer.startswith("PAYGATE_ID=10011072130&PAY_REQUEST_ID=")


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
        page = merchant.show(request_id)
        assert (code in page, "Card number" in page) == (True, False)
    assert "DATA_PAY_REQ_ID" in merchant.send("process", {"PAY_REQUEST_ID": "5", "CHECKSUM": ""})
    assert "DATA_CHK" in merchant.send("process", {"PAY_REQUEST_ID": lost, "CHECKSUM": ""})


def test_every_code_of_an_error_is_met_here() -> None:
    asked = {code for code, _ in REFUSED} | {code for code, _ in NOT_FOUND}

    assert set(WORDS) == asked | {"DATA_INS", "PAYVAULT_NOT_EN", "TXN_CAN", "TXN_CMP", "TXN_PRC"}


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
    pages = [merchant.show(request_id)]
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


def test_a_book_that_cannot_be_read_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "paygate.json"
    path.write_text('{"requests": {}}')

    gateway = SimulatedGateway("", create_simulator(path=path).config["SIMULATOR"])

    assert gateway.requests == []
    assert (tmp_path / "paygate.unreadable").exists()


def test_it_ends_when_whoever_started_it_is_gone(tmp_path: Path) -> None:
    flask = [sys.executable, "-m", "flask", "--app", "app.py", "paygate-sim", "--until-closed"]
    process = subprocess.Popen(
        [*flask, "--port", str(port := free_port()), "--book", str(tmp_path / "book.json")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    printed, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert printed.decode() == f"PayGate is simulated at http://127.0.0.1:{port}: no money moves.\n"
