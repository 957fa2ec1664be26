"""PayHost: what is asked of it, and that only what can be read of its answers is believed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dcx.payments.errors import DeadTokenError, GatewayRefusedError, GatewaySilentError
from dcx.payments.payhost import Order, PayHost, Person
from dcx.settings import Gateway
from tests.support.canned import Canned, envelope, fields, serve_canned
from tests.support.servers import free_port

PASSWORD = "the password of the desk"  # noqa: S105  # pragma: allowlist secret
GATEWAY = Gateway.read({"DCX_PAYGATE_ID": "10011000001", "DCX_PAYHOST_PASSWORD": PASSWORD})
TOKEN = "c36a13e8-65a0-49fd-a12f-05fe78bf9eaa"  # noqa: S105
APPROVED = fields(
    TransactionId="78705178", Reference="DCX-R-A", StatusName="Completed",
    TransactionStatusCode="1", ResultCode="990017", ResultDescription="Auth Done",
    Currency="ZAR", Amount="15000", TransactionType="Refund",
)  # fmt: skip
BOMB = '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><b>&b;</b>'
OUTSIDE = '<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]><b>&x;</b>'
FAULT = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>'
    "<faultcode>e:{}</faultcode><faultstring>No</faultstring></e:Fault></e:Body></e:Envelope>"
)


@pytest.fixture(scope="module")
def served() -> Iterator[Canned]:
    with serve_canned() as canned:
        yield canned


@pytest.fixture
def gateway(served: Canned) -> Canned:
    served.asked.clear()
    served.headers, served.waits_s = {}, 0
    return served


@pytest.fixture
def payhost(gateway: Canned) -> PayHost:
    return PayHost(replace(GATEWAY, payhost_url=gateway.address))


def refunded(*statuses: str, prefix: str = "ns9") -> str:
    return envelope("SingleFollowUp", "Refund", *statuses, prefix=prefix)


def test_a_message_names_its_parts_in_the_order_of_the_schema(
    gateway: Canned, payhost: PayHost
) -> None:
    gateway.says(refunded(APPROVED), envelope("SinglePayment", "CardPayment", APPROVED))

    payhost.refund("78705178", 15000, "DCX-<R>&A")
    payhost.charge(TOKEN, Order("DCX-1-A", 15000, "ZAR"), Person("Alpha", "a@alpha.example"))

    refund, charge = (message.decode() for message in gateway.asked)
    assert _places(refund, "PayGateId>1001", "Password>the", "TransactionId>7870", "Amount>15000",
                   "Reference>DCX-&lt;R&gt;&amp;A")  # fmt: skip
    assert _places(charge, "Account>", "FirstName>Alpha", "LastName>Alpha", "Email>a@", "VaultId>",
                   "MerchantOrderId>DCX-1-A", "Currency>ZAR", "Amount>15000", "Recurring>",
                   "RecurringTransactionType>CARD_ON_FILE", "InitiatedType>MERCHANT")  # fmt: skip
    assert "CVV" not in charge
    assert "CardNumber" not in charge


def _places(message: str, *parts: str) -> bool:
    found = [message.index(part) for part in parts]
    return found == sorted(found)


# Scenario 40: any prefix, elements that nobody knows, and no amount lost or taken from elsewhere.
def test_unknown_elements_and_any_prefix_lose_no_amount(gateway: Canned, payhost: PayHost) -> None:
    extra = "<p:NewThing><p:Amount>1</p:Amount></p:NewThing>"
    for prefix in ("ns2", "ns1", "x"):
        gateway.says(refunded(extra + APPROVED + "<p:Newer/>", prefix=prefix))

        status = payhost.refund("78705178", 15000, "DCX-R-A")

        assert (status.cents, status.code, status.is_approved) == (15000, 1, True)
        assert (status.transaction_id, status.currency) == ("78705178", "ZAR")


# Scenario 40: bombs, outside entities, DTDs, 10 MB; and whatever is no answer at all.
@pytest.mark.parametrize("body", [
    BOMB, OUTSIDE, "<!DOCTYPE b><b/>", "<html><body>Sorry</body></html>", "", "OK",
    refunded(APPROVED)[:-40], refunded(), envelope("SingleVault", "Refund", APPROVED),
    refunded(APPROVED).replace("paygate.co.za/PayHOST", "evil.example/PayHOST"),
    refunded(APPROVED).replace("<e:Header/>", f"<e:Header>{'x' * 10_000_000}</e:Header>"),
    FAULT.format("Server"), b"\xff\xfe\x00",
])  # fmt: skip
def test_what_cannot_be_read_says_nothing(
    gateway: Canned, payhost: PayHost, body: str | bytes
) -> None:
    gateway.says(body)

    with pytest.raises(GatewaySilentError) as silent:
        payhost.refund("78705178", 15000, "DCX-R-A")

    assert PASSWORD not in f"{silent.value!r} {silent.value.__cause__!r}"
    assert len(gateway.asked) == 1, "it is sent once"


def test_a_redirect_is_not_followed_and_an_error_page_is_none(
    gateway: Canned, payhost: PayHost
) -> None:
    gateway.headers = {"Location": gateway.address}
    for status in (302, 404, 503):
        gateway.says(refunded(APPROVED), status=status)

        with pytest.raises(GatewaySilentError, match=str(status)):
            payhost.look_up(TOKEN)

    assert len(gateway.asked) == 3


def test_nobody_there_and_nobody_in_time_are_silence(gateway: Canned) -> None:
    gone = PayHost(replace(GATEWAY, payhost_url=f"http://127.0.0.1:{free_port()}/"))
    with pytest.raises(GatewaySilentError, match="ConnectError"):
        gone.delete(TOKEN)

    hasty = PayHost(replace(GATEWAY, payhost_url=gateway.address), read_s=0.05)
    gateway.says(refunded(APPROVED))
    gateway.waits_s = 0.3
    with pytest.raises(GatewaySilentError, match="ReadTimeout"):
        hasty.refund("78705178", 15000, "DCX-R-A")


def test_who_turns_the_message_away_did_nothing(gateway: Canned, payhost: PayHost) -> None:
    unknown = fields(StatusName="Error", ResultCode="201",
                     ResultDescription="Unable To Find Original Transaction")  # fmt: skip
    wrong = fields(StatusName="ValidationError", StatusDetail="Amount is missing")
    tried = fields(StatusName="Error", TransactionStatusCode="0", ResultCode="990053")
    for body, status, code in (
        (refunded(unknown), 200, "201"),
        (refunded(wrong), 200, "ValidationError"),
        (FAULT.format("Client"), 500, "Client"),
    ):
        gateway.says(body, status=status)
        with pytest.raises(GatewayRefusedError) as refused:
            payhost.refund("1", 15000, "DCX-R-A")
        assert refused.value.code == code

    gateway.says(refunded(tried))
    assert payhost.refund("1", 15000, "DCX-R-A").is_open, "something was tried: nobody knows"


# Scenario 47: only the code decides.
@pytest.mark.parametrize(("code", "is_open"), [("0", True), ("2", False), ("5", True), ("", True)])
def test_completed_is_not_paid(
    gateway: Canned, payhost: PayHost, code: str, *, is_open: bool
) -> None:
    gateway.says(
        refunded(
            APPROVED.replace(">1</p:TransactionStatusCode", f">{code}</p:TransactionStatusCode")
        )
    )

    status = payhost.refund("78705178", 15000, "DCX-R-A")

    assert (status.name, status.is_approved, status.is_open) == ("Completed", False, is_open)


def test_numbers_that_are_none_are_not_said(gateway: Canned, payhost: PayHost) -> None:
    for amount in ("150.00", "-1", "1e3", "١٥", "9" * 12, " "):
        gateway.says(refunded(APPROVED.replace("15000", amount)))
        assert payhost.refund("78705178", 15000, "DCX-R-A").cents is None, amount


def test_a_question_gets_all_answers_or_none(gateway: Canned, payhost: PayHost) -> None:
    other = APPROVED.replace("DCX-R-A", "DCX-R-B")
    gateway.says(envelope("SingleFollowUp", "Query", APPROVED, other))
    found = payhost.query(order_id="DCX-1-A")
    assert [status.reference for status in found] == ["DCX-R-A", "DCX-R-B"]
    assert _places(gateway.asked[0].decode(), "MerchantOrderId>DCX-1-A", "TransactionType>All")

    none = fields(StatusName="Error", TransactionStatusCode="0", ResultCode="401",
                  ResultDescription="Requested Transaction Does Not Exist")  # fmt: skip
    gateway.says(envelope("SingleFollowUp", "Query", none))
    assert payhost.query(pay_request_id="23B785AE") == []
    assert payhost.query(transaction_id="78705178") == []
    assert "PayRequestId>23B785AE" in gateway.asked[1].decode()
    assert "TransactionId>78705178" in gateway.asked[2].decode()


def test_a_card_is_looked_up_in_both_shapes(gateway: Canned, payhost: PayHost) -> None:
    told = {"cardNumber": "520000xxxxxx0015", "expDate": "112030"}
    pairs = "".join(
        f"<p:PayVaultData>{fields(name=name, value=value)}</p:PayVaultData>"
        for name, value in told.items()
    )
    plain = fields(CardNumber="xxxxxxxxxxxx0015", CardExpiryDate="112030")
    for data in (pairs, plain):
        gateway.says(envelope("SingleVault", "LookUpVault", fields(StatusName="Completed") + data))
        found = payhost.look_up(TOKEN)
        assert found is not None
        assert (found.last4, found.expires) == ("0015", "112030")

    for gone in (fields(StatusName="VaultFailure"),
                 fields(StatusName="Error", ResultCode="INVALID_VAULT_ID")):  # fmt: skip
        gateway.says(envelope("SingleVault", "LookUpVault", gone))
        assert payhost.look_up(TOKEN) is None


# Scenario 48: already deleted counts as deleted; anything unclear does not.
def test_a_card_that_is_gone_is_deleted(gateway: Canned, payhost: PayHost) -> None:
    for status in (fields(StatusName="Completed"), fields(StatusName="VaultFailure")):
        gateway.says(envelope("SingleVault", "DeleteVault", status))
        payhost.delete(TOKEN)
    gateway.says(envelope("SingleVault", "DeleteVault", fields(StatusName="Pending")))
    with pytest.raises(GatewaySilentError):
        payhost.delete(TOKEN)
    gateway.says(envelope("SinglePayment", "CardPayment", fields(StatusName="VaultFailure")))
    with pytest.raises(DeadTokenError):
        payhost.charge(TOKEN, Order("DCX-1-A", 1, "ZAR"), Person("Alpha", "a@alpha.example"))


def test_a_void_names_what_it_voids(gateway: Canned, payhost: PayHost) -> None:
    gateway.says(envelope("SingleFollowUp", "Void", APPROVED))

    assert payhost.void("78705178", "Refund").is_approved
    assert _places(gateway.asked[0].decode(), "TransactionId>78705178", "TransactionType>Refund")
