"""PayWeb3: every known signature holds, and what is not the gateway's word is refused."""

from urllib.parse import urlencode

import pytest

from dcx.payments.errors import NotGenuineError
from dcx.payments.paygate import PayGate, checksum
from dcx.payments.rules.fields import redacted
from dcx.settings import Gateway

ID, KEY, GUID = "10011072130", "secret", "23B785AE-C96C-32AF-4879-D2C9363DB6E8"
FORM = "application/x-www-form-urlencoded"
OWN, DCX = "DCX-0000000001-A", "https://dcx.example/pay"
TOKEN = "c36a13e8-65a0-49fd-a12f-05fe78bf9eaa"  # noqa: S105
PAPER = "PayGate Test"
FIRST = "26F1EE9D-FB68-D6C2-5D36-ADA8C5F88BC9"
PAPERS_BASE = (ID, PAPER, "3299", "ZAR", "https://www.paygate.co.za/thankyou")
LOCAL = ("en", "ZAF", "customer@paygate.co.za")
SPECIAL = ("https://www.paygate.co.za/notify", "SpecialKey")
TOLD = ("1", "990017", "P3TPSQ", "ZAR", "3299", "Auth Done", "36645089", "AX", "CC", "Visa")
OURS = (ID, OWN, "15000", "ZAR", f"{DCX}/return", "2026-01-31 08:15:00", "en-za", "ZAF",
        "billing@acme.example")  # fmt: skip
ABOUT = (ID, GUID, OWN)
DONE = ("1", "990017", "5T8A0Z", "ZAR", "15000", "Auth Done", "78705178", "AX", "CC", "Visa")
VECTORS: list[tuple[tuple[str, ...], str, str]] = [
    ((ID, "pgtest_123456789", "3299", "ZAR", "https://my.return.url/page", "2018-01-01 12:00:00",
      "en-za", "ZAF", "customer@paygate.co.za"), KEY, "59229d9c6cb336ae4bd287c87e6f0220"),
    ((*PAPERS_BASE, "2016-03-10 10:49:16", *LOCAL), KEY, "0bcaea6fa6bc0337e066db9826088557"),
    ((*PAPERS_BASE, "2016-03-10 10:49:16", *LOCAL, *SPECIAL), KEY,
     "df991fae434fdb29c9135ef0baac1194"),
    ((ID, FIRST, PAPER), KEY, "f5563213b72cb405167ba53e8c3ee466"),
    ((ID, FIRST, PAPER, *TOLD), KEY, "53e1561ed2b98db6221b3f0c387a0770"),
    ((ID, FIRST, PAPER, *TOLD, "SpecialKey"), KEY, "56310d6fdab5561cce43620842c63dd6"),
    ((ID, FIRST, "1", PAPER), KEY, "2fae4c5cde9ac8ed70f769c3ff843d72"),
    ((*PAPERS_BASE, "2016-03-24 14:45:32", *LOCAL), KEY, "fb0b7eac69f28a75868bd0bd13b75863"),
    ((*PAPERS_BASE, "2016-03-24 14:53:15", *LOCAL, *SPECIAL), KEY,
     "d542d24ad60c422274002457fdb7397e"),
    ((ID, "391EC648-AB3E-48DD-AFFE-2E3EE530AF0A", PAPER, "1", "990017", "BUH8UE", *TOLD[3:6],
      "36969389", *TOLD[7:]), KEY, "9f75e212809b8351dbb6528fbf209f58"),
    ((ID, "3664D3E2-E026-1FDE-9163-2C4741775219", PAPER, "1", "990017", "EK3XU1", *TOLD[3:6],
      "36969600", *TOLD[7:], "SpecialKey"), KEY, "105714b97e3f3fb3765e7905b616d524"),
    ((ID, GUID, "pgtest_123456789", "1", "990017", "5T8A0Z", "ZAR", "3299", *DONE[5:]), KEY,
     "f57ccf051307d8d0a0743b31ea379aa1"),
    ((ID, GUID, "pgtest_123456789"), KEY, "b41a77f83a275a849f23e30b4666e837"),
    ((ID, "CC188936-172F-4DD9-93C8-A3DC1F560026", "0", "BPef69381dafc7112ce14e843be83cb6"), "test",
     "8003c1732e24e0445298467a01617a9a"),
    ((ID, "8B05205D-B156-4030-9615-55FE7DE06F02", "BP72ff5915baafb84cf8f48652fff535"), "test",
     "f26e9dc9ca34ebd3f52cd2896a955e73"),
    (OURS, KEY, "5b0b5fc58544c9a9423b0a6ebfc0fccf"),
    ((*OURS, "CC", f"{DCX}/notify", "acct42", "1"), KEY, "a77c88c6a8b8b949674bc66993d40e7a"),
    ((*OURS, "CC", f"{DCX}/notify", TOKEN), KEY, "e51296f174c22554d558359713ab7d75"),
    (ABOUT, KEY, "a78147eb0b6e7eaf6fbdf289cf9c436b"),
    ((*ABOUT, *DONE, TOKEN, "xxxxxxxxxxxx0002", "112030"), KEY,
     "1cb544bad8892fb1f6fdd358eec68b3c"),
    ((*ABOUT, "2", "900007", "", "ZAR", "15000", "Declined", "78705179", "AX", "CC", "Visa"), KEY,
     "a21acc35fe39d59976401ec48b4f7c91"),
    ((*ABOUT, "4", "990028", "", "ZAR", "15000", "Transaction cancelled", "", "XX", "CC", ""), KEY,
     "b2235b24ce456b9c9bef9944a1da16f5"),
    ((ID, GUID, "1", OWN), KEY, "434d5838c3405de4017d8f5622466115"),
    ((ID, GUID, "2", OWN), KEY, "cef2200890c2eedf05ccc8d62cff5675"),
    ((ID, GUID, "4", OWN), KEY, "0de394525e9a604440004e50049b2a74"),
]  # fmt: skip
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
@pytest.mark.parametrize(("values", "key", "expected"), VECTORS)
def test_every_known_signature_holds(values: tuple[str, ...], key: str, expected: str) -> None:
    assert checksum(values, key) == expected


def test_there_are_fifteen_official_vectors_and_ten_of_our_own() -> None:
    assert len(VECTORS) == len({expected for *_, expected in VECTORS}) == 25


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
    sent = [("PAY_REQUEST_ID", GUID), ("TRANSACTION_STATUS", "1"), ("CHECKSUM", VECTORS[22][2])]

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
