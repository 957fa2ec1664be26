"""How PayHost tells of a transaction, and of what it does not find."""

from collections.abc import Mapping
from datetime import timedelta, timezone
from xml.etree.ElementTree import Element

from dcx.kit.periods import from_us
from dcx.payments.simulator.book import Transaction
from dcx.payments.simulator.soap import Values, element_of, status_of

SOUTH_AFRICA = timezone(timedelta(hours=2))
UNKNOWN = {
    "StatusName": "Error",
    "TransactionStatusCode": "0",
    "ResultCode": "401",
    "ResultDescription": "Requested Transaction Does Not Exist",
}
NO_ORIGINAL = {
    "StatusName": "Error",
    "ResultCode": "201",
    "ResultDescription": "Unable To Find Original Transaction",
}
STATUS_WORDS = {
    "0": "Not Done", "1": "Approved", "2": "Declined", "3": "Cancelled", "4": "User Cancelled",
    "5": "Received by PayGate", "7": "Settlement Voided",
}  # fmt: skip


def status_values(transaction: Transaction) -> dict[str, str | Mapping[str, str]]:
    """A transaction as a Status. Completed says that it was worked on, not that it was paid."""
    outcome = transaction.outcome
    is_waiting = outcome.status == "5"
    when = from_us(transaction.at_us).astimezone(SOUTH_AFRICA)
    vault = {"cardNumber": outcome.masked, "expDate": outcome.expires}
    return {
        "TransactionId": transaction.id,
        "Reference": transaction.reference,
        "StatusName": "Pending" if is_waiting else "Completed",
        "AuthCode": outcome.auth,
        "PayRequestId": transaction.pay_request_id,
        "VaultId": outcome.vault_id,
        "PayVaultData": vault if outcome.masked else {},
        "TransactionStatusCode": outcome.status,
        "TransactionStatusDescription": STATUS_WORDS[outcome.status],
        "ResultCode": outcome.code,
        "ResultDescription": outcome.words,
        "Currency": transaction.currency,
        "Amount": str(transaction.amount_cents),
        "RiskIndicator": outcome.risk,
        "PaymentType": {"Method": outcome.method, "Detail": outcome.detail}
        if outcome.detail
        else {"Method": outcome.method},
        "DateTime": when.isoformat(timespec="seconds"),
        "TransactionType": transaction.kind,
    }


def refused(reply: str, words: str, *, name: str = "Error") -> list[Element]:
    """An answer that says why nothing was done."""
    return [told(reply, {"StatusName": name, "StatusDetail": words})]


def told(reply: str, values: Values) -> Element:
    return element_of(reply, [status_of(values)])
