"""Notices: what they say, how they leave, and when they leave again."""

from collections.abc import Mapping

from dcx.payments.simulator.book import Attempt, Due, Outcome, PayRequest
from dcx.payments.simulator.desk import Simulator
from dcx.payments.simulator.faults import CONTENT, DELIVERY, Fault
from dcx.payments.simulator.signing import NOTICE, checksum, line_of, with_checksum

BLANK = Outcome(status="0", code="", words="", risk="", method="")
SHOWN_ALWAYS = 13
"""So many fields of a notice are there even when they are empty; the others only where filled."""


def notice_of(simulator: Simulator, request: PayRequest) -> dict[str, str]:
    """The request as a notice or the answer to a query tells it; blank while it is open."""
    outcome = request.outcome or BLANK
    asked = request.asked
    values = {
        "PAYGATE_ID": simulator.merchant.paygate_id,
        "PAY_REQUEST_ID": request.id,
        "REFERENCE": asked["REFERENCE"],
        "TRANSACTION_STATUS": outcome.status,
        "RESULT_CODE": outcome.code,
        "AUTH_CODE": outcome.auth,
        "CURRENCY": asked["CURRENCY"] if request.outcome else "",
        "AMOUNT": asked["AMOUNT"] if request.outcome else "",
        "RESULT_DESC": outcome.words,
        "TRANSACTION_ID": outcome.transaction_id,
        "RISK_INDICATOR": outcome.risk,
        "PAY_METHOD": outcome.method,
        "PAY_METHOD_DETAIL": outcome.detail,
        **{name: asked.get(name, "") for name in ("USER1", "USER2", "USER3")},
        "VAULT_ID": outcome.vault_id,
        "PAYVAULT_DATA_1": outcome.masked,
        "PAYVAULT_DATA_2": outcome.expires,
    }
    shown = [name for place, name in enumerate(NOTICE) if place < SHOWN_ALWAYS or values[name]]
    return {name: values[name] for name in shown}


def return_of(simulator: Simulator, request: PayRequest) -> dict[str, str]:
    """What the browser brings back to the merchant; signed with what it does not carry, too."""
    status = request.outcome.status if request.outcome else "0"
    values = (simulator.merchant.paygate_id, request.id, status, request.asked["REFERENCE"])
    fields = {
        "PAY_REQUEST_ID": request.id,
        "TRANSACTION_STATUS": status,
        "CHECKSUM": checksum(values, simulator.key_of(request)),
    }
    fault = simulator.faults.take("return", CONTENT)
    if fault and fault.kind == "wrong_checksum":
        fields["CHECKSUM"] = _wrong(fields["CHECKSUM"])
    elif fault:
        fields[fault.field or "TRANSACTION_STATUS"] = fault.value
    return fields


def changed(simulator: Simulator, on: str, fields: Mapping[str, str], key: str) -> dict[str, str]:
    """The fields signed, with what a fault at that place makes of them."""
    fault = simulator.faults.take(on, CONTENT)
    kind = fault.kind if fault else ""
    change = {fault.field: fault.value} if fault and fault.field else {}
    signed = with_checksum({**fields, **change} if kind == "forge" else fields, key)
    if kind == "null_auth":
        unsaid = with_checksum({**fields, "AUTH_CODE": ""}, key)
        change = {"AUTH_CODE": "null", "CHECKSUM": unsaid["CHECKSUM"]}
    if kind == "wrong_checksum":
        change = {"CHECKSUM": _wrong(signed["CHECKSUM"])}
    return {**signed, **change}


def announce(simulator: Simulator, request: PayRequest) -> None:
    """Tell the merchant how the request stands, if it wants to be told."""
    if not request.asked.get("NOTIFY_URL"):
        return
    fields = notice_of(simulator, request)
    body = line_of(changed(simulator, "notify", fields, simulator.key_of(request)))
    _hand_over(simulator, request, body, 1)


def _hand_over(simulator: Simulator, request: PayRequest, body: str, number: int) -> None:
    fault = simulator.faults.take("notify", DELIVERY)
    if fault and fault.kind in {"delay", "after_return"}:
        put_off(simulator, request.id, body, number, fault.seconds or 1)
        return
    copies = 1 + (fault.count if fault and fault.kind == "duplicate" else 0)
    attempts = [_try(simulator, request, body, number, fault) for _ in range(copies)]
    waits = simulator.merchant.retries_after_s
    if not attempts[-1].was_taken and number <= len(waits):
        put_off(simulator, request.id, body, number + 1, waits[number - 1])


def _try(
    simulator: Simulator, request: PayRequest, body: str, number: int, fault: Fault | None
) -> Attempt:
    """Post it once and write down what came back. Nothing is locked meanwhile."""
    url = request.asked["NOTIFY_URL"]
    try:
        if fault and fault.kind == "drop":
            raise OSError("lost on its way")  # noqa: TRY301
        status, reply = simulator.deliver(url, body.encode())
    except OSError as error:
        status, reply = 0, str(error)
    now_us = simulator.book.now_us
    attempt = Attempt(request.id, number, now_us, url, body, status, reply[:200])
    with simulator.book.opened() as contents:
        contents.attempts.append(attempt)
    return attempt


def put_off(simulator: Simulator, request_id: str, body: str, number: int, seconds: float) -> None:
    """A notice that leaves later."""
    with simulator.book.opened() as contents:
        contents.due.append(Due(simulator.book.after(seconds), "notice", request_id, body, number))


def leave(simulator: Simulator, due: Due) -> None:
    """A notice whose time has come."""
    request = simulator.book.contents.requests[due.pay_request_id]
    _hand_over(simulator, request, due.body, due.number)


def _wrong(signature: str) -> str:
    return signature[1:] + ("0" if signature[0] != "0" else "1")
