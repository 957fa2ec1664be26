"""Keep a card: what the gateway says of one that its owner asked to be kept, its token sealed."""

import hashlib
import hmac

from sqlalchemy.orm import Session

from dcx.kit.ids import new_id
from dcx.kit.vault import Vault
from dcx.payments.models import Card, Payment
from dcx.payments.repository import CardRepository
from dcx.payments.rules import Token


def keep_card(
    session: Session, payment: Payment, token: Token, *, vault: Vault, now_us: int
) -> Card:
    """Write the card of a payment down for the payment's customer, whoever is signed in. The same
    card again is the same row, active again.
    """
    cards = CardRepository(session)
    card = cards.keep({
        "key": new_id(),
        "customer": payment.customer,
        "token": vault.seal(token.value),
        "token_print": token_print(payment.customer, token.value),
        "brand": token.brand,
        "last4": token.last4,
        "expires": token.expires,
        "name": "",
        "is_default": not cards.of_customer(payment.customer),
        "state": "active",
        "tries": 0,
        "next_try_us": None,
        "reminded_for": "",
        "created_us": now_us,
        "ended_us": None,
    })  # fmt: skip
    payment.card_id = card.id
    session.flush()
    return card


def token_print(customer: str, token: str) -> str:
    """What tells the same token again at the same customer, and tells nothing of the token. Tokens
    are 122 random bits, so that nobody finds one by trying.
    """
    return hmac.new(customer.encode(), token.lower().encode(), hashlib.sha256).hexdigest()
