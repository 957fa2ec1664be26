"""Answers of PayHost: turned away or taken, and what they say of a transaction or a card."""

import re
from xml.etree.ElementTree import Element

from dcx.payments.errors import DeadTokenError, GatewayRefusedError, GatewaySilentError
from dcx.payments.payhost.soap import name, said
from dcx.payments.payhost.values import KnownCard, Status

_CENTS = re.compile(r"\d{1,11}", re.ASCII)
_CODE = re.compile(r"\d", re.ASCII)
_OUTCOME = re.compile(r"9\d{5}", re.ASCII)
_DEAD = re.compile(r"INVALID_VAULT(_ID)?", re.IGNORECASE)


def require_taken(status: Element) -> None:
    """GatewayRefusedError where the message was turned away before anything was done. An error
    that carries the result of a transaction is not that: something was tried.
    """
    outcome, result = said(status, "StatusName"), said(status, "ResultCode")
    words = said(status, "ResultDescription") or said(status, "StatusDetail")
    if outcome == "VaultFailure" or _DEAD.search(f"{result} {words}"):
        raise DeadTokenError(result or outcome)
    names_one = bool(said(status, "TransactionId") or said(status, "TransactionStatusCode"))
    was_tried = bool(_OUTCOME.fullmatch(result)) or (not result and names_one)
    if outcome == "ValidationError" or (outcome == "Error" and not was_tried):
        raise GatewayRefusedError(result or outcome, words)


def status_of(status: Element) -> Status:
    """Everything is optional there; what is no plain number counts as not said."""
    cents, code = said(status, "Amount"), said(status, "TransactionStatusCode")
    method = status.find(name("PaymentType"))
    return Status(
        name=said(status, "StatusName"),
        code=int(code) if _CODE.fullmatch(code) else None,
        transaction_id=said(status, "TransactionId"),
        reference=said(status, "Reference"),
        pay_request_id=said(status, "PayRequestId"),
        cents=int(cents) if _CENTS.fullmatch(cents) else None,
        currency=said(status, "Currency"),
        result_code=said(status, "ResultCode"),
        words=said(status, "ResultDescription") or said(status, "StatusDetail"),
        kind=said(status, "TransactionType"),
        method=""
        if method is None
        else f"{said(method, 'Method')} {said(method, 'Detail')}".strip(),
        risk=said(status, "RiskIndicator"),
    )


def card_of(status: Element) -> KnownCard:
    """From name and value pairs, or from elements of their own: the gateway sends both shapes."""
    pairs = {
        said(pair, "name"): said(pair, "value") for pair in status.iterfind(name("PayVaultData"))
    }
    number = pairs.get("cardNumber") or said(status, "CardNumber")
    expires = pairs.get("expDate") or said(status, "CardExpiryDate")
    if not number[-4:].isdecimal():
        raise GatewaySilentError("The gateway did not say which card it is.")
    return KnownCard(number[-4:], expires)
