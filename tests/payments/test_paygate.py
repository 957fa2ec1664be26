"""PayWeb3: every known signature holds, and what is not the gateway's word is refused."""

from urllib.parse import urlencode

import pytest

from dcx.payments.errors import NotGenuineError
from dcx.payments.paygate import PayGate, checksum
from dcx.payments.rules.fields import redacted
from dcx.settings import Gateway
from tests.support.vectors import CHECKSUMS

ID, KEY, GUID = "10011072130", "secret", "23B785AE-C96C-32AF-4879-D2C9363DB6E8"
FORM = "application/x-www-form-urlencoded"
OWN = "DCX-0000000001-A"
TOKEN = "c36a13e8-65a0-49fd-a12f-05fe78bf9eaa"  # noqa: S105
ABOUT = (ID, GUID, OWN)
DONE = ("1", "990017", "5T8A0Z", "ZAR", "15000", "Auth Done", "78705178", "AX", "CC", "Visa")
GATEWAY = Gateway.read({"DCX_PAYGATE_ID": ID, "DCX_PAYGATE_KEY": KEY})
NAMES = ("PAYGATE_ID", "PAY_REQUEST_ID", "REFERENCE", "TRANSACTION_STATUS", "RESULT_CODE",
         "AUTH_CODE", "CURRENCY", "AMOUNT", "RESULT_DESC", "TRANSACTION_ID", "RISK_INDICATOR",
         "PAY_METHOD", "PAY_METHOD_DETAIL")  # fmt: skip
FIELDS = dict(zip(NAMES, (*ABOUT, *DONE), strict=True))


def notice(key: str = KEY, **changes: str) -> bytes:
    """A notice that is rightly signed, whatever it says."""
    values = {name: value for name, value in (FIELDS | changes).items() if name != "CHECKSUM"}
    signed = changes.get("CHECKSUM", checksum(values.values(), key))
    return urlencode({**values, "CHECKSUM": signed}).encode()


# scenario 1
def test_every_known_signature_holds() -> None:
    assert len(CHECKSUMS) == len({expected for *_, expected in CHECKSUMS}) == 15 + 10
    for case, key, values, expected in CHECKSUMS:
        assert checksum(values, key) == expected, case


def test_a_genuine_notice_is_read_whole() -> None:
    told = {"VAULT_ID": TOKEN, "PAYVAULT_DATA_1": "xxxxxxxxxxxx0002", "PAYVAULT_DATA_2": "112030"}

    answer = PayGate(GATEWAY).read_notice(notice(**told), FORM)

    assert (answer.status, answer.result_code, answer.told) == ("1", "990017", "paid")
    assert (answer.amount_cents, answer.currency, answer.risk) == (15000, "ZAR", "AX")
    assert answer.method == "CC Visa"
    assert answer.token is not None
    assert (answer.token.last4, answer.token.expires, answer.token.brand) == (
        "0002", "2030-11", "Visa",
    )  # fmt: skip
    assert TOKEN not in repr(answer), "a token never gets into a log"


def test_an_upper_case_signature_and_a_null_for_no_code_are_the_gateways_ways() -> None:
    values = FIELDS | {"AUTH_CODE": ""}
    as_empty = checksum(values.values(), KEY)
    for raw in (
        notice(CHECKSUM=checksum(FIELDS.values(), KEY).upper()),
        notice(AUTH_CODE="null", CHECKSUM=as_empty),
        notice(AUTH_CODE="null"),
    ):
        assert PayGate(GATEWAY).read_notice(raw, FORM).amount_cents == 15000

    with pytest.raises(NotGenuineError):
        PayGate(GATEWAY).read_notice(notice(AUTH_CODE="none", CHECKSUM=as_empty), FORM)


# scenario 31
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRANSACTION_STATUS", "12"), ("TRANSACTION_STATUS", "01"), ("TRANSACTION_STATUS", " 1"),
        ("TRANSACTION_STATUS", "1\n"), ("TRANSACTION_STATUS", "１"), ("TRANSACTION_STATUS", ""),
        ("AMOUNT", "150000000000"), ("AMOUNT", "-15000"), ("AMOUNT", "1e3"), ("AMOUNT", "150.00"),
        ("AMOUNT", "１５０"), ("RESULT_CODE", "9900170"), ("CURRENCY", "zar"), ("CURRENCY", "ZARR"),
        ("PAY_REQUEST_ID", GUID.lower()), ("PAY_REQUEST_ID", GUID[1:]), ("REFERENCE", f"{OWN}1"),
        ("REFERENCE", "SHOP 7"), ("TRANSACTION_ID", "7870517８"), ("RESULT_DESC", "Auth\nDone"),
        ("RESULT_DESC", "x" * 256), ("VAULT_ID", "c36a13e8"), ("USER1", "a\x00b"),
    ],
)  # fmt: skip
def test_a_field_of_another_shape_is_refused_though_it_is_signed(name: str, value: str) -> None:
    with pytest.raises(NotGenuineError, match=name):
        PayGate(GATEWAY).read_notice(notice(**{name: value}), FORM)


# scenario 31
def test_moving_a_character_across_a_border_keeps_the_signature_and_helps_nobody() -> None:
    shifted = {"REFERENCE": OWN[1:], "PAY_REQUEST_ID": f"{GUID}D"}
    values = FIELDS | shifted
    assert checksum(values.values(), KEY) == checksum(FIELDS.values(), KEY)

    with pytest.raises(NotGenuineError, match="shape"):
        PayGate(GATEWAY).read_notice(notice(**shifted), FORM)


# scenarios 26, 30, 32
@pytest.mark.parametrize(
    "raw",
    [
        notice(key="guess"), notice(CHECKSUM="0" * 32), notice(CHECKSUM=""), notice(CHECKSUM="é"),
        notice(PAYGATE_ID="10011013800"), notice() + b"&AMOUNT=1", b"AMOUNT=1&" + notice(),
        b"", b"CHECKSUM", b"&&&", b"\xff\xfe", b"a=%FF&" + notice(), b"{}", b"ERROR=DATA_CHK",
        b"&".join(b"F%d=1" % n for n in range(60)), b"A=" + b"1" * 20_000,
        notice().replace(b"REFERENCE", b"REFERENCES"), notice().replace(b"ZAR", b"Z%C3%84R"),
    ],
)  # fmt: skip
def test_what_is_not_the_gateways_word_is_refused(raw: bytes) -> None:
    with pytest.raises(NotGenuineError):
        PayGate(GATEWAY).read_notice(raw, FORM)


# scenario 32
def test_only_a_form_is_read_and_only_where_a_gateway_is_set_up() -> None:
    for kind in ("application/json", "multipart/form-data; boundary=x", "", "text/plain"):
        with pytest.raises(NotGenuineError):
            PayGate(GATEWAY).read_notice(notice(), kind)
    with pytest.raises(NotGenuineError):
        PayGate(Gateway.read({})).read_notice(notice(key=""), FORM)

    assert PayGate(GATEWAY).read_notice(notice(), f"{FORM}; charset=UTF-8").status == "1"


def test_a_return_is_signed_with_the_reference_that_we_know() -> None:
    paygate = PayGate(GATEWAY)
    sent = [("PAY_REQUEST_ID", GUID), ("TRANSACTION_STATUS", "1"), ("CHECKSUM", CHECKSUMS[22][3])]

    told = paygate.read_return(sent)

    assert paygate.is_genuine(told, OWN)
    assert not paygate.is_genuine(told, "DCX-0000000002-A")
    for broken in (sent[:2], [*sent, sent[0]], [("PAY_REQUEST_ID", "x"), *sent[1:]]):
        with pytest.raises(NotGenuineError):
            paygate.read_return(broken)


# scenario 39
def test_what_is_kept_of_a_notice_holds_no_token_and_no_card() -> None:
    card = "4000 0000 0000 0002"
    kept = redacted(f"{notice(VAULT_ID=TOKEN).decode()}&a={card}&b=4000000000000002&c={TOKEN}")

    assert TOKEN not in kept
    assert card not in kept
    assert "4000000000000002" not in kept
    assert GUID in kept, "staff find the request by it"
    assert "AMOUNT=15000" in kept
    assert "78705178" in kept
