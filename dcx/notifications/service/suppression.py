"""Addresses that mails bounce from: nothing is sent there until staff lift it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.kit.actors import Actor
from dcx.notifications.errors import UnknownMailError
from dcx.notifications.repository import SuppressionRepository

LONGEST_REASON = 300
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Suppressed:
    """An address, what its server said, and since when nothing is sent there."""

    address: str
    reason: str
    since_us: int


def suppress(session: Session, address: str, reason: str, *, now_us: int) -> None:
    """Send nothing to an address any more. One that is on the list keeps its first reason."""
    SuppressionRepository(session).put(address.lower(), reason[:LONGEST_REASON], now_us)


def suppressed(session: Session, limit: int = MOST_SHOWN) -> Sequence[Suppressed]:
    """The addresses, the latest first."""
    rows = SuppressionRepository(session).latest(limit)
    return [Suppressed(row.address, row.reason, row.since_us) for row in rows]


def lift(session: Session, actor: Actor, address: str, *, now_us: int) -> None:
    """Send to an address again; mails that failed meanwhile are not sent by themselves.

    UnknownMailError where it is not suppressed.
    """
    reason = SuppressionRepository(session).take(address.lower())
    if reason is None:
        raise UnknownMailError(f"Mails to {address} are not held back.")
    deed = journal.Deed("mails let through again", address, before={"reason": reason})
    journal.record(session, actor, deed, now_us=now_us)
