"""PayWeb3 between the two servers: initiate and query, and who may see the page."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from dcx.kit.periods import SECOND_US
from dcx.payments.simulator.book import PayRequest, new_guid
from dcx.payments.simulator.desk import FORM, Simulator
from dcx.payments.simulator.errors import RefusedError
from dcx.payments.simulator.notices import changed, notice_of
from dcx.payments.simulator.signing import (
    INITIATE,
    OPENED,
    fields_of,
    is_signed,
    line_of,
    sign,
    with_checksum,
)

USABLE_US = 30 * 60 * SECOND_US
PAY_METHODS = {"CC", "DC", "EW", "BT", "CV", "PC"}
THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}
_GUID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LOCALE = re.compile(r"[a-z]{2}([-_][a-zA-Z]{2})?")
_LONGEST = {"REFERENCE": 80, "RETURN_URL": 255, "NOTIFY_URL": 255, "EMAIL": 255}
Fields = Mapping[str, str]


def initiate(simulator: Simulator, body: bytes, content_type: str) -> str:
    """Open a request to pay; RefusedError with PayGate's code where it will not."""
    sent = _read(body, content_type)
    for check in (_require_fields, _require_values, _require_method, _require_vault):
        check(simulator, sent)
    names = INITIATE if simulator.merchant.strict_order else [n for n in sent if n != "CHECKSUM"]
    if not is_signed(sent["CHECKSUM"], sign(sent, names, simulator.merchant.key)):
        raise RefusedError("DATA_CHK")
    request = open_request(simulator, sent)
    return line_of(initial_fields(simulator, request))


def open_request(simulator: Simulator, asked: Fields, *, is_payhost: bool = False) -> PayRequest:
    """Remember a request that was checked."""
    with simulator.book.opened() as contents:
        request = PayRequest(
            id=new_guid().upper(),
            asked={name: asked[name] for name in INITIATE if asked.get(name)},
            opened_us=simulator.book.now_us,
            is_payhost=is_payhost,
        )
        contents.requests[request.id] = request
    return request


def initial_fields(simulator: Simulator, request: PayRequest) -> dict[str, str]:
    """What initiate answers, and what a browser brings to the page."""
    values = (request.asked["PAYGATE_ID"], request.id, request.asked["REFERENCE"])
    return with_checksum(dict(zip(OPENED, values, strict=True)), simulator.key_of(request))


def query(simulator: Simulator, body: bytes, content_type: str) -> str:
    """What a notice would say now; asking changes nothing."""
    sent = _read(body, content_type)
    if not sent.get("PAY_REQUEST_ID"):
        raise RefusedError("DATA_PAY_REQ_ID")
    if not _GUID.fullmatch(sent["PAY_REQUEST_ID"]):
        raise RefusedError("ND_INV_PRID")
    if sent.get("PAYGATE_ID") != simulator.merchant.paygate_id:
        raise RefusedError("ND_INV_PGID")
    right = sign(sent, OPENED, simulator.merchant.key)
    if not is_signed(sent.get("CHECKSUM", ""), right):
        raise RefusedError("DATA_CHK")
    request = simulator.book.contents.requests.get(sent["PAY_REQUEST_ID"])
    if request is None or request.asked["REFERENCE"] != sent.get("REFERENCE"):
        raise RefusedError("NO_TRANS_DATA")
    key = simulator.merchant.key
    return line_of(changed(simulator, "query", notice_of(simulator, request), key))


def enter(simulator: Simulator, sent: Fields) -> PayRequest:
    """The request whose page a browser brings; RefusedError where it may not be paid."""
    request = simulator.book.contents.requests.get(sent.get("PAY_REQUEST_ID", ""))
    if request is None:
        raise RefusedError("DATA_PAY_REQ_ID")
    right = initial_fields(simulator, request)["CHECKSUM"]
    if not is_signed(sent.get("CHECKSUM", ""), right):
        raise RefusedError("DATA_CHK")
    return require_payable(simulator, request.id)


def require_payable(simulator: Simulator, request_id: str) -> PayRequest:
    """An open request that is not too old; RefusedError says what it is instead."""
    request = simulator.book.contents.requests.get(request_id)
    if request is None:
        raise RefusedError("DATA_PAY_REQ_ID")
    if request.state == "cancelled":
        raise RefusedError("TXN_CAN")
    if request.state == "completed":
        raise RefusedError("TXN_CMP")
    if simulator.book.now_us - request.opened_us > USABLE_US:
        raise RefusedError("TXN_PRC")
    return request


def _read(body: bytes, content_type: str) -> dict[str, str]:
    try:
        sent = fields_of(body)
    except ValueError as error:
        raise RefusedError("DATA_PW") from error
    if content_type != FORM or any(name != name.upper() for name in sent):
        raise RefusedError("DATA_PW")
    return sent


def _require_fields(simulator: Simulator, sent: Fields) -> None:
    needed = {
        "AMOUNT": "DATA_PW", "CURRENCY": "DATA_PW", "CHECKSUM": "DATA_PW", "PAYGATE_ID": "DATA_PW",
        "REFERENCE": "DATA_CREF", "RETURN_URL": "DATA_URL", "TRANSACTION_DATE": "DATA_DTTM",
        "LOCALE": "DATA_REGION", "COUNTRY": "DATA_REGION", "EMAIL": "INV_EMAIL",
    }  # fmt: skip
    _refuse_first((code, bool(sent.get(name))) for name, code in needed.items())
    if sent["PAYGATE_ID"] != simulator.merchant.paygate_id:
        raise RefusedError("ND_INV_PGID")
    if not simulator.merchant.is_enabled:
        raise RefusedError("PGID_NOT_EN")


def _require_values(simulator: Simulator, sent: Fields) -> None:
    amount, notify = sent["AMOUNT"], sent.get("NOTIFY_URL", "")
    is_number = amount.isascii() and amount.isdigit() and len(amount) <= 11  # noqa: PLR2004
    _refuse_first(
        (
            ("DATA_CREF", _fits(sent, "REFERENCE")),
            ("DATA_URL", _fits(sent, "RETURN_URL") and _is_address(sent["RETURN_URL"])),
            ("DATA_URL", _fits(sent, "NOTIFY_URL") and (not notify or _is_reachable(notify))),
            ("DATA_DTTM", _is_time(sent["TRANSACTION_DATE"])),
            ("LOCALE_INVALID", bool(_LOCALE.fullmatch(sent["LOCALE"]))),
            ("CNTRY_INVALID", bool(re.fullmatch("[A-Z]{3}", sent["COUNTRY"]))),
            ("INV_EMAIL", _fits(sent, "EMAIL") and bool(_EMAIL.fullmatch(sent["EMAIL"]))),
            ("DATA_AMT_NUM", is_number),
            ("DATA_AMT_ZERO", not is_number or int(amount) > 0),
            ("PGID_NOT_EN", sent["CURRENCY"] in simulator.merchant.currencies),
        )
    )


def _require_method(simulator: Simulator, sent: Fields) -> None:
    method, methods = sent.get("PAY_METHOD", ""), simulator.merchant.methods
    if (method and method not in PAY_METHODS) or (sent.get("PAY_METHOD_DETAIL") and not method):
        raise RefusedError("DATA_PM")
    if not methods or (method and method not in methods):
        raise RefusedError("NOT_LIVE_PM")


def _require_vault(simulator: Simulator, sent: Fields) -> None:
    vault, token = sent.get("VAULT", ""), sent.get("VAULT_ID", "")
    if vault not in {"", "0", "1"}:
        raise RefusedError("INVALID_VAULT")
    if (vault == "1" or token) and not simulator.merchant.has_vault:
        raise RefusedError("PAYVAULT_NOT_EN")
    method = sent.get("PAY_METHOD") or "CC"
    if vault == "1" and (method != "CC" or "CC" not in simulator.merchant.methods):
        raise RefusedError("VAULT_NOT_ACCEPTED")
    if token and (method != "CC" or not is_usable(simulator, token)):
        raise RefusedError("INVALID_VAULT_ID")


def is_usable(simulator: Simulator, token_id: str) -> bool:
    """Is this token known, active and of a card that has not expired?"""
    token = simulator.book.contents.tokens.get(token_id)
    return token is not None and token.is_active and not is_past(simulator, token.expires)


def is_past(simulator: Simulator, expires: str) -> bool:
    """Is a card of this expiry, MMYYYY, no longer good?"""
    now = simulator.book.now
    return (int(expires[2:]), int(expires[:2])) < (now.year, now.month)


def _refuse_first(checks: Iterable[tuple[str, bool]]) -> None:
    for code, holds in checks:
        if not holds:
            raise RefusedError(code)


def _fits(sent: Fields, name: str) -> bool:
    return len(sent.get(name, "")) <= _LONGEST[name]


def _is_time(text: str) -> bool:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").isoformat(" ") == text  # noqa: DTZ007
    except ValueError:
        return False


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_reachable(url: str) -> bool:
    """PayGate posts to ports 80 and 443 only; on this machine any will do."""
    parts = urlsplit(url)
    is_here = parts.hostname in THIS_MACHINE
    return _is_address(url) and (is_here or parts.port in {None, 80, 443})
