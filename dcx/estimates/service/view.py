"""A saved estimate as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.accounts.service import Customer
from dcx.estimates.errors import AskRefusedError
from dcx.estimates.rules.answers import Answer
from dcx.estimates.service.prices import Desk
from dcx.estimates.service.saved import Saved, changed_since, get_saved, versions_of
from dcx.estimates.service.shares import shares_of
from dcx.pricing import service as pricing


@dataclass(frozen=True, slots=True)
class View:
    """An estimate, its versions (oldest first), whose it is, what it would cost now where that is
    something else, since when its prices were in force, and how many links to it are open.
    """

    saved: Saved
    versions: Sequence[Saved]
    owner: Customer | None
    changed: Answer | None
    priced_from_us: int | None
    open_links: int


def view(session: Session, key: str, desk: Desk, *, customer: str | None) -> View:
    """UnknownEstimateError where there is none, or it is not `customer`'s."""
    saved = get_saved(session, key, customer=customer)
    return View(
        saved=saved,
        versions=versions_of(session, saved),
        owner=accounts.find_customer(session, saved.customer) if saved.customer else None,
        changed=_changed(session, saved, desk),
        priced_from_us=_priced_from(session, saved.answer),
        open_links=sum(link.state(desk.now_us) == "open" for link in shares_of(session, saved)),
    )


def _changed(session: Session, saved: Saved, desk: Desk) -> Answer | None:
    """None too where it cannot be priced any more."""
    try:
        return changed_since(session, saved, desk)
    except AskRefusedError:
        return None


def _priced_from(session: Session, answer: Answer) -> int | None:
    if not answer.version:
        return None
    return pricing.get_version(session, answer.book, answer.version).starts_us
