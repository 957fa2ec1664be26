"""Answers to repeated requests: an Idempotency-Key is worked once."""

from sqlalchemy.orm import Session

from dcx.journal.models import Idempotency
from dcx.journal.repository import JournalRepository
from dcx.kit.errors import DomainError


class KeyReusedError(DomainError):
    """The same Idempotency-Key with another request, or while the first one is under way."""

    code = "idempotency_key_reused"


def claim_request(
    session: Session, caller: str, key: str, request: str, *, now_us: int
) -> Idempotency | None:
    """Claim an Idempotency-Key in a transaction of its own, before the work.

    None: do the work, then `keep_answer`. A row: the answer that was given. KeyReusedError where
    the key came with another request or its first one is not answered yet.
    """
    repository = JournalRepository(session)
    if repository.claim_key(caller, key, request, now_us):
        return None
    known = repository.answer(caller, key)
    if known is None or known.request != request:
        raise KeyReusedError("This Idempotency-Key was used with another request.")
    if known.status is None:
        raise KeyReusedError("The first request with this Idempotency-Key is still under way.")
    return known


def keep_answer(session: Session, caller: str, key: str, *, status: int, body: str) -> None:
    """Remember the answer in the transaction of the work or after it."""
    known = JournalRepository(session).answer(caller, key)
    if known is not None:
        known.status, known.body = status, body


def release_request(session: Session, caller: str, key: str) -> None:
    """The work failed: the key may be used again."""
    JournalRepository(session).release_key(caller, key)
