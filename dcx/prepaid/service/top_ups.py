"""Automatic top-ups: an intent is written, then a saved card is charged for it, then the outcome is
written. Whoever dies between finds the intent again, and asks before charging.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.accounts.service import recipients, tell
from dcx.billing.service import Desk
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import CLOCK
from dcx.kit.money import cents_text
from dcx.notifications.service import AutoTopUpFailed, Site
from dcx.prepaid.models import AutoTopUp
from dcx.prepaid.repository import PrepaidRepository
from dcx.prepaid.rules import DAY_US, AutoTerms, Tried, is_top_up_due
from dcx.prepaid.service.arrangements import defaults, locked
from dcx.prepaid.service.standing import Standing, standing

COOL_DOWN_US = DAY_US
PAID, DECLINED, UNKNOWN, WANTED = "paid", "declined", "unknown", "wanted"


@dataclass(frozen=True, slots=True)
class Intent:
    """A top-up that was decided: `form_key` makes it one payment, however often it is tried."""

    customer: str
    crossing: int
    cents: int
    card: str
    email: str

    @property
    def form_key(self) -> str:
        return f"automatic/{self.crossing}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a charge ended: paid, declined, or unknown as yet. `words` is one sentence."""

    state: str
    payment: str = ""
    words: str = ""


def may_be_due(found: Standing) -> bool:
    """Is it worth a closer look? The intent is decided under the row's lock."""
    auto = found.terms.auto
    return auto.is_on and bool(auto.card) and found.live_cents < auto.below_cents


def intend(session: Session, customer: str, desk: Desk, *, now_us: int) -> Intent | None:
    """Decide a top-up and write it down; None where none is due. One for each crossing: no second
    one begins while the first is open.
    """
    billed_as = accounts.get_customer(session, customer).billing
    row = locked(session, customer, defaults(billed_as), now_us=now_us)
    repository = PrepaidRepository(session)
    tried = Tried(
        repository.count_since(customer, now_us - DAY_US),
        repository.is_open(customer),
        row.auto_resumes_us,
    )
    found = standing(session, customer, desk, now_us=now_us)
    if not is_top_up_due(found.terms.auto, found.live_cents, tried, now_us):
        return None
    top_up = AutoTopUp(
        customer=customer,
        crossing=repository.last_crossing(customer) + 1,
        amount_cents=found.terms.auto.cents,
        payment="",
        state=WANTED,
        created_us=now_us,
    )
    repository.add(top_up)
    return _intent(session, top_up, found.terms.auto)


def open_intents(session: Session) -> Sequence[Intent]:
    """Every top-up whose outcome is not known, oldest first."""
    rows = PrepaidRepository(session).open_top_ups()
    known = PrepaidRepository(session).arrangements([row.customer for row in rows])
    cards = {row.customer: row.auto_card for row in known}
    return [_intent(session, row, AutoTerms(card=cards.get(row.customer, ""))) for row in rows]


def _intent(session: Session, row: AutoTopUp, auto: AutoTerms) -> Intent:
    email = next(iter(recipients(session, row.customer)), "")
    return Intent(row.customer, row.crossing, row.amount_cents, auto.card, email)


def settle(session: Session, intent: Intent, outcome: Outcome, *, site: Site, now_us: int) -> bool:
    """Write how a charge ended; was it open? After a decline nothing is tried for a day, and the
    customer is told.
    """
    who = accounts.get_customer(session, intent.customer)
    row = locked(session, intent.customer, defaults(who.billing), now_us=now_us)
    repository = PrepaidRepository(session)
    if not repository.settle(intent.customer, intent.crossing, outcome.state, outcome.payment):
        return False
    if outcome.state == DECLINED:
        row.auto_resumes_us = now_us + COOL_DOWN_US
        words = _failed(who.name, intent, outcome, site)
        tell(session, intent.customer, words, site=site, now_us=now_us)
    if outcome.state != UNKNOWN:
        facts = {"amount": cents_text(intent.cents), "payment": outcome.payment}
        action = f"automatic top-up {outcome.state}"
        deed = Deed(action, intent.customer, intent.customer, after=facts)
        journal.record(session, CLOCK, deed, now_us=now_us)
    return True


def _failed(name: str, intent: Intent, outcome: Outcome, site: Site) -> AutoTopUpFailed:
    link = site.link(f"/c/{intent.customer}/wallet")
    return AutoTopUpFailed(name, site.looks.money(intent.cents), outcome.words, link)
