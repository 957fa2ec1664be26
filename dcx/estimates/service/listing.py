"""The list of estimates: the newest version of each."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from dcx.estimates.repository import LISTED_COLUMNS, EstimateRepository, ListedRow, Wanted
from dcx.kit.sorting import Ask, Page


def list_estimates(session: Session, wanted: Wanted, ask: Ask) -> Page[ListedRow]:
    """A page of them, as it is asked for."""
    return EstimateRepository(session).page(wanted, ask)


def every_estimate(session: Session, wanted: Wanted, ask: Ask) -> Iterator[ListedRow]:
    """All of them in the order asked for, streamed."""
    return EstimateRepository(session).every_listed(wanted, ask)


__all__ = ["LISTED_COLUMNS", "ListedRow", "Wanted", "every_estimate", "list_estimates"]
