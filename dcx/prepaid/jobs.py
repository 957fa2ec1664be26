"""The clock's door to prepaid: pay what is due from wallets, say what is to be said, top up."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from dcx.billing.service import Desk
from dcx.kit.periods import to_us
from dcx.notifications.service import Site
from dcx.prepaid.service import standing as standings_of
from dcx.prepaid.service import top_ups, watch
from dcx.prepaid.service.standing import Standing
from dcx.prepaid.service.top_ups import Intent, Outcome
from dcx.repository.session import reading, transaction

Charge = Callable[[Intent], Outcome]
"""Charges a saved card for an intent, or asks how its charge went where one was begun."""


def look_after(
    desk: Desk, site: Site, *, charge: Charge | None, clock: Callable[[], int] | None = None
) -> dict[str, int]:
    """Settle invoices that wallets can pay, move every prepaid customer's state, top up from saved
    cards (not without `charge`); count what was done.

    Safe to repeat, to end at any point and to run beside itself.
    """
    now, counts = clock or _now_us, Counter(settled=0, said=0, topped_up=0)
    counts["settled"] = _settle_dues(now())
    with reading() as session:
        found = standings_of.standings(session, desk, now_us=now())
    for each in found:
        if watch.is_moving(each, now_us=now()):
            with transaction() as session:
                said = watch.move(session, each.customer.key, desk, site=site, now_us=now())
            counts["said"] += len(said)
    if charge is not None:
        counts["topped_up"] = _top_up(found, desk, site, charge, now)
    return counts


def _settle_dues(now_us: int) -> int:
    with reading() as session:
        due = watch.with_dues(session)
    paid = 0
    for customer in due:
        with transaction() as session:
            paid += bool(watch.settle_dues(session, customer, now_us=now_us))
    return paid


def _top_up(
    found: list[Standing], desk: Desk, site: Site, charge: Charge, now: Callable[[], int]
) -> int:
    """Decide new top-ups, then see every open one through: no transaction is open while the gateway
    is spoken to.
    """
    for each in found:
        if top_ups.may_be_due(each):
            with transaction() as session:
                top_ups.intend(session, each.customer.key, desk, now_us=now())
    with reading() as session:
        intents = top_ups.open_intents(session)
    done = 0
    for intent in intents:
        outcome = charge(intent)
        with transaction() as session:
            is_settled = top_ups.settle(session, intent, outcome, site=site, now_us=now())
        done += is_settled and outcome.state == top_ups.PAID
    return done


def _now_us() -> int:
    return to_us(datetime.now(UTC))
