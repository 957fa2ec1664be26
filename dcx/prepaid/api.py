"""The API of the wallet: what it stands at, and what moved it."""

from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import DateTime, Integer, List, Nested, String
from apiflask.validators import Range
from flask import current_app
from flask.typing import ResponseReturnValue

from dcx.accounts.api import CustomerQuery, customer_of
from dcx.billing.service import Desk
from dcx.kit.money import cents_text
from dcx.kit.periods import instant_text, to_us
from dcx.prepaid.service.standing import standing
from dcx.repository.session import reading
from dcx.wallet import service as ledger
from dcx.wallet.service import Line
from dcx.web.api import answers
from dcx.web.doors import open_to_scope

wallet_api = APIBlueprint("wallet_api", __name__, url_prefix="/api/v1/wallet", tag="Wallet")
MOST_ENTRIES = 200
Sent = dict[str, Any]


class EntriesQuery(CustomerQuery):
    """Which entries."""

    limit = Integer(load_default=50, validate=Range(min=1, max=MOST_ENTRIES))
    after = String(metadata={"description": "`next` of the page before: older entries follow."})


def _amount(words: str) -> String:
    return String(required=True, metadata={"description": words})


class WalletAnswer(Schema):
    """A wallet as it stands. Amounts are text with 2 decimals, usage has VAT in it."""

    customer = String(required=True)
    currency = String(required=True)
    balance = _amount("Money in the wallet.")
    credit = _amount("Credits: they pay invoices only.")
    held = _amount("Held for orders; no part of the balance.")
    owed = _amount("What issued invoices still ask for.")
    unbilled = _amount("Used and not yet invoiced.")
    live = _amount("balance + credit - owed - unbilled.")
    lasts_until = DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "At the present rate; null without usage, or at zero."},
    )


class EntryAnswer(Schema):
    """One movement of the wallet."""

    id = String(required=True)
    at = DateTime(required=True)
    kind = String(required=True)
    words = String(required=True)
    invoice = String(required=True, metadata={"description": "Its number, or empty."})
    amount = String(required=True)
    balance = _amount("What the wallet held after it.")


class EntriesAnswer(Schema):
    """Entries, newest first."""

    entries = List(Nested(EntryAnswer), required=True)
    next = String(required=True, allow_none=True)


@wallet_api.get("")
@wallet_api.input(CustomerQuery, location="query")
@wallet_api.doc(
    summary="What a wallet stands at, and how long it lasts",
    responses=answers(WalletAnswer, "The wallet now"),
    security="key",
)
@open_to_scope("wallet:read")
def wallet(query_data: Sent) -> ResponseReturnValue:
    customer, settings = customer_of(query_data.get("customer")), current_app.config["DCX"]
    with reading() as session:
        now_us = to_us(datetime.now(UTC))
        found = standing(session, customer, Desk.of(settings), now_us=now_us)
    until_us, money = found.runway.until_us, found.balances
    return {
        "customer": customer,
        "currency": settings.currency,
        "balance": cents_text(money.wallet),
        "credit": cents_text(money.credit),
        "held": cents_text(money.held),
        "owed": cents_text(money.owed),
        "unbilled": cents_text(found.unbilled_cents),
        "live": cents_text(found.live_cents),
        "lasts_until": instant_text(until_us) if until_us else None,
    }


@wallet_api.get("/entries")
@wallet_api.input(EntriesQuery, location="query")
@wallet_api.doc(
    summary="What moved a wallet, newest first",
    responses=answers(EntriesAnswer, "A page of entries"),
    security="key",
)
@open_to_scope("wallet:read")
def entries(query_data: Sent) -> ResponseReturnValue:
    customer, after = customer_of(query_data.get("customer")), query_data.get("after")
    with reading() as session:
        page = ledger.entries(session, customer, before=after, limit=query_data["limit"])
    return {"entries": [_entry(line) for line in page.rows], "next": page.after}


def _entry(line: Line) -> dict[str, Any]:
    return {
        "id": line.key,
        "at": instant_text(line.at_us),
        "kind": line.kind,
        "words": line.words,
        "invoice": line.document,
        "amount": cents_text(line.amount_cents),
        "balance": cents_text(line.balance_cents),
    }
