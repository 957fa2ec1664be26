"""Cards that their owners deleted: the gateway is asked to forget each until it confirms it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.kit.periods import SECOND_US
from dcx.payments.repository import CardRepository
from dcx.payments.service.cards import words_of

LEASE_US = 300 * SECOND_US
_WAITS_S = (60, 300, 1_800, 7_200, 21_600, 86_400)


@dataclass(frozen=True, slots=True)
class Deletion:
    """A card that is ours to delete until its lease ends. Its token is sealed."""

    card_id: int
    token: str
    tries: int


def claim_deletion(session: Session, *, now_us: int) -> Deletion | None:
    """Take the deletion that has been due longest; None where none is due. Whoever dies with it
    leaves it due again after 5 minutes: deleting twice is the same as once.
    """
    row = CardRepository(session).lock_deletion(now_us)
    if row is None:
        return None
    row.tries += 1
    row.next_try_us = now_us + LEASE_US
    return Deletion(row.id, row.token or "", row.tries)


def settle_deleted(session: Session, claimed: Deletion, *, now_us: int) -> None:
    """The gateway forgot it: so does DCX, but for its last digits."""
    row = CardRepository(session).hold(claimed.card_id)
    if row is not None and row.state == "deleting":
        row.state, row.token, row.next_try_us, row.ended_us = "deleted", None, None, now_us


def settle_late(session: Session, claimed: Deletion, *, now_us: int) -> None:
    """It was in vain: later, and later still, but never given up."""
    row = CardRepository(session).hold(claimed.card_id)
    if row is not None and row.state == "deleting":
        wait_s = _WAITS_S[min(claimed.tries, len(_WAITS_S)) - 1]
        row.next_try_us = now_us + wait_s * SECOND_US


@dataclass(frozen=True, slots=True)
class Waiting:
    """A deletion that the gateway has not confirmed, for staff."""

    customer: str
    words: str
    tries: int
    next_try_us: int


def waiting_deletions(session: Session) -> list[Waiting]:
    """All of them, the oldest first."""
    return [
        Waiting(customer, words_of(brand, last4), tries, next_try_us)
        for customer, brand, last4, tries, next_try_us in CardRepository(session).deletions()
    ]


def count_deletions(session: Session) -> int:
    return CardRepository(session).count_deletions()
