"""A saved estimate as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.estimates.errors import AskRefusedError
from dcx.estimates.repository import VersionRow
from dcx.estimates.rules.answers import Answer
from dcx.estimates.service.given import Given, given
from dcx.estimates.service.prices import Desk
from dcx.estimates.service.saved import Saved, changed_since, versions_of
from dcx.estimates.service.shares import shares_of


@dataclass(frozen=True, slots=True)
class View:
    """An estimate as it was given, its versions (oldest first), what it would cost now where that
    is something else, and how many links to it are open.
    """

    given: Given
    versions: Sequence[VersionRow]
    changed: Answer | None
    open_links: int


def view(session: Session, key: str, desk: Desk, *, customer: str | None) -> View:
    """UnknownEstimateError where there is none, or it is not `customer`'s."""
    found = given(session, key, customer=customer)
    return View(
        given=found,
        versions=versions_of(session, found.saved),
        changed=_changed(session, found.saved, desk),
        open_links=sum(
            link.state(desk.now_us) == "open" for link in shares_of(session, found.saved)
        ),
    )


def _changed(session: Session, saved: Saved, desk: Desk) -> Answer | None:
    """None too where it cannot be priced any more."""
    try:
        return changed_since(session, saved, desk)
    except AskRefusedError:
        return None
