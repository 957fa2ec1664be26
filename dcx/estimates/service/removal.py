"""Removing an estimate: it is gone from every list and link, and the audit says who did it."""

from sqlalchemy.orm import Session

from dcx.estimates.repository import EstimateRepository, ShareRepository
from dcx.estimates.service.saved import Saved, versions_of
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.money import cents_text


def remove(session: Session, saved: Saved, *, by: Actor, now_us: int) -> None:
    """Remove all versions of an estimate. Links to any of them lead nowhere from now on."""
    EstimateRepository(session).lock(saved.series)
    keys = [each.key for each in versions_of(session, saved)]
    for link in ShareRepository(session).of(keys):
        link.revoked_us = link.revoked_us or now_us
    EstimateRepository(session).remove(saved.series, now_us)
    facts = {
        "name": saved.answer.name,
        "versions": len(keys),
        "net": cents_text(saved.answer.net_cents),
    }
    deed = Deed("estimate removed", saved.key, saved.customer, before=facts)
    journal.record(session, by, deed, now_us=now_us)
