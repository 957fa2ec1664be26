"""The clock's doors to cards: have deleted ones forgotten, and tell of those that expire."""

from collections import Counter
from zoneinfo import ZoneInfo

from dcx.kit.periods import month_name
from dcx.kit.turns import Turns
from dcx.kit.vault import SealBrokenError, Vault
from dcx.notifications.service import Site
from dcx.payments.errors import GatewayRefusedError, GatewaySilentError
from dcx.payments.jobs.clock import Clock, now_us
from dcx.payments.payhost import PayHost
from dcx.payments.service import cards, deletions, reminders
from dcx.repository.session import reading, transaction
from dcx.settings import Gateway

MOST_AT_ONCE = 200
_IN_VAIN = (GatewayRefusedError, GatewaySilentError, SealBrokenError)


def delete_cards(gateway: Gateway, vault: Vault, *, clock: Clock | None = None) -> dict[str, int]:
    """Have the gateway forget the cards that are due; count those deleted, late, and left waiting
    for want of a PayHost password. Safe to repeat, to end at any point and to run beside itself.
    """
    now, counts = clock or now_us, Counter(deleted=0, late=0, waiting=0)
    if not gateway.payhost_password:
        with reading() as session:
            counts["waiting"] = deletions.count_deletions(session)
        return counts
    while counts.total() < MOST_AT_ONCE and (claimed := _claimed(now())):
        counts[_deleted(PayHost(gateway), vault, claimed, now)] += 1
    return counts


def _claimed(now_us: int) -> deletions.Deletion | None:
    with transaction() as session:
        return deletions.claim_deletion(session, now_us=now_us)


def _deleted(payhost: PayHost, vault: Vault, claimed: deletions.Deletion, now: Clock) -> str:
    """How it went, as a word."""
    try:
        payhost.delete(vault.open(claimed.token))
    except _IN_VAIN:
        with transaction() as session:
            deletions.settle_late(session, claimed, now_us=now())
        return "late"
    with transaction() as session:
        deletions.settle_deleted(session, claimed, now_us=now())
    return "deleted"


def remind_of_expiry(
    gateway: Gateway, vault: Vault, site: Site, zone: ZoneInfo, *, clock: Clock | None = None
) -> dict[str, int]:
    """Mail the owner of each card that expires this month, once; a card that the gateway no longer
    has is not reminded of but buried. Safe to repeat and to run beside itself; what fails for one
    card is raised after the others.
    """
    now, counts = clock or now_us, Counter(reminded=0, dead=0)
    month, turns = month_name(now(), zone), Turns()
    with reading() as session:
        due = reminders.expiring(session, month=month)
    for card in due[:MOST_AT_ONCE]:
        with turns.one():
            is_gone = _is_gone(gateway, vault, card.token)
            with transaction() as session:
                if is_gone:
                    cards.bury(session, card.card_id, now_us=now())
                is_told = not is_gone and reminders.remind(
                    session, card.card_id, month=month, site=site, now_us=now()
                )
            counts.update(dead=int(is_gone), reminded=int(is_told))
    turns.end()
    return counts


def _is_gone(gateway: Gateway, vault: Vault, token: str) -> bool:
    """Does the gateway say that it no longer has the card? Where it says nothing, it may."""
    if not gateway.payhost_password:
        return False
    try:
        return PayHost(gateway).look_up(vault.open(token)) is None
    except _IN_VAIN:
        return False
