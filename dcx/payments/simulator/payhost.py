"""PayHost: one door for SOAP; what it was asked decides who answers."""

from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element

from dcx.payments.simulator import followups, kept
from dcx.payments.simulator.desk import Simulator
from dcx.payments.simulator.soap import (
    FaultError,
    answer_of,
    element_of,
    fault_of,
    leaf,
    misplaced,
    name_of,
    request_in,
    text,
)
from dcx.payments.simulator.statuses import refused

Act = Callable[[Simulator, Element], list[Element]]


def answer(simulator: Simulator, body: bytes) -> tuple[int, str]:
    """HTTP status and envelope. What is no request of PayHost is answered with a SOAP Fault."""
    try:
        kind, act = _read(body)
    except FaultError as error:
        return 500, fault_of(str(error))
    return 200, answer_of(kind, _answered(simulator, act))


def _read(body: bytes) -> tuple[str, Element]:
    """The kind of request, like SingleVault, and what is wanted inside it."""
    wanted = request_in(body)
    kind = name_of(wanted).removesuffix("Request")
    act = wanted if kind == "Ping" else next(iter(wanted), wanted)
    if name_of(act) not in ACTS:
        raise FaultError(f"No endpoint for {act.tag}.")
    return kind, act


def _answered(simulator: Simulator, act: Element) -> list[Element]:
    reply = name_of(act).removesuffix("Request") + "Response"
    wrong = misplaced(act)
    if wrong:
        words = f"The elements of {wrong} do not stand as the schema says."
        return refused(reply, words, name="ValidationError")
    account = (text(act, "Account", "PayGateId"), text(act, "Account", "Password"))
    if account != (simulator.merchant.paygate_id, simulator.merchant.password):
        return refused(reply, "The PayGate id or the password is wrong.")
    return ACTS[name_of(act)](simulator, act)


def _ping(simulator: Simulator, act: Element) -> list[Element]:
    """It lives."""
    when = simulator.book.now.isoformat()
    pairs = {"Identifier": text(act, "Identifier"), "DateTime": when}
    return [
        element_of("PingFields", [leaf("key", key), leaf("value", value)])
        for key, value in pairs.items()
    ]


ACTS: Mapping[str, Act] = {
    "CardPaymentRequest": kept.charge,
    "WebPaymentRequest": kept.open_page,
    "QueryRequest": followups.query,
    "SettlementRequest": followups.settle,
    "RefundRequest": followups.refund,
    "VoidRequest": followups.void,
    "LookUpVaultRequest": kept.look_up,
    "DeleteVaultRequest": kept.delete,
    "PingRequest": _ping,
}
