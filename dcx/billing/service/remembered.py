"""Drafts as pages show them: worked out once, until something changes that they rest on.

Source: docs/decisions/0008-drafts-are-remembered.md.
"""

from collections.abc import Hashable, Sequence

from sqlalchemy.orm import Session

from dcx.billing.service.drafts import Desk, Draft, drafts
from dcx.journal import service as journal
from dcx.kit.memo import Memo
from dcx.metering import service as metering

_KEPT: Memo[Sequence[Draft]] = Memo(6)


def state_of(session: Session) -> Hashable:
    """What all drafts rest on: which database, the last change of segments and how far they count,
    and the last entry of the audit, which has every change of customers, prices, VAT and invoices.

    Read it before what it stands for: an answer may then be newer than its state, never older.
    """
    turn, until_us = metering.turn(session), metering.metered_until(session)
    return str(session.get_bind().engine.url), turn, until_us, journal.chain_end(session)


def remembered_drafts(session: Session, month: str, desk: Desk) -> Sequence[Draft]:
    """Every customer's draft, by key, for pages to look at. Issuing works its own out."""
    key = (state_of(session), month, desk)
    return _KEPT.recall(key, lambda: drafts(session, month, desk))
