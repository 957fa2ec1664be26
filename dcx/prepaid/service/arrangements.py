"""What customers arranged with their wallet, and how a change of it is written."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.prepaid import models
from dcx.prepaid.repository import PrepaidRepository
from dcx.prepaid.rules import AutoTerms, State, Terms, as_text, as_thresholds


def terms_of(session: Session, customers: Sequence[str] | None) -> dict[str, tuple[Terms, State]]:
    """What those who arranged something arranged, and where the watch stands; in one statement."""
    rows = PrepaidRepository(session).arrangements(customers)
    return {row.customer: (_terms(row), state_of(row)) for row in rows}


def defaults(billing: str) -> Terms:
    """What holds for a customer who arranged nothing: only prepaid ones pay from the wallet."""
    return Terms(pays_from_wallet=billing == "prepaid")


def arrange(session: Session, customer: str, terms: Terms, *, by: Actor, now_us: int) -> None:
    """Write what a customer arranged. Where nothing differs, nothing is written.

    A card that failed is tried again at once when its owner sets the top-up anew.
    """
    who = accounts.get_customer(session, customer)
    row = locked(session, customer, defaults(who.billing), now_us=now_us)
    before = _terms(row)
    if before == terms:
        return
    for name, value in _columns(terms).items():
        setattr(row, name, value)
    if before.auto != terms.auto:
        row.auto_resumes_us = 0
    row.changed_us = now_us
    session.flush()
    deed = Deed("wallet arranged", customer, customer, _facts(before), _facts(terms))
    journal.record(session, by, deed, now_us=now_us)


def locked(session: Session, customer: str, terms: Terms, *, now_us: int) -> models.Arrangement:
    """The customer's row, made with these terms where it is new, held until the transaction
    ends.
    """
    fresh = {
        **_columns(terms), **asdict(State()), "auto_resumes_us": 0, "changed_us": now_us,
    }  # fmt: skip
    return PrepaidRepository(session).lock(customer, fresh)


def state_of(row: models.Arrangement) -> State:
    return State(row.warned_cents, row.zero_us, row.announced_us, row.suspended_us)


def set_state(row: models.Arrangement, state: State) -> None:
    for name, value in asdict(state).items():
        setattr(row, name, value)


def _terms(row: models.Arrangement) -> Terms:
    auto = AutoTerms(
        row.auto_is_on, row.auto_cents, row.auto_below_cents, row.auto_card, row.auto_a_day
    )
    thresholds = as_thresholds(row.thresholds)
    return Terms(thresholds, row.at_zero, row.grace_hours, row.pays_from_wallet, auto)


def _columns(terms: Terms) -> dict[str, Any]:
    auto = terms.auto
    return {
        "thresholds": as_text(terms.thresholds),
        "at_zero": terms.at_zero,
        "grace_hours": terms.grace_hours,
        "pays_from_wallet": terms.pays_from_wallet,
        "auto_is_on": auto.is_on,
        "auto_cents": auto.cents,
        "auto_below_cents": auto.below_cents,
        "auto_card": auto.card,
        "auto_a_day": auto.a_day,
    }


def _facts(terms: Terms) -> dict[str, Any]:
    return {name: value for name, value in _columns(terms).items() if name != "auto_card"}
