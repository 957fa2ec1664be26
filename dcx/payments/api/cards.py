"""The API of saved cards: look at them and delete them. None can be added: that takes its owner at
the gateway's page.
"""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Integer, List, Nested, String
from apiflask.validators import Range
from flask import current_app
from flask.typing import ResponseReturnValue

from dcx.accounts.api import CustomerQuery, customer_of
from dcx.kit.periods import month_name
from dcx.payments.jobs.clock import now_us
from dcx.payments.service import cards as service
from dcx.repository.session import reading, transaction
from dcx.web.api import answers
from dcx.web.doors import actor, open_to_scope

cards_api = APIBlueprint("cards_api", __name__, url_prefix="/api/v1/cards", tag="Cards")
MOST_CARDS = 200
Sent = dict[str, Any]


class CardsQuery(CustomerQuery):
    """Which cards."""

    limit = Integer(load_default=50, validate=Range(min=1, max=MOST_CARDS))
    after = String(metadata={"description": "`next` of the page before: newer cards follow."})


class CardAnswer(Schema):
    """A saved card. Of its number DCX has the last four digits."""

    id = String(required=True)
    brand = String(required=True)
    last4 = String(required=True)
    expires = String(required=True, metadata={"description": "Its last month, as 2027-03."})
    name = String(required=True)
    is_default = Boolean(required=True)
    is_expired = Boolean(required=True)


class CardsAnswer(Schema):
    """Cards, oldest first."""

    cards = List(Nested(CardAnswer), required=True)
    next = String(required=True, allow_none=True)


class DeletedAnswer(Schema):
    """A card that is deleted: hidden here at once, and asked for at the gateway until confirmed."""

    id = String(required=True)
    state = String(required=True, metadata={"description": "deleting, then deleted."})


@cards_api.get("")
@cards_api.input(CardsQuery, location="query")
@cards_api.doc(
    summary="Saved cards", responses=answers(CardsAnswer, "Oldest first"), security="key"
)
@open_to_scope("wallet:read")
def cards(query_data: Sent) -> ResponseReturnValue:
    customer, limit = customer_of(query_data.get("customer")), query_data["limit"]
    with reading() as session:
        every = service.cards(session, customer, month=_month())
    keys = [card.key for card in every]
    after = query_data.get("after")
    first = keys.index(after) + 1 if after in keys else 0
    found = every[first : first + limit]
    has_more = len(every) > first + limit
    return {"cards": list(map(_card, found)), "next": found[-1].key if has_more else None}


def _card(card: service.CardLine) -> dict[str, Any]:
    return {
        "id": card.key,
        "brand": card.brand,
        "last4": card.last4,
        "expires": card.expires,
        "name": card.name,
        "is_default": card.is_default,
        "is_expired": card.look == "expired",
    }


@cards_api.delete("/<card>")
@cards_api.input(CustomerQuery, location="query")
@cards_api.doc(
    summary="Delete a card",
    description="Repeating it answers the same.",
    responses=answers(DeletedAnswer, "It is hidden, and the gateway is told to forget it"),
    security="key",
)
@open_to_scope("payments:write")
def delete_card(card: str, query_data: Sent) -> ResponseReturnValue:
    customer = customer_of(query_data.get("customer"))
    with transaction() as session:
        state = service.ask_delete(session, customer, card, by=actor(), now_us=now_us())
    return {"id": card, "state": state}


def _month() -> str:
    return month_name(now_us(), current_app.config["DCX"].zone)
