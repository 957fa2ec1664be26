"""What comes in from the forms of paying, and from programs."""

import re
from collections.abc import Mapping
from typing import Any

from apiflask import Schema
from apiflask.fields import String
from apiflask.validators import Length, Regexp

from dcx.journal.api import OnceHeader
from dcx.kit.errors import FormError
from dcx.kit.money import parse_cents
from dcx.payments.service import Wish

_FORM_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""As our pages make them: the clock's and the API's have a stroke and cannot be said in a form."""
ANOTHER = ""
"""The choice of another card, or another way, than a kept one."""


def read_top_up(sent: Mapping[str, str], customer: str, email: str) -> Wish:
    """A top-up as its form says it; FormError where its amount is none."""
    try:
        cents = parse_cents(sent.get("amount", ""))
    except ValueError as error:
        raise FormError({"amount": str(error)}) from error
    return _wish(sent, customer, email, cents=cents)


def read_pay(sent: Mapping[str, str], customer: str, number: str, email: str) -> Wish:
    """The payment of an invoice. How much it is, the form does not say."""
    return _wish(sent, customer, email, document=number)


def _wish(sent: Mapping[str, str], customer: str, email: str, **about: Any) -> Wish:
    form_key = sent.get("form_key", "")
    if not _FORM_KEY.fullmatch(form_key):
        raise FormError({"form_key": "This form has gone stale. Reload the page."})
    card = sent.get("card", ANOTHER)
    keeps_card = not card and sent.get("keep") == "yes"
    return Wish(customer, form_key, email=email, card=card, keeps_card=keeps_card, **about)


class RequiredOnce(OnceHeader):
    """What makes a POST safe to repeat; a payment is not begun without it."""

    once = String(
        data_key="Idempotency-Key",
        required=True,
        validate=Length(min=1, max=200),
        metadata={"description": "The same key and body get the same answer; another body 409."},
    )


class PaymentBody(Schema):
    """A payment to begin."""

    amount = String(
        required=True,
        validate=Regexp(r"^[0-9]{1,9}\.[0-9]{2}$", error="Write an amount like 150.00."),
        metadata={"description": "With two decimals; for an invoice exactly what is owed for it."},
    )
    document = String(
        load_default="",
        validate=Length(max=40),
        metadata={"description": "The invoice to pay; a top-up of the wallet where absent."},
    )
    email = String(
        load_default="",
        validate=Length(max=254),
        metadata={"description": "The payer's; the customer's where absent."},
    )


class PaymentAnswer(Schema):
    """A payment. Somebody who signs in as an owner pays it at `url`."""

    id = String(required=True)
    status = String(
        required=True,
        metadata={
            "description": "created, redirected, pending, unknown (open) · paid · declined,"
            " cancelled, expired, failed (nothing was charged) · review, reversed (people look)"
        },
    )
    amount = String(required=True)
    currency = String(required=True)
    reference = String(required=True)
    document = String(required=True, metadata={"description": "Empty for a top-up."})
    created_at = String(required=True)
    paid_at = String(required=True, allow_none=True)
    url = String(required=True)
