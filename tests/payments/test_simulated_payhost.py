"""The simulator of PayHost answers as its schema says: cards charged, refunds, voids, questions."""

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from dcx.payments.simulator import payhost
from dcx.payments.simulator.signing import checksum
from dcx.payments.simulator.soap import PAYHOST, SOAP
from tests.support.gateway import MASTERCARD, SimulatedGateway
from tests.support.merchant import ASKED, Merchant

ACCOUNT = "<Account><PayGateId>10011072130</PayGateId><Password>test</Password></Account>"
CUSTOMER = (
    "<Customer><FirstName>Thandi</FirstName><LastName>Nkosi</LastName>"
    "<Email>thandi@acme.example</Email></Customer>"
)
ALONE = (
    "<Recurring><InitialAuth>false</InitialAuth>"
    "<RecurringTransactionType>CARD_ON_FILE</RecurringTransactionType>"
    "<InitiatedType>MERCHANT</InitiatedType></Recurring>"
)


@dataclass
class Desk:
    """Speaks to PayHost as a merchant's server does."""

    gateway: SimulatedGateway
    token: str
    paid: str

    def send(self, body: str, status: int = 200) -> Element:
        found = payhost.answer(self.gateway.simulator, body.encode())
        assert found[0] == status, found[1]
        envelope: Element = fromstring(found[1])
        return envelope

    def ask(self, kind: str, name: str, parts: str, account: str = ACCOUNT) -> list[Element]:
        """Each Status in the answer to a request like SingleVaultRequest/LookUpVaultRequest."""
        inside = f"<{name}Request>{account}{parts}</{name}Request>"
        answer = self.send(enveloped(f"<{kind}Request xmlns='{PAYHOST}'>{inside}</{kind}Request>"))
        found = answer.findall(
            f"{{{SOAP}}}Body/{{{PAYHOST}}}{kind}Response/{{{PAYHOST}}}{name}Response"
        )
        return [next(each.iter(f"{{{PAYHOST}}}Status")) for each in found]

    def charge(self, order: str = "AUTO-1", *, token: str = "", cents: int = 15000) -> Element:
        parts = f"{CUSTOMER}<VaultId>{token or self.token}</VaultId>{order_of(order, cents)}{ALONE}"
        return self.ask("SinglePayment", "CardPayment", parts)[0]

    def follow(self, name: str, parts: str) -> Element:
        return self.ask("SingleFollowUp", name, parts)[0]


def enveloped(inside: str) -> str:
    return f"<s:Envelope xmlns:s='{SOAP}'><s:Header/><s:Body>{inside}</s:Body></s:Envelope>"


def order_of(order_id: str, cents: int = 15000) -> str:
    return (
        f"<Order><MerchantOrderId>{order_id}</MerchantOrderId><Currency>ZAR</Currency>"
        f"<Amount>{cents}</Amount></Order>"
    )


def said(status: Element, *names: str) -> list[str]:
    return [status.findtext(f"{{{PAYHOST}}}{name}", "") for name in names]


@pytest.fixture
def desk(gateway: SimulatedGateway) -> Desk:
    """A merchant with one kept card, which has paid R150,00 as DCX-1-A."""
    merchant = Merchant(gateway)
    gateway.pay(merchant.initiate(VAULT="1"), MASTERCARD, expires="112030")
    return Desk(gateway, gateway.tokens[0].id, gateway.transactions()[0].id)


def test_a_kept_card_is_charged_without_its_owner_each_time_it_is_asked(desk: Desk) -> None:
    first, second = desk.charge(), desk.charge()

    facts = said(first, "StatusName", "TransactionStatusCode", "ResultCode", "Amount", "Currency")
    assert facts == ["Completed", "1", "990017", "15000", "ZAR"]
    assert said(first, "TransactionId") != said(second, "TransactionId")
    assert desk.gateway.charges()["AUTO-1"] == [15000, 15000]
    assert [child.tag for child in first] == sorted(
        (child.tag for child in first), key=[f"{{{PAYHOST}}}{name}" for name in STATUS].index
    )


STATUS = (
    "TransactionId", "Reference", "StatusName", "AuthCode", "TransactionStatusCode",
    "TransactionStatusDescription", "ResultCode", "ResultDescription", "Currency", "Amount",
    "RiskIndicator", "PaymentType", "DateTime", "TransactionType",
)  # fmt: skip


def test_completed_is_not_paid(desk: Desk) -> None:
    desk.gateway.decline_token(desk.token, "900014")
    declined = desk.charge("AUTO-2")
    desk.gateway.fault("result", "charge", value="900205")
    undone = desk.charge("AUTO-3")
    desk.gateway.fault("result", "refund", value="990020")
    unsent = desk.follow("Refund", f"<TransactionId>{desk.paid}</TransactionId><Amount>1</Amount>")

    names = ("StatusName", "TransactionStatusCode", "ResultCode")
    assert said(declined, *names) == ["Completed", "2", "900014"]
    assert said(undone, *names) == ["Completed", "0", "900205"]
    assert said(unsent, *names) == ["Completed", "2", "990020"]
    assert desk.gateway.charges() == {"DCX-1-A": [15000]}
    assert desk.gateway.refunds() == {}


def test_refunds_never_come_to_more_than_was_paid(desk: Desk) -> None:
    def refund(cents: object, reference: str = "", key: str = "TransactionId") -> list[str]:
        value = {"TransactionId": desk.paid, "MerchantOrderId": "DCX-1-A"}[key]
        parts = f"<{key}>{value}</{key}><Amount>{cents}</Amount>"
        parts += f"<Reference>{reference}</Reference>" if reference else ""
        return said(desk.follow("Refund", parts), "StatusName", "TransactionStatusCode")

    assert refund(10000, "REF-1") == ["Completed", "1"]
    assert refund(5001) == ["Error", ""]
    assert refund(5000, key="MerchantOrderId") == ["Completed", "1"]
    assert refund(1) == refund(0) == refund("1.00") == ["Error", ""]
    assert desk.gateway.refunds() == {"REF-1": [10000], "DCX-1-A": [5000]}
    lost = "<TransactionId>1</TransactionId><Amount>1</Amount>"
    assert said(desk.follow("Refund", lost), "StatusName", "ResultCode") == ["Error", "201"]


def test_a_transaction_is_found_by_each_of_its_keys(desk: Desk) -> None:
    request = desk.gateway.requests[0]
    refund = (
        f"<TransactionId>{desk.paid}</TransactionId><Amount>1</Amount><Reference>R1</Reference>"
    )
    desk.follow("Refund", refund)

    def query(parts: str) -> list[list[str]]:
        found = desk.ask("SingleFollowUp", "Query", parts)
        return [said(each, "TransactionType", "TransactionStatusCode", "Amount") for each in found]

    def by_order(order_id: str, kind: str = "All") -> list[list[str]]:
        type_of = f"<TransactionType>{kind}</TransactionType>"
        return query(f"<MerchantOrderId>{order_id}</MerchantOrderId>{type_of}")

    purchase, sent_back = ["Purchase", "1", "15000"], ["Refund", "1", "1"]
    assert query(f"<TransactionId>{desk.paid}</TransactionId>") == [purchase]
    assert query(f"<PayRequestId>{request.id}</PayRequestId>") == [purchase]
    assert by_order("DCX-1-A") == [purchase, sent_back]
    assert by_order("DCX-1-A", "Refund") == by_order("R1") == [sent_back]
    assert query("<MerchantOrderId>DCX-1-A</MerchantOrderId>") == [purchase]
    unpaid = Merchant(desk.gateway).initiate(REFERENCE="DCX-2-A")
    for parts in (f"<PayRequestId>{unpaid}</PayRequestId>", "<TransactionId>1</TransactionId>"):
        status = desk.follow("Query", parts)
        facts = said(status, "StatusName", "TransactionStatusCode", "ResultCode")
        assert facts == ["Error", "0", "401"]


def test_a_void_undoes_until_the_batch_is_closed(desk: Desk) -> None:
    def void(transaction_id: str, kind: str) -> str:
        key = f"<TransactionId>{transaction_id}</TransactionId>"
        parts = f"{key}<TransactionType>{kind}</TransactionType>"
        return said(desk.follow("Void", parts), "StatusName")[0]

    desk.follow("Refund", f"<TransactionId>{desk.paid}</TransactionId><Amount>500</Amount>")
    refund = desk.gateway.transactions("Refund")[0].id
    assert void(desk.paid, "Purchase") == "Error", "refunds follow settlement, voids come before it"
    assert void(refund, "Refund") == "Completed"
    assert desk.gateway.refunds() == {}
    assert void(desk.paid, "Settlement") == "Completed"
    assert void(desk.paid, "Settlement") == "Error"
    assert desk.gateway.charges() == {}
    assert Merchant(desk.gateway).query(desk.gateway.requests[0].id)["TRANSACTION_STATUS"] == "7"

    desk.charge("AUTO-1")
    desk.gateway.advance(12 * 3600 + 1)
    assert void(desk.gateway.transactions()[-1].id, "Purchase") == "Error"
    settled = desk.follow("Settlement", "<MerchantOrderId>AUTO-1</MerchantOrderId>")
    assert said(settled, "TransactionStatusCode") == ["1"]


def test_a_kept_card_is_looked_up_and_deleted_for_good(desk: Desk) -> None:
    def vault(name: str) -> Element:
        return desk.ask("SingleVault", name, f"<VaultId>{desk.token}</VaultId>")[0]

    known = vault("LookUpVault")
    pairs = [[part.text for part in each] for each in known.findall(f"{{{PAYHOST}}}PayVaultData")]
    assert pairs == [["cardNumber", "520000xxxxxx0015"], ["expDate", "112030"]]
    assert said(vault("DeleteVault"), "StatusName") == ["Completed"]
    for status in (vault("DeleteVault"), vault("LookUpVault"), desk.charge()):
        assert said(status, "StatusName") == ["VaultFailure"]
    refusal = Merchant(desk.gateway).send("initiate", {**ASKED, "VAULT_ID": desk.token})
    assert refusal == "ERROR=INVALID_VAULT_ID"


def test_a_page_of_payhost_is_signed_with_its_own_password(desk: Desk) -> None:
    redirect = (
        "<Redirect><NotifyUrl>http://127.0.0.1:9/payments/notify</NotifyUrl>"
        "<ReturnUrl>http://127.0.0.1:9/payments/return</ReturnUrl></Redirect>"
    )
    merchant = Merchant(desk.gateway)

    status = desk.ask("SinglePayment", "WebPayment", CUSTOMER + redirect + order_of("WEB-1"))[0]
    request = desk.gateway.requests[-1]
    desk.gateway.pay(request.id, MASTERCARD)

    assert said(status, "StatusName") == ["WebRedirectRequired"]
    *names, _ = told = merchant.told[-1]
    assert told["CHECKSUM"] == checksum([told[name] for name in names], "test")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sent: sent.replace("<Order>", "<Order><Amount>1</Amount>"),
        lambda sent: sent.replace(ALONE, ""),
        lambda sent: sent.replace("</Password>", "</Password><More/>"),
        lambda sent: sent.replace("<VaultId>", "<BillingDescriptor/><VaultId>"),
        lambda sent: sent.replace(">15000<", ">150.00<"),
    ],
)
def test_what_does_not_stand_as_the_schema_says_is_refused(
    desk: Desk, spoil: Callable[[str], str]
) -> None:
    inside = f"{ACCOUNT}{CUSTOMER}<VaultId>{desk.token}</VaultId>{order_of('A-1')}{ALONE}"
    request = f"<CardPaymentRequest>{spoil(inside)}</CardPaymentRequest>"

    answer = desk.send(
        enveloped(f"<SinglePaymentRequest xmlns='{PAYHOST}'>{request}</SinglePaymentRequest>")
    )

    assert [each.text for each in answer.iter(f"{{{PAYHOST}}}StatusName")] == ["ValidationError"]
    assert "A-1" not in desk.gateway.charges()


def test_strangers_and_garbage_are_refused(desk: Desk) -> None:
    stranger = ACCOUNT.replace("test", "secret")
    status = desk.ask("SingleVault", "LookUpVault", f"<VaultId>{desk.token}</VaultId>", stranger)[0]
    assert said(status, "StatusName") == ["Error"]
    bomb = "<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;'>]><a>&c;</a>"
    foreign = enveloped("<SingleVaultRequest xmlns='urn:other'/>")
    unknown = enveloped(f"<SinglePayoutRequest xmlns='{PAYHOST}'><No/></SinglePayoutRequest>")
    for garbage in ("", "<a", "<a/>", bomb, foreign, unknown, enveloped("")):
        assert desk.send(garbage, 500).find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault") is not None
    ping = f"<PingRequest xmlns='{PAYHOST}'>{ACCOUNT}<Identifier>dcx</Identifier></PingRequest>"
    assert "dcx" in [each.text for each in desk.send(enveloped(ping)).iter()]


def test_it_is_asked_by_http_and_spoilt_there_too(desk: Desk) -> None:
    client = Merchant(desk.gateway).client
    ping = f"<PingRequest xmlns='{PAYHOST}'>{ACCOUNT}<Identifier>x</Identifier></PingRequest>"
    body = enveloped(ping)

    answer = client.post("/payhost/process.trans", data=body, content_type="text/xml")
    desk.gateway.fault("html", "payhost")
    spoilt = client.post("/payhost/process.trans", data=body, content_type="text/xml")

    assert answer.content_type == "text/xml; charset=utf-8"
    assert spoilt.get_data(as_text=True).startswith("<!doctype html>")
