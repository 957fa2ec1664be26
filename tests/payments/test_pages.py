"""Owners pay, viewers look, strangers find nothing; staff see every payment with its history."""

import re
from dataclasses import replace

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import text

from dcx.payments import service
from dcx.payments.service import GATEWAY
from dcx.repository.session import transaction
from dcx.settings import Gateway
from dcx.wallet import service as wallet
from tests.conftest import SignIn, token_of
from tests.support.gateway import AMEX, POOR
from tests.support.paying import BEGUN_US, Till

TOP_UP, PAY = "/c/alpha/wallet/top-up", "/c/alpha/invoices/INV-000001/pay"


def form_of(client: FlaskClient, page: str, **sent: str) -> dict[str, str]:
    """What a page's form sends, with some fields filled in."""
    found = re.search(r'name="form_key" value="([^"]+)"', client.get(page).text)
    assert found
    return {"csrf_token": token_of(client, page), "form_key": found.group(1), **sent}


@pytest.fixture
def alice(till: Till, sign_in: SignIn) -> FlaskClient:
    assert till.app.config["DCX"]
    return sign_in("alice")


@pytest.fixture
def sam(till: Till, sign_in: SignIn) -> FlaskClient:
    assert till.app.config["DCX"]
    return sign_in("sam")


def key_in(address: str) -> str:
    return str(re.search(r"/payments/([^/]+)", address).group(1))  # type: ignore[union-attr]


def test_a_form_cannot_take_the_key_of_the_clocks_top_ups(till: Till, alice: FlaskClient) -> None:
    for key in ("automatic/1", "api/x", "", "k" * 65):
        sent = form_of(alice, TOP_UP, amount="150") | {"form_key": key}
        assert alice.post(TOP_UP, data=sent).status_code == 422, key

    assert till.gateway.requests == []


# scenarios 2 and 24
def test_an_owner_tops_up_and_sees_the_money(till: Till, alice: FlaskClient) -> None:
    sent = form_of(alice, TOP_UP, amount="R 1 500,00")

    first, again = (alice.post(TOP_UP, data=sent) for _ in range(2))
    way = alice.get(first.headers["Location"])
    key = key_in(first.headers["Location"])
    waits = alice.get(f"/c/alpha/payments/{key}").text
    till.gateway.pay(till.request(key))
    done = alice.get(f"/c/alpha/payments/{key}")

    assert first.headers["Location"] == again.headers["Location"] == f"/c/alpha/payments/{key}/go"
    origin = till.gateway.address
    assert f"form-action 'self' {origin};" in f"{way.headers['Content-Security-Policy']};"
    assert f'action="{origin}/payweb3/process.trans"' in way.text
    assert "Continue to PayGate" in way.text
    assert f'name="PAY_REQUEST_ID" value="{till.request(key)}"' in way.text
    assert "form-action 'self';" in f"{done.headers['Content-Security-Policy']};"
    assert 'hx-trigger="load delay:2s"' in waits
    assert "This page updates by itself" in waits
    assert "arrived and is booked" in done.text
    assert 'hx-trigger="load' not in done.text
    assert till.balance() == 150_000
    assert till.audited() == ["alice@dcx.example: payment begun"]
    assert alice.get(f"/c/alpha/payments/{key}/go").headers["Location"].endswith(key)


def test_a_page_says_how_it_reads_an_amount_and_offers_some(alice: FlaskClient) -> None:
    page = alice.get(f"{TOP_UP}?amount=500,00").text
    said = alice.get(f"{TOP_UP}?amount=1234,5", headers={"HX-Request": "true"}).text

    assert 'value="500,00"' in page
    assert "You will pay R500,00." in page
    assert said.strip() == "You will pay R1\u00a0234,50."
    assert "amount=1%C2%A0000,00" in page
    assert "Keep a new card for next time" in page


# scenario 34
@pytest.mark.parametrize("amount", ["", "much", "1,234.56", "49,99", "50000,01", "-500", "1e9"])
def test_an_amount_that_cannot_be_is_refused_beside_its_field(
    till: Till, alice: FlaskClient, amount: str
) -> None:
    answer = alice.post(TOP_UP, data=form_of(alice, TOP_UP, amount=amount, amount_cents="1"))

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert 'class="fault"' in answer.text
    assert till.gateway.requests == []


# scenario 34
def test_an_invoice_costs_what_is_owed_whatever_the_form_says(
    till: Till, alice: FlaskClient
) -> None:
    till.invoice()
    sent = form_of(alice, PAY, amount="1,00", cents="1", way="card", customer="gamma")

    answer = alice.post(PAY, data=sent)

    assert till.row(key_in(answer.headers["Location"])).amount_cents == 14_950
    assert "R149,50 with VAT is open." in alice.get(PAY).text
    assert "INV-000001" in alice.get(PAY).text


def test_an_invoice_is_paid_from_the_wallet_once(till: Till, alice: FlaskClient) -> None:
    till.invoice()
    money = wallet.Receipt("alpha", 10_000, "test", "Top-up")
    with transaction() as session:
        wallet.receive(session, money, by=GATEWAY, now_us=BEGUN_US)
    sent = form_of(alice, PAY, way="wallet")

    statuses = [alice.post(PAY, data=sent).status_code for _ in range(2)]

    assert statuses == [303, 303]
    assert (till.balance(), till.owed()) == (0, 4_950)
    answer = alice.post(PAY, data=form_of(alice, PAY, way="wallet"))
    assert (answer.status_code, "nothing in the wallet" in answer.text) == (422, True)
    assert [deed for deed in till.audited() if "from the wallet" in deed] == [
        "alice@dcx.example: invoice paid from the wallet"
    ]  # fmt: skip


# scenarios 3 and 5
def test_what_did_not_work_says_why_and_how_to_go_on(till: Till, alice: FlaskClient) -> None:
    declined, cancelled, fraud, expired, review = (till.pay() for _ in range(5))
    till.gateway.pay(till.request(declined), POOR)
    till.gateway.cancel(till.request(cancelled))
    changes = (
        (fraud, "declined", "900011"), (expired, "expired", ""), (review, "review", "990017"),
    )  # fmt: skip
    with transaction() as session:
        for key, state, code in changes:
            session.execute(
                text("UPDATE payment SET state = :s, result_code = :c WHERE key = :k"),
                {"s": state, "c": code, "k": key},
            )

    pages = {key: alice.get(f"/c/alpha/payments/{key}").text
             for key in (declined, cancelled, fraud, expired, review)}  # fmt: skip

    assert (
        "there is not enough money or credit on the card. Nothing was charged." in pages[declined]
    )
    assert "You cancelled the payment. Nothing was charged." in pages[cancelled]
    assert "Your bank declined the payment." in pages[fraud]
    assert "fraud" not in pages[fraud].lower()
    assert "Nobody paid in time" in pages[expired]
    assert "Do not pay again" in pages[review]
    for key in (declined, cancelled, fraud, expired):
        assert "Top up again" in pages[key]
    assert "Top up again" not in pages[review]


# scenario 25
def test_a_payment_reopened_late_offers_another_and_never_the_gateways_error(
    till: Till, alice: FlaskClient
) -> None:
    key = till.pay()
    with transaction() as session:
        session.execute(text("UPDATE payment SET created_us = 1"))

    answer = alice.get(f"/c/alpha/payments/{key}/go")

    assert answer.headers["Location"] == f"/c/alpha/payments/{key}"
    page = alice.get(answer.headers["Location"]).text
    assert "its page at PayGate is closed by now" in page
    assert "Top up again" in page
    assert "Continue to PayGate" not in page


def test_a_gateway_that_fails_is_told_plainly(till: Till, alice: FlaskClient) -> None:
    till.gateway.fault("error", "initiate", value="PGID_NOT_EN")

    answer = alice.post(TOP_UP, data=form_of(alice, TOP_UP, amount="500"), follow_redirects=True)

    assert "PayGate could not begin this payment. Nothing was charged." in answer.text
    assert "PGID_NOT_EN" not in answer.text


# scenario 35
def test_a_stranger_finds_nothing_and_a_viewer_only_looks(till: Till, sign_in: SignIn) -> None:
    key, charlie, victor, sue = till.pay(), *map(sign_in, ("charlie", "victor", "sue"))
    till.gateway.pay(till.request(key))
    bill = till.invoice()
    looks = [f"/c/alpha/payments/{key}", "/c/alpha/payments"]
    acts = [TOP_UP, f"/c/alpha/payments/{key}/go"]

    assert {charlie.get(path).status_code for path in looks + acts} == {404}
    assert charlie.get(f"/c/gamma/payments/{key}").status_code == 404
    assert charlie.get(f"/payments/{key}").status_code == 404
    assert charlie.get(f"/c/gamma/invoices/{bill}/pay").status_code == 404, "nor that it is there"
    assert {victor.get(path).status_code for path in looks} == {200}
    assert {victor.get(path).status_code for path in acts} == {403}
    assert {sue.get(path).status_code for path in looks} == {200}
    assert {sue.get(path).status_code for path in acts} == {403}
    sent = form_of(charlie, "/c/gamma/wallet/top-up", amount="500", card="somebody-elses")
    assert charlie.post("/c/gamma/wallet/top-up", data=sent).status_code == 404


def test_without_a_gateway_the_pages_offer_eft(
    app: APIFlask, alice: FlaskClient, till: Till
) -> None:
    till.invoice()
    bank = "Demo Bank; Account 62000000001"
    app.config["DCX"] = replace(app.config["DCX"], gateway=Gateway.read({}), bank_details=bank)

    assert "Paying by card is not set up" in alice.get(TOP_UP).text
    assert "By card" not in alice.get(PAY).text
    for page in (TOP_UP, PAY):
        assert "By EFT" in alice.get(page).text
        assert "Demo Bank<br>Account 62000000001" in alice.get(page).text


def test_staff_find_payments_by_state_customer_and_words(till: Till, sam: FlaskClient) -> None:
    paid, declined, other = till.pay(), till.pay(), till.pay(99_900, customer="gamma")
    till.gateway.pay(till.request(paid))
    till.gateway.pay(till.request(declined), POOR)
    names = {key: till.row(key).reference for key in (paid, declined, other)}

    def found(query: str) -> set[str]:
        page = sam.get(f"/payments?{query}").text
        return {key for key, name in names.items() if name in page}

    assert found("") == set(names)
    assert found("state=settled") == {paid}
    assert found("state=waiting") == {other}
    assert found("customer=alpha") == {paid, declined}
    assert found(f"q={names[other][6:12].lower()}") == {other}
    assert found("sort=-amount&state=nonsense") == set(names)
    assert "No payment matches" in sam.get("/payments?q=zzz").text
    rows = sam.get("/payments?as=csv&state=settled").text.splitlines()
    assert rows[0].startswith("reference,customer,invoice,state,amount,currency")
    assert len(rows) == 2
    assert f'{names[paid]},alpha,,paid,150.00,ZAR,"Card, Visa",yes' in rows[1]


# scenario 6
def test_staff_see_the_whole_life_of_a_payment(till: Till, sam: FlaskClient) -> None:
    key = till.pay(keeps_card=True)
    till.gateway.pay(till.request(key), AMEX)

    page = sam.get(f"/payments/{key}").text

    for words in ("The gateway knows it", "The gateway says 1, 990017 Auth Done", "Clearing",
                  "TRANSACTION_STATUS=1", "The gateway is asked", "no 3-D Secure", "NX",
                  "Top-up, DCX-"):  # fmt: skip
        assert words in page, words
    assert "VAULT_ID=…" in page
    assert till.gateway.tokens[0].id not in page
    assert "Not 3-D Secure" in sam.get("/payments").text


def test_staff_have_the_gateway_asked_again_and_the_audit_knows(
    till: Till, sam: FlaskClient, sign_in: SignIn
) -> None:
    key = till.pay()
    till.gateway.fault("drop", "notify")
    till.gateway.pay(till.request(key))
    sent = {"csrf_token": token_of(sam, f"/payments/{key}")}

    first = sam.post(f"/payments/{key}/ask", data=sent, follow_redirects=True).text
    second = sam.post(f"/payments/{key}/ask", data=sent, follow_redirects=True).text

    assert "The gateway answered. It stands so: Settled." in first
    assert "It was asked a moment ago, or is about to be." in second
    assert till.audited()[-2:] == ["sam@dcx.example: payment asked about"] * 2
    assert till.balance() == 15_000
    sue = sign_in("sue")
    assert "Ask the gateway again" not in sue.get(f"/payments/{key}").text


def test_the_navigation_counts_payments_to_look_at(till: Till, sam: FlaskClient) -> None:
    key = till.pay()
    till.gateway.fault("forge", "query", field="AMOUNT", value="1")
    till.gateway.pay(till.request(key))

    entry = sam.get("/jobs").text.partition('href="/payments"')[2].partition("</a>")[0]

    assert re.search(r'class="count">1<', entry)
    assert "Payment to look at" in sam.get("/").text
    assert service.PAYMENT_COLUMNS


def test_a_customers_own_list_sorts_turns_and_exports(till: Till, alice: FlaskClient) -> None:
    for number in range(27):
        till.pay(5_000 + number)

    first = alice.get("/c/alpha/payments?sort=-amount").text
    following = str(re.search(r'href="([^"]+)" rel="next"', first).group(1))  # type: ignore[union-attr]
    second = alice.get(following.replace("&amp;", "&")).text

    assert "1 to 25 of 27 payments" in first
    assert "50,26" in first
    assert "50,00" in second
    assert len(alice.get("/c/alpha/payments?as=csv").text.splitlines()) == 28
