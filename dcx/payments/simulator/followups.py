"""What is asked of PayHost about a transaction: how it stands, to refund it, to void it."""

from dataclasses import replace
from xml.etree.ElementTree import Element

from dcx.kit.periods import HOUR_US
from dcx.payments.simulator import outcomes
from dcx.payments.simulator.book import Outcome, Transaction
from dcx.payments.simulator.cards import APPROVED, DONE, RESULTS
from dcx.payments.simulator.desk import Simulator
from dcx.payments.simulator.soap import part, text
from dcx.payments.simulator.statuses import NO_ORIGINAL, UNKNOWN, refused, status_values, told

VOIDABLE_US = 12 * HOUR_US
"""So long after it a transaction can be voided; then its batch is closed."""


def query(simulator: Simulator, act: Element) -> list[Element]:
    """One answer for each transaction found; an unpaid request has none, and is no failure."""
    kind = text(act, "TransactionType") or "Purchase"
    is_by_order = part(act, "MerchantOrderId") is not None
    found = [
        each for each in _found(simulator, act) if not is_by_order or kind in {"All", each.kind}
    ]
    return [told("QueryResponse", status_values(each)) for each in found] or [
        told("QueryResponse", UNKNOWN)
    ]


def settle(simulator: Simulator, act: Element) -> list[Element]:
    """All is settled as it is authorised: there is nothing left to do."""
    original = _original(simulator, act)
    return [told("SettlementResponse", status_values(original) if original else NO_ORIGINAL)]


def refund(simulator: Simulator, act: Element) -> list[Element]:
    """Never more than was paid. The same refund sent twice is paid back twice while it fits."""
    reply, amount = "RefundResponse", text(act, "Amount")
    with simulator.book.opened():
        original = _original(simulator, act)
        if original is None:
            return [told(reply, NO_ORIGINAL)]
        is_number = amount.isascii() and amount.isdigit() and int(amount) > 0
        if not is_number or int(amount) > _left(simulator, original):
            return refused(reply, "The refunds would be more than what was paid.")
        fault = simulator.faults.take("refund", {"result"})
        code = fault.value if fault else DONE
        sent = replace(
            original,
            kind="Refund",
            reference=text(act, "Reference") or original.reference,
            amount_cents=int(amount),
            outcome=Outcome(RESULTS[code][1], code, RESULTS[code][0]),
            at_us=simulator.book.now_us,
            pay_request_id="",
            undoes=original.id,
        )
        outcomes.record(simulator, sent)
    return [told(reply, status_values(sent))]


def _left(simulator: Simulator, original: Transaction) -> int:
    """Cents of a payment that no refund has sent back."""
    gone = sum(
        each.amount_cents
        for each in simulator.book.contents.transactions.values()
        if each.undoes == original.id and each.outcome.status == APPROVED
    )
    return original.amount_cents - gone


def void(simulator: Simulator, act: Element) -> list[Element]:
    """Taken back before its batch is closed, as if it had never been; not once it was refunded."""
    is_refund = text(act, "TransactionType") == "Refund"
    wanted = "Refund" if is_refund else "Purchase"
    found = [
        each
        for each in _found(simulator, act)
        if each.kind == wanted and each.outcome.status == APPROVED
    ]
    if not found:
        return [told("VoidResponse", NO_ORIGINAL)]
    original = found[0]
    if simulator.book.now_us - original.at_us > VOIDABLE_US:
        return refused("VoidResponse", "The batch of this transaction is closed: refund it.")
    if _left(simulator, original) < original.amount_cents:
        return refused("VoidResponse", "Something of it was refunded: it can be voided no more.")
    outcomes.take_back(simulator, original)
    values = {**status_values(original), "StatusName": "Completed", "TransactionStatusCode": "1"}
    return [told("VoidResponse", values)]


def _found(simulator: Simulator, act: Element) -> list[Transaction]:
    """By whichever key was sent, oldest first. An order's refunds are found by its id, too."""
    transaction_id, request_id = text(act, "TransactionId"), text(act, "PayRequestId")
    order_id = text(act, "MerchantOrderId")
    with simulator.book.opened() as contents:
        return [
            each
            for each in contents.transactions.values()
            if (transaction_id and each.id == transaction_id)
            or (request_id and each.pay_request_id == request_id)
            or (order_id and order_id in {each.order_id, each.reference})
        ]


def _original(simulator: Simulator, act: Element) -> Transaction | None:
    """The approved payment that a follow-up means."""
    paid = [
        each
        for each in _found(simulator, act)
        if each.kind == "Purchase" and each.outcome.status == APPROVED
    ]
    return paid[0] if paid else None
