"""Statements about cards."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

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

    def lock(self, customer: str, key: str) -> Card | None:
        """A card of this customer in whatever state, held until the transaction ends."""
        query = select(Card).where(Card.customer == customer, Card.key == key)
        return self._one(query.with_for_update())

    def by_id(self, card_id: int) -> Card | None:
        return self.session.get(Card, card_id)

    def hold(self, card_id: int) -> Card | None:
        """A card, held until the transaction ends."""
        return self.session.get(Card, card_id, with_for_update=True, populate_existing=True)

    def keep(self, values: Mapping[str, Any]) -> Card:
        """Write a card, or make the one with the same token active again with what is new of it."""
        query = self._insert(Card).values(**values)
        again = {name: values[name] for name in ("token", "brand", "last4", "expires", "state")}
        query = query.on_conflict_do_update(
            index_elements=["customer", "token_print"],
            set_={**again, "ended_us": None, "next_try_us": None, "tries": 0},
        )
        self.session.execute(query)
        known = select(Card).where(
            Card.customer == values["customer"], Card.token_print == values["token_print"]
        )
        return self.session.scalars(known.execution_options(populate_existing=True)).one()

    def make_default(self, customer: str, key: str) -> None:
        """One statement for all of a customer's cards: no instant has two defaults or none."""
        query = update(Card).where(Card.customer == customer)
        self.session.execute(query.values(is_default=Card.key == key))

    def lock_deletion(self, now_us: int) -> Card | None:
        """The card whose deletion has been due longest and that nobody else holds, held."""
        query = (
            select(Card)
            .where(Card.state == "deleting", Card.next_try_us <= now_us)
            .order_by(Card.next_try_us, Card.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return self._one(query)

    def deletions(self) -> Sequence[Any]:
        """(customer, brand, last4, tries, next_try_us) of cards still to be deleted, oldest
        first.
        """
        query = select(Card.customer, Card.brand, Card.last4, Card.tries, Card.next_try_us)
        return self._rows(query.where(Card.state == "deleting").order_by(Card.id))

    def count_deletions(self) -> int:
        query = select(func.count()).where(Card.state == "deleting")
        return self.session.scalar(query) or 0

    def to_remind(self, month: str) -> Sequence[int]:
        """Cards that expire in this month, and whose owner was not told so."""
        query = select(Card.id).where(Card.state == "active", Card.expires == month)
        return self._all(query.where(Card.reminded_for != month).order_by(Card.id))

    def claim_reminder(self, card_id: int, month: str) -> bool:
        """Was it left to us to remind of this card for this month?"""
        query = update(Card).where(Card.id == card_id, Card.state == "active")
        query = query.where(Card.expires == month, Card.reminded_for != month)
        claimed = self.session.scalar(query.values(reminded_for=month).returning(Card.id))
        return claimed is not None
