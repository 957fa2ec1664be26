"""A saved estimate with what its files say about it: for whom, and how long its prices hold."""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.estimates.service.saved import Saved, get_saved
from dcx.pricing import service as pricing


@dataclass(frozen=True, slots=True)
class Given:
    """`customer` is the name of whoever it is for, '' of nobody in particular. `since_us` and
    `until_us` say when the version of its price book begins and when the next one does, as far as
    that is known.
    """

    saved: Saved
    customer: str
    since_us: int | None
    until_us: int | None

    @property
    def file_name(self) -> str:
        """estimate-web-shop-v2, without what comes after the last point."""
        words = re.sub(r"[^a-z0-9]+", "-", self.saved.answer.name.lower()).strip("-")
        return f"estimate-{words or self.saved.key}-v{self.saved.number}"


def given(session: Session, key: str, *, customer: str | None) -> Given:
    """UnknownEstimateError where there is none, or it is not `customer`'s (None: staff see all)."""
    saved = get_saved(session, key, customer=customer)
    who = accounts.find_customer(session, saved.customer) if saved.customer else None
    starts = {
        row.number: row.starts_us for row in pricing.books(session) if row.book == saved.answer.book
    }
    version = saved.answer.version
    return Given(
        saved, who.name if who else saved.customer, starts.get(version), starts.get(version + 1)
    )
