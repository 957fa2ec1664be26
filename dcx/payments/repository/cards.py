"""Statements about cards."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from dcx.payments.models import Card
from dcx.repository.base import Repository


class CardRepository(Repository):
    """Cards that customers keep at the gateway."""

    def of_customer(self, customer: str) -> Sequence[Card]:
        """A customer's cards that can be used or shown, oldest first."""
        query = select(Card).where(Card.customer == customer, Card.state == "active")
        return self._all(query.order_by(Card.id))

    def find(self, customer: str, key: str) -> Card | None:
        """An active card of this customer; another customer's card is not found."""
        query = select(Card).where(Card.customer == customer, Card.key == key)
        return self._one(query.where(Card.state == "active"))

    def by_id(self, card_id: int) -> Card | None:
        return self.session.get(Card, card_id)

    def keep(self, values: Mapping[str, Any]) -> Card:
        """Write a card, or make the one with the same token active again with what is new of it."""
        dialect = sqlite if self.session.get_bind().dialect.name == "sqlite" else postgresql
        query = dialect.insert(Card.__table__).values(**values)
        again = {name: values[name] for name in ("token", "brand", "last4", "expires", "state")}
        query = query.on_conflict_do_update(
            index_elements=["customer", "token_print"], set_={**again, "ended_us": None}
        )
        self.session.execute(query)
        known = select(Card).where(
            Card.customer == values["customer"], Card.token_print == values["token_print"]
        )
        return self.session.scalars(known.execution_options(populate_existing=True)).one()
