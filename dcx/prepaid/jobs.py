"""The clock's door to prepaid: pay what is due from wallets, say what is to be said, top up."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from dcx.billing.service import Desk
from dcx.kit.actors import CLOCK
from dcx.kit.errors import DomainError
from dcx.kit.periods import to_us
from dcx.kit.turns import Turns
from dcx.notifications.service import Site
from dcx.payments import service as payments
from dcx.payments.service.unattended import Unattended, charge_saved_card, charged
from dcx.prepaid.service import top_ups, watch
from dcx.prepaid.service.standing import Standing, standings
from dcx.prepaid.service.top_ups import Intent, Outcome
from dcx.repository.session import reading, transaction
from dcx.settings import Gateway

Charge = Callable[[Intent], Outcome]
"""Charges a saved card for an intent, or asks how its charge went where one was begun."""
Clock = Callable[[], int]


def look_after(
    desk: Desk, site: Site, *, charge: Charge | None, clock: Clock | None = None
) -> dict[str, int]:
    """Settle invoices that wallets can pay, move every prepaid customer's state, top up from saved
    cards (not without `charge`); count what was done.

    Safe to repeat, to end at any point and to run beside itself. What fails for one customer keeps
    no other from it, and is raised at the end.
    """
    now, counts = clock or _now_us, Counter(settled=0, said=0, topped_up=0)
    turns = Turns()
    counts["settled"] = _settle_dues(turns, now())
    with reading() as session:
        found = standings(session, desk, now_us=now())
    for each in found:
        if watch.is_moving(each, now_us=now()):
            with turns.one(), transaction() as session:
                said = watch.move(session, each.customer.key, desk, site=site, now_us=now())
                counts["said"] += len(said)
    if charge is not None:
        _intend(turns, found, desk, now)
        counts["topped_up"] = _top_up(turns, site, charge, now)
    turns.end()
    return counts


def _settle_dues(turns: Turns, now_us: int) -> int:
    with reading() as session:
        due = watch.with_dues(session)
    paid = 0
    for customer in due:
        with turns.one(), transaction() as session:
            paid += bool(watch.settle_dues(session, customer, now_us=now_us))
    return paid


def _intend(turns: Turns, found: Sequence[Standing], desk: Desk, now: Clock) -> None:
    """Decide new top-ups."""
    for each in found:
        if top_ups.may_be_due(each):
            with turns.one(), transaction() as session:
                top_ups.intend(session, each.customer.key, desk, now_us=now())


def _top_up(turns: Turns, site: Site, charge: Charge, now: Clock) -> int:
    """See every open top-up through: no transaction is open while the gateway is spoken to."""
    with reading() as session:
        intents = top_ups.open_intents(session)
    done = 0
    for intent in intents:
        with turns.one():
            outcome = charge(intent)
            with transaction() as session:
                is_settled = top_ups.settle(session, intent, outcome, site=site, now_us=now())
            done += is_settled and outcome.state == top_ups.PAID
    return done


def charging(gateway: Gateway, desk: payments.Desk, clock: Clock | None = None) -> Charge | None:
    """How saved cards are charged; None where PayGate did not agree to that for our id."""
    now = clock or _now_us
    if not (gateway.charges_alone and gateway.payhost_password):
        return None

    def charge(intent: Intent) -> Outcome:
        wanted = Unattended(
            intent.customer, intent.cents, desk.currency, intent.card, intent.form_key, intent.email
        )
        try:
            key = charge_saved_card(gateway, wanted, desk, by=CLOCK, clock=now)
        except DomainError as error:
            return Outcome(top_ups.DECLINED, words=error.message)
        with reading() as session:
            found = charged(session, key)
        return Outcome(found.state, key, found.words)

    return charge


def _now_us() -> int:
    return to_us(datetime.now(UTC))
