"""Counts of tries, kept in the database: shared by all workers, and they survive a restart."""

from sqlalchemy.orm import Session

from dcx.journal.repository import JournalRepository

WINDOW_US = 15 * 60_000_000


def count(session: Session, kind: str, subject: str, *, now_us: int) -> int:
    """Count one more try of a subject in this quarter of an hour, shared by all workers."""
    return JournalRepository(session).count(kind, subject[:200], now_us - now_us % WINDOW_US)


def counted(session: Session, kind: str, subject: str, *, now_us: int) -> int:
    """How many tries of a subject there were in this quarter of an hour; counts none."""
    return JournalRepository(session).counted(kind, subject[:200], now_us - now_us % WINDOW_US)


def forget(session: Session, kind: str, subject: str) -> None:
    """Start counting anew, after a success."""
    JournalRepository(session).forget(kind, subject[:200])
