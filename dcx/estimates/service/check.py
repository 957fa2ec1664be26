"""Invariants of estimates: they stay as they were given."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from dcx.estimates.repository import EstimateRepository
from dcx.kit.ids import fingerprint


def breaches(session: Session) -> Iterator[str]:
    """Every broken promise of estimates, one sentence each, naming the row."""
    for row in EstimateRepository(session).every():
        if fingerprint(row.asked + row.answered) != row.digest:
            yield f"estimate {row.key}: it differs from its fingerprint"
