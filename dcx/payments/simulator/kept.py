"""What PayHost does with kept cards: charge, look up, delete; and the page that keeps one."""

from xml.etree.ElementTree import Element

from dcx.payments.simulator import outcomes
from dcx.payments.simulator.book import Outcome, Transaction
from dcx.payments.simulator.cards import card_of
from dcx.payments.simulator.desk import Simulator
from dcx.payments.simulator.payweb import initial_fields, is_usable, open_request
from dcx.payments.simulator.soap import Values, element_of, leaf, status_of, text
from dcx.payments.simulator.statuses import refused, status_values, told

NO_TOKEN = "The vault id is unknown, deleted or expired."  # noqa: S105 - words, no secret


def charge(simulator: Simulator, act: Element) -> list[Element]:
    """A kept card without its owner. The same order sent twice is charged twice."""
    token_id, amount = text(act, "VaultId"), text(act, "Order", "Amount")
    reply = "CardPaymentResponse"
    if not (amount.isascii() and amount.isdigit() and int(amount) > 0):
        return refused(reply, "Amount must be whole cents.", name="ValidationError")
    if not is_usable(simulator, token_id):
        return refused(reply, NO_TOKEN, name="VaultFailure")
    order_id = text(act, "Order", "MerchantOrderId")
    order = Transaction(
        id="",
        kind="Purchase",
        order_id=order_id,
        reference=order_id,
        amount_cents=int(amount),
        currency=text(act, "Order", "Currency"),
        outcome=Outcome("0", "", ""),
        at_us=simulator.book.now_us,
    )
    outcomes.charge(simulator, token_id, order)
    return [told(reply, status_values(order))]


def open_page(simulator: Simulator, act: Element) -> list[Element]:
    """A hosted page, signed with the PayHost password."""
    asked = {
        "PAYGATE_ID": simulator.merchant.paygate_id,
        "REFERENCE": text(act, "Order", "MerchantOrderId"),
        "AMOUNT": text(act, "Order", "Amount"),
        "CURRENCY": text(act, "Order", "Currency"),
        "RETURN_URL": text(act, "Redirect", "ReturnUrl"),
        "NOTIFY_URL": text(act, "Redirect", "NotifyUrl"),
        "EMAIL": text(act, "Customer", "Email"),
        "PAY_METHOD": text(act, "PaymentType", "Method"),
        "VAULT": {"true": "1"}.get(text(act, "Vault"), ""),
        "VAULT_ID": text(act, "VaultId"),
    }
    request = open_request(simulator, asked, is_payhost=True)
    status = {
        "StatusName": "WebRedirectRequired",
        "StatusDetail": "Web Redirect Required To Complete Transaction",
    }
    params = [
        element_of("UrlParams", [leaf("key", name), leaf("value", value)])
        for name, value in initial_fields(simulator, request).items()
    ]
    redirect = element_of("Redirect", [leaf("RedirectUrl", simulator.page), *params])
    return [element_of("WebPaymentResponse", [status_of(status), redirect])]


def look_up(simulator: Simulator, act: Element) -> list[Element]:
    token_id = text(act, "VaultId")
    if not is_usable(simulator, token_id):
        return refused("LookUpVaultResponse", NO_TOKEN, name="VaultFailure")
    token = simulator.book.contents.tokens[token_id]
    masked = f"{token.number[:6]}{'x' * (len(token.number) - 10)}{token.number[-4:]}"
    values: Values = {
        "StatusName": "Completed",
        "VaultId": token.id,
        "PayVaultData": {"cardNumber": masked, "expDate": token.expires},
        "PaymentType": {"Method": "CC", "Detail": card_of(token.number).brand},
    }
    return [told("LookUpVaultResponse", values)]


def delete(simulator: Simulator, act: Element) -> list[Element]:
    """For good: a deleted token never works again."""
    with simulator.book.opened() as contents:
        token = contents.tokens.get(text(act, "VaultId"))
        if token is None or not token.is_active:
            return refused("DeleteVaultResponse", NO_TOKEN, name="VaultFailure")
        token.is_active = False
    return [told("DeleteVaultResponse", {"StatusName": "Completed", "VaultId": token.id})]
