"""Saved cards: what their owner sees of them and does with them, and which can be paid with.

A card's number never comes here: the gateway keeps it, DCX keeps a sealed token.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import CLOCK, Actor
from dcx.kit.periods import month_name
from dcx.payments.errors import CardRefusedError, UnknownCardError
from dcx.payments.models import Card
from dcx.payments.repository import CardRepository

LONGEST_NAME = 40
_NUMBER = re.compile(r"(?:\d[ -]?){12,}\d")


@dataclass(frozen=True, slots=True)
class CardLine:
    """A saved card as its owner sees it. `expires` is the last month in which it is good
    ("2027-03"); `look` is good, expiring or expired.
    """

    key: str
    brand: str
    last4: str
    expires: str
    name: str
    is_default: bool
    look: str

    @property
    def words(self) -> str:
        """Visa ending 0002."""
        return words_of(self.brand, self.last4)


def words_of(brand: str, last4: str) -> str:
    return f"{brand or 'Card'} ending {last4}"


def cards(session: Session, customer: str, *, month: str) -> list[CardLine]:
    """A customer's cards, oldest first. Of those that are good in this month ("2026-11"), exactly
    one is the default.
    """
    rows = CardRepository(session).of_customer(customer)
    default = _default_of([row for row in rows if row.expires >= month])
    return [_line(row, month, is_default=row is default) for row in rows]


def _default_of(rows: Sequence[Card]) -> Card | None:
    """The one that its owner chose, else the oldest."""
    return min(rows, key=lambda row: (not row.is_default, row.id), default=None)


def _line(row: Card, month: str, *, is_default: bool) -> CardLine:
    look = "expiring" if row.expires == month else "good" if row.expires > month else "expired"
    return CardLine(row.key, row.brand, row.last4, row.expires, row.name, is_default, look)


def offered(session: Session, customer: str, *, month: str) -> list[CardLine]:
    """The cards that can be paid with in this month, the default first."""
    usable = [card for card in cards(session, customer, month=month) if card.look != "expired"]
    return sorted(usable, key=lambda card: not card.is_default)


def get_card(session: Session, customer: str, key: str, *, month: str) -> CardLine:
    """One card; UnknownCardError where it is not this customer's, or is no more."""
    for card in cards(session, customer, month=month):
        if card.key == key:
            return card
    raise UnknownCardError("This page does not exist, or it is not yours to see.")


def chargeable(session: Session, customer: str, key: str, *, now_us: int) -> int:
    """The row of a card that is to be charged. CardRefusedError for one that has expired, by the
    calendar of UTC: in its last hours the gateway decides.
    """
    row = _known(session, customer, key)
    if row.expires < month_name(now_us, ZoneInfo("UTC")) or row.token is None:
        raise CardRefusedError("This card has expired. Choose another one.")
    return row.id


def rename(session: Session, customer: str, key: str, name: str, *, by: Actor, now_us: int) -> None:
    """Give a card a name of its owner's; "" takes it away."""
    row, name = _known(session, customer, key), " ".join(name.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise CardRefusedError(f"A name has at most {LONGEST_NAME} characters.")
    if _NUMBER.search(name):
        raise CardRefusedError("That looks like a card number. Give the card another name.")
    if name != row.name:
        before, row.name = row.name, name
        journal.record(session, by, _deed("card renamed", row, before, name), now_us=now_us)


def make_default(
    session: Session, customer: str, key: str, *, month: str, by: Actor, now_us: int
) -> None:
    """Offer this card first from now on. Repeating it changes nothing."""
    row = _known(session, customer, key)
    if row.expires < month:
        raise CardRefusedError("This card has expired: it cannot be offered.")
    if not row.is_default:
        CardRepository(session).make_default(customer, key)
        journal.record(session, by, _deed("card made default", row), now_us=now_us)


def ask_delete(session: Session, customer: str, key: str, *, by: Actor, now_us: int) -> str:
    """Hide a card at once, for good; the clock has the gateway forget it and then erases the
    token. Repeating it changes nothing. Its state after: deleting, or deleted by now.
    """
    row = CardRepository(session).lock(customer, key)
    if row is None or row.state == "dead":
        raise UnknownCardError("There is no such card.")
    if row.state == "active":
        row.state, row.is_default, row.tries, row.next_try_us = "deleting", False, 0, now_us
        journal.record(session, by, _deed("card deleted", row), now_us=now_us)
    return row.state


def bury(session: Session, card_id: int, *, now_us: int) -> None:
    """The gateway no longer takes a card: nobody is offered it from now on, and its token goes."""
    row = CardRepository(session).hold(card_id)
    if row is not None and row.state == "active":
        row.state, row.is_default, row.token, row.ended_us = "dead", False, None, now_us
        journal.record(session, CLOCK, _deed("card no longer taken", row), now_us=now_us)


def _known(session: Session, customer: str, key: str) -> Card:
    row = CardRepository(session).find(customer, key)
    if row is None:
        raise UnknownCardError("There is no such card.")
    return row


def _deed(action: str, row: Card, before: str = "", after: str = "") -> Deed:
    facts = ({"name": before}, {"name": after}) if before != after else (None, None)
    return Deed(action, words_of(row.brand, row.last4), row.customer, *facts)
