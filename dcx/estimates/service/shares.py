"""Links by which anybody may read an estimate: for some days, until they are revoked."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.estimates.errors import LinkGoneError, TooManyGuessesError, UnknownEstimateError
from dcx.estimates.models import EstimateShare
from dcx.estimates.repository import ShareRepository
from dcx.estimates.service.saved import Saved, get_saved, versions_of
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.errors import FormError
from dcx.kit.ids import fingerprint, new_id
from dcx.kit.periods import HOUR_US, instant_text

DAY_US = 24 * HOUR_US
USUAL_DAYS, MOST_DAYS = 30, 90
MOST_GUESSES = 20
_GUESSES = "shared estimate by address"


@dataclass(frozen=True, slots=True)
class Share:
    """A link as it is listed; its token is known to nobody but those who were given it."""

    key: str
    estimate: str
    made_by: str
    created_us: int
    expires_us: int
    revoked_us: int | None

    def state(self, now_us: int) -> str:
        """open, expired or revoked."""
        if self.revoked_us is not None:
            return "revoked"
        return "open" if now_us < self.expires_us else "expired"


def share(
    session: Session, saved: Saved, *, days: int, by: Actor, now_us: int
) -> tuple[Share, str]:
    """A link to one version and its token, which is told this once: only its fingerprint is kept.

    FormError where `days` are not 1 to 90.
    """
    if not 1 <= days <= MOST_DAYS:
        raise FormError({"days": f"A link lasts from 1 to {MOST_DAYS} days."})
    token = new_id()
    row = EstimateShare(
        key=new_id(),
        estimate=saved.key,
        token_hash=fingerprint(token),
        made_by=by.who,
        created_us=now_us,
        expires_us=now_us + days * DAY_US,
        revoked_us=None,
    )
    ShareRepository(session).add(row)
    facts = {"name": saved.answer.name, "link": row.key, "until": instant_text(row.expires_us)}
    deed = Deed("estimate shared", saved.key, saved.customer, after=facts)
    journal.record(session, by, deed, now_us=now_us)
    return _share(row), token


def shares_of(session: Session, saved: Saved) -> Sequence[Share]:
    """The links to all versions of an estimate, newest first."""
    keys = [each.key for each in versions_of(session, saved)]
    return [_share(row) for row in ShareRepository(session).of(keys)]


def revoke(session: Session, saved: Saved, key: str, *, by: Actor, now_us: int) -> None:
    """End a link at once; repeating it changes nothing. UnknownEstimateError for a link that is
    not one of this estimate's.
    """
    keys = [each.key for each in versions_of(session, saved)]
    row = next((row for row in ShareRepository(session).of(keys) if row.key == key), None)
    if row is None:
        raise UnknownEstimateError("There is no such link to this estimate.")
    if row.revoked_us is not None:
        return
    row.revoked_us = now_us
    facts = {"name": saved.answer.name, "link": row.key}
    deed = Deed("estimate link revoked", row.estimate, saved.customer, before=facts)
    journal.record(session, by, deed, now_us=now_us)


def opened(session: Session, token: str, *, address: str, now_us: int) -> tuple[Saved, Share]:
    """What a link shows. LinkGoneError alike for one that never was, has expired or is revoked;
    TooManyGuessesError for an address that tried too many of these: count them with `count_guess`.
    """
    if journal.counted(session, _GUESSES, address, now_us=now_us) >= MOST_GUESSES:
        raise TooManyGuessesError("Too many links that lead nowhere. Wait 15 minutes.")
    row = ShareRepository(session).by_token(fingerprint(token))
    if row is None or _share(row).state(now_us) != "open":
        raise LinkGoneError("This link leads nowhere.")
    return get_saved(session, row.estimate, customer=None), _share(row)


def count_guess(session: Session, address: str, *, now_us: int) -> None:
    """Count a link that led nowhere, in a transaction of its own."""
    journal.count(session, _GUESSES, address, now_us=now_us)


def _share(row: EstimateShare) -> Share:
    return Share(row.key, row.estimate, row.made_by, row.created_us, row.expires_us, row.revoked_us)
