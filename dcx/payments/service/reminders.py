"""Mails about cards that are about to expire, one for each card and month."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.notifications.service import CardExpires, Site
from dcx.payments.repository import CardRepository
from dcx.payments.service.cards import words_of


@dataclass(frozen=True, slots=True)
class Expiring:
    """A card whose last month this is. Its token is sealed."""

    card_id: int
    token: str


def expiring(session: Session, *, month: str) -> list[Expiring]:
    """Cards that expire in this month ("2026-11") and whose owner was not told yet."""
    repository = CardRepository(session)
    rows = (repository.by_id(card_id) for card_id in repository.to_remind(month))
    return [Expiring(row.id, row.token or "") for row in rows if row is not None]


def remind(session: Session, card_id: int, *, month: str, site: Site, now_us: int) -> bool:
    """Tell a card's owner, once for each card and month; was it left to us?"""
    repository = CardRepository(session)
    row = repository.by_id(card_id)
    if row is None or not repository.claim_reminder(card_id, month):
        return False
    words = CardExpires(
        customer=accounts.get_customer(session, row.customer).name,
        card=words_of(row.brand, row.last4),
        month=site.looks.month(month),
        link=site.link(f"/c/{row.customer}/cards"),
    )
    accounts.tell(session, row.customer, words, site=site, now_us=now_us)
    return True
