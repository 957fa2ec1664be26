"""What happens to a request to pay: a card, a bank's code, an EFT, a cancel, a failing bank."""

import secrets
import string
from dataclasses import dataclass, replace

from dcx.payments.simulator.book import (
    Due,
    Outcome,
    PayRequest,
    Token,
    Transaction,
    new_guid,
)
from dcx.payments.simulator.cards import (
    APPROVED,
    DONE,
    RECEIVED,
    RESULTS,
    VOIDED,
    TestCard,
    card_of,
)
from dcx.payments.simulator.desk import Simulator
from dcx.payments.simulator.errors import RefusedError
from dcx.payments.simulator.notices import announce, leave
from dcx.payments.simulator.payweb import is_past, is_usable, require_payable

RIGHT_CODE = "1234"
NO_CARD = "999999"
_AUTH = string.ascii_uppercase + string.digits


@dataclass(frozen=True, slots=True)
class Shown:
    """The card that a customer pays with: what it is, MMYYYY, and its token if it is kept."""

    card: TestCard
    expires: str
    token: Token | None = None


def card_given(simulator: Simulator, request_id: str, number: str, expires: str) -> PayRequest:
    """A card typed in. Waits for the bank's code where its bank asks for one, or is decided."""
    request = require_payable(simulator, request_id)
    return _use(simulator, request, Shown(card_of(number), expires))


def kept_card_given(simulator: Simulator, request_id: str) -> PayRequest:
    """The card behind the request's VAULT_ID; its number is not typed again."""
    request = require_payable(simulator, request_id)
    return _use(simulator, request, _kept(simulator, request.asked["VAULT_ID"]))


def code_given(simulator: Simulator, request_id: str, code: str) -> PayRequest:
    """The customer's answer to their bank; "" is leaving the bank's page without one."""
    request = require_payable(simulator, request_id)
    if not request.waits_for:
        raise RefusedError("TXN_PRC")
    number, _, expires = request.waits_for.partition(" ")
    token_id = request.asked.get("VAULT_ID")
    shown = _kept(simulator, token_id) if token_id else Shown(card_of(number), expires)
    if code == RIGHT_CODE:
        return _decide(simulator, request, shown, _result_of(simulator, shown), shown.card.risk)
    return _decide(simulator, request, shown, "900207" if code else "900210", "NX")


def cancelled(simulator: Simulator, request_id: str, status: str = "4") -> PayRequest:
    """The customer cancels; PayGate's papers know status 3 for it and status 4."""
    outcome = Outcome(status, "990028", RESULTS["990028"][0])
    return _close(simulator, request_id, outcome, state="cancelled")


def broken(simulator: Simulator, request_id: str, code: str = "990022") -> PayRequest:
    """The bank, or PayGate, fails in the middle."""
    words, status = RESULTS[code]
    return _close(simulator, request_id, Outcome(status, code, words), state="completed")


def eft_begun(
    simulator: Simulator, request_id: str, *, after_s: float | None = None, approves: bool = True
) -> PayRequest:
    """An EFT is on its way; the bank's word comes `after_s` seconds later, or by `eft_settled`."""
    outcome = Outcome(RECEIVED, "", "Received by PayGate", method="BT", detail="SID")
    request = _close(simulator, request_id, outcome, state="completed")
    if after_s is not None:
        with simulator.book.opened() as contents:
            at_us = simulator.book.after(after_s)
            contents.due.append(Due(at_us, "eft", request_id, is_approved=approves))
    return request


def eft_settled(simulator: Simulator, request_id: str, *, approves: bool = True) -> PayRequest:
    """The bank's word on an EFT: another notice of the same request, perhaps days later."""
    request = simulator.book.contents.requests[request_id]
    if request.outcome is None or request.outcome.status != RECEIVED:
        raise RefusedError("NO_TRANS_DATA")
    words, status = RESULTS[DONE if approves else "900007"]
    code, auth = (DONE, NO_CARD) if approves else ("900007", "")
    outcome = replace(request.outcome, status=status, code=code, words=words, auth=auth)
    return _end(simulator, request, outcome, state="completed")


def voided(simulator: Simulator, request_id: str) -> PayRequest:
    """The settlement of an approved payment is taken back, and the merchant is told."""
    request = simulator.book.contents.requests[request_id]
    if request.outcome is None or request.outcome.status != APPROVED:
        raise RefusedError("NO_TRANS_DATA")
    take_back(simulator, simulator.book.contents.transactions[request.outcome.transaction_id])
    announce(simulator, request)
    return request


def take_back(simulator: Simulator, transaction: Transaction) -> None:
    """Void a transaction; whoever asks for it, or for its request, hears so."""
    with simulator.book.opened() as contents:
        transaction.outcome = replace(transaction.outcome, status=VOIDED, words="Settlement Voided")
        request = contents.requests.get(transaction.pay_request_id)
        if request:
            request.outcome = transaction.outcome


def advance(simulator: Simulator, seconds: float = 0) -> None:
    """Move the clock forward and do, in its order, all that falls due on the way."""
    until_us = simulator.book.after(seconds)
    while due := _next_due(simulator, until_us):
        simulator.book.move_clock(due.at_us)
        if due.kind == "eft":
            _bank_speaks(simulator, due)
        else:
            leave(simulator, due)
    simulator.book.move_clock(until_us)


def charge(simulator: Simulator, token_id: str, order: Transaction) -> Outcome:
    """A kept card charged without its owner: no page, no bank's code."""
    shown = _kept(simulator, token_id)
    fault = simulator.faults.take("charge", {"result"})
    code = fault.value if fault else _result_of(simulator, shown)
    order.outcome = _outcome(shown, code, "XX")
    record(simulator, order)
    return order.outcome


def token_declines(simulator: Simulator, token_id: str, code: str) -> None:
    """From now on this token gives that result, whatever its card would; "" ends that."""
    if code and code not in RESULTS:
        raise ValueError(f"{code} is not a result.")
    with simulator.book.opened() as contents:
        contents.tokens[token_id].declines_with = code


def record(simulator: Simulator, transaction: Transaction) -> None:
    """Write a transaction down and give it, and its outcome, its number."""
    with simulator.book.opened() as contents:
        transaction.id = simulator.book.new_transaction_id()
        transaction.outcome.transaction_id = transaction.id
        contents.transactions[transaction.id] = transaction


def _use(simulator: Simulator, request: PayRequest, shown: Shown) -> PayRequest:
    if shown.card.asks_code and not is_past(simulator, shown.expires):
        with simulator.book.opened():
            request.waits_for = f"{shown.card.number} {shown.expires}"
        return request
    return _decide(simulator, request, shown, _result_of(simulator, shown), shown.card.risk)


def _result_of(simulator: Simulator, shown: Shown) -> str:
    if is_past(simulator, shown.expires):
        return "900002"
    declines_with = shown.token.declines_with if shown.token else ""
    return declines_with or shown.card.result


def _decide(
    simulator: Simulator, request: PayRequest, shown: Shown, code: str, risk: str
) -> PayRequest:
    outcome = _outcome(shown, code, risk)
    with simulator.book.opened():
        token = shown.token or _tokenised(simulator, request, shown, outcome)
    if token:
        outcome.vault_id, outcome.expires = token.id, token.expires
        outcome.masked = f"{'x' * 12}{token.number[-4:]}"
    may_try_again = simulator.merchant.tries_again and outcome.status != APPROVED
    return _close(simulator, request.id, outcome, state="open" if may_try_again else "completed")


def _outcome(shown: Shown, code: str, risk: str) -> Outcome:
    words, status = RESULTS[code]
    auth = "".join(secrets.choice(_AUTH) for _ in range(6)) if status == APPROVED else ""
    return Outcome(status, code, words, risk=risk, auth=auth, detail=shown.card.brand)


def _tokenised(
    simulator: Simulator, request: PayRequest, shown: Shown, outcome: Outcome
) -> Token | None:
    """The token of a card that is to be kept: the same card has the same one."""
    is_kept = outcome.status == APPROVED or simulator.merchant.vaults_declined
    if request.asked.get("VAULT") != "1" or not is_kept or not shown.card.number:
        return None
    tokens = simulator.book.contents.tokens
    for known in tokens.values():
        if (known.number, known.expires) == (shown.card.number, shown.expires) and known.is_active:
            return known
    token = Token(new_guid(), shown.card.number, shown.expires)
    tokens[token.id] = token
    return token


def _kept(simulator: Simulator, token_id: str) -> Shown:
    if not is_usable(simulator, token_id):
        raise RefusedError("INVALID_VAULT_ID")
    token = simulator.book.contents.tokens[token_id]
    return Shown(card_of(token.number), token.expires, token)


def _close(simulator: Simulator, request_id: str, outcome: Outcome, *, state: str) -> PayRequest:
    with simulator.book.opened():
        request = require_payable(simulator, request_id)
        request.state, request.waits_for = state, ""
    return _end(simulator, request, outcome, state=state)


def _end(simulator: Simulator, request: PayRequest, outcome: Outcome, *, state: str) -> PayRequest:
    """Write the outcome and its transaction, then tell the merchant."""
    with simulator.book.opened() as contents:
        known = contents.transactions.get(outcome.transaction_id)
        if known:
            known.outcome = outcome
        elif state != "cancelled":
            record(simulator, _purchase(simulator, request, outcome))
        request.state, request.outcome = state, outcome
    announce(simulator, request)
    return request


def _purchase(simulator: Simulator, request: PayRequest, outcome: Outcome) -> Transaction:
    reference = request.asked["REFERENCE"]
    return Transaction(
        id="",
        kind="Purchase",
        order_id=reference,
        reference=reference,
        amount_cents=int(request.asked["AMOUNT"]),
        currency=request.asked["CURRENCY"],
        outcome=outcome,
        at_us=simulator.book.now_us,
        pay_request_id=request.id,
    )


def _next_due(simulator: Simulator, until_us: int) -> Due | None:
    """The next thing that falls due; taken, so that it is done once."""
    with simulator.book.opened() as contents:
        ready = [due for due in contents.due if due.at_us <= until_us]
        if not ready:
            return None
        first = min(ready, key=lambda due: due.at_us)
        contents.due.remove(first)
        return first


def _bank_speaks(simulator: Simulator, due: Due) -> None:
    request = simulator.book.contents.requests[due.pay_request_id]
    if request.outcome and request.outcome.status == RECEIVED:
        eft_settled(simulator, request.id, approves=due.is_approved)
