"""Pure rules of prepaid: what a wallet is worth now, how long it lasts, and what happens as it
runs low.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dcx.kit.money import half_up
from dcx.kit.periods import HOUR_US

NOTIFY, BLOCK, SUSPEND = AT_ZERO = ("notify", "block", "suspend")
DAY_US = 24 * HOUR_US
AHEAD_US, CALM_US = 72 * HOUR_US, 96 * HOUR_US
"""Zero is announced when it is nearer than the first, and may be again once it was beyond the
second.
"""
LONGEST_US = 5 * 365 * DAY_US
MARGIN_CENTS = 1_00
MOST_DRIVERS = 5


@dataclass(frozen=True, slots=True)
class AutoTerms:
    """Automatic top-up: from which card, how much, below which balance, how often a day."""

    is_on: bool = False
    cents: int = 500_00
    below_cents: int = 100_00
    card: str = ""
    a_day: int = 1


@dataclass(frozen=True, slots=True)
class Terms:
    """What a customer arranged: the balances that are warned of (largest first), what happens at
    zero, after how many hours an account is suspended, and how invoices are paid.
    """

    thresholds: tuple[int, ...] = (200_00, 50_00)
    at_zero: str = NOTIFY
    grace_hours: int = 48
    pays_from_wallet: bool = True
    auto: AutoTerms = AutoTerms()

    @property
    def levels(self) -> tuple[int, ...]:
        """The balances that are watched from above: every threshold, and zero."""
        return tuple(sorted({*self.thresholds, 0}, reverse=True))


@dataclass(frozen=True, slots=True)
class State:
    """Where the watch stands: the level warned of last, since when nothing is left, when that was
    announced, since when the account is suspended. All None while all is well.
    """

    warned_cents: int | None = None
    zero_us: int | None = None
    announced_us: int | None = None
    suspended_us: int | None = None


def live_cents(wallet: int, credit: int, owed: int, unbilled: int) -> int:
    """What a customer has left. Issuing an invoice, and paying it from the wallet, leave it as it
    is: what was unbilled is owed then, and what was owed is paid.
    """
    return wallet + credit - owed - unbilled


@dataclass(frozen=True, slots=True)
class Runway:
    """How long a balance lasts: until an instant, or without an end (None). `daily_cents` is what a
    day costs at the present rate.
    """

    daily_cents: int
    until_us: int | None
    is_over: bool = False

    @property
    def is_far(self) -> bool:
        """Does it last longer than anybody would plan?"""
        return not self.is_over and self.daily_cents > 0 and self.until_us is None


def runway(live: int, cost_cents: int, window_us: int, from_us: int) -> Runway:
    """When a balance, as of `from_us`, is used up by what the `window_us` before it cost."""
    daily = half_up(cost_cents * DAY_US, window_us) if window_us else 0
    if live <= 0:
        return Runway(daily, None, is_over=True)
    if cost_cents <= 0 or not window_us:
        return Runway(daily, None)
    length_us = live * window_us // cost_cents
    return Runway(daily, from_us + length_us if length_us <= LONGEST_US else None)


@dataclass(frozen=True, slots=True)
class Driver:
    """A resource that drives the rate: what it cost in the window, and its share of all."""

    kind: str
    resource: str
    name: str
    cents: int
    share: float

    @property
    def words(self) -> str:
        return self.name or self.resource or "what is priced together"


def drivers(costs: Mapping[tuple[str, str], tuple[str, int]]) -> tuple[Driver, ...]:
    """The resources with the largest shares, of (name, cents) by kind and resource."""
    whole = sum(cents for _, cents in costs.values())
    ranked = sorted(costs.items(), key=lambda item: (-item[1][1], item[0]))
    return tuple(
        Driver(kind, resource, name, cents, cents / whole)
        for (kind, resource), (name, cents) in ranked[:MOST_DRIVERS]
        if cents > 0
    )


class Event(StrEnum):
    """What the watch says or does when a state moves."""

    LOW = "low"
    FINE = "fine"
    AHEAD = "ahead"
    SUSPENDED = "suspended"
    RESUMED = "resumed"


def is_below(live: int, level: int) -> bool:
    return live < level or live <= 0


def is_above(live: int, level: int) -> bool:
    """Is it above a level by enough that it does not fall below again at once?"""
    return live >= level + max(level // 10, MARGIN_CENTS)


def next_state(
    terms: Terms, state: State, live: int, until_us: int | None, now_us: int
) -> tuple[State, tuple[Event, ...]]:
    """Where the watch goes, and what is to be said. Asked again with the new state it says nothing:
    each is said once.
    """
    moved, events = state, []
    for step in (_announced, _warned, _at_zero):
        moved, said = step(terms, moved, live, until_us, now_us)
        events += said
    if Event.AHEAD in events and is_below(live, 0) and Event.LOW in events:
        events.remove(Event.LOW)
    return moved, tuple(events)


Step = tuple[State, list[Event]]


def _announced(_: Terms, state: State, live: int, until_us: int | None, now_us: int) -> Step:
    """Zero is announced once on the way down; where it comes all at once, on its arrival."""
    left_us = 0 if is_below(live, 0) else None if until_us is None else until_us - now_us
    if left_us is not None and left_us < AHEAD_US:
        if state.announced_us is None:
            return replace(state, announced_us=now_us), [Event.AHEAD]
    elif left_us is None or left_us >= CALM_US:
        return replace(state, announced_us=None), []
    return state, []


def _warned(terms: Terms, state: State, live: int, _: int | None, _now_us: int) -> Step:
    """Each level is warned of once, and again only after the balance was well above it."""
    deepest = min((level for level in terms.levels if is_below(live, level)), default=None)
    warned = state.warned_cents
    if deepest is not None and (warned is None or deepest < warned):
        return replace(state, warned_cents=deepest), [Event.LOW]
    if warned is None or not is_above(live, warned):
        return state, []
    left = [level for level in terms.levels if level > warned and not is_above(live, level)]
    if left:
        return replace(state, warned_cents=min(left)), []
    return replace(state, warned_cents=None), [Event.FINE]


def _at_zero(terms: Terms, state: State, live: int, _: int | None, now_us: int) -> Step:
    if state.zero_us is None and is_below(live, 0):
        state = replace(state, zero_us=now_us)
    elif state.zero_us is not None and is_above(live, 0):
        state = replace(state, zero_us=None)
    is_due = (
        terms.at_zero == SUSPEND
        and state.zero_us is not None
        and now_us >= state.zero_us + terms.grace_hours * HOUR_US
    )
    if is_due and state.suspended_us is None:
        return replace(state, suspended_us=now_us), [Event.SUSPENDED]
    if state.suspended_us is not None and (state.zero_us is None or terms.at_zero != SUSPEND):
        return replace(state, suspended_us=None), [Event.RESUMED]
    return state, []


def suspends_us(terms: Terms, state: State) -> int | None:
    """When the account is suspended if nothing is paid; None where that is not ahead."""
    if terms.at_zero != SUSPEND or state.zero_us is None or state.suspended_us is not None:
        return None
    return state.zero_us + terms.grace_hours * HOUR_US


def order_fault(terms: Terms, state: State, live: int, price_cents: int) -> str | None:
    """Why nothing may be ordered for a price now; None where it may be."""
    is_strict = terms.at_zero != NOTIFY
    faults = (
        (
            state.suspended_us is not None,
            "The account is suspended. Top up the wallet, then order.",
        ),
        (is_strict and is_below(live, 0), "The wallet is empty. Top it up, then order."),
        (
            is_strict and live < price_cents,
            "The wallet holds less than this costs. Top it up, then order.",
        ),
    )
    return next((words for holds, words in faults if holds), None)


@dataclass(frozen=True, slots=True)
class Tried:
    """What is known of a customer's automatic top-ups: how many began today, whether one is still
    open, and until when none is tried after the last one failed.
    """

    today: int
    is_open: bool
    resumes_us: int


def is_top_up_due(auto: AutoTerms, live: int, tried: Tried, now_us: int) -> bool:
    """Is a card to be charged now? Never while an earlier charge is not settled."""
    return (
        auto.is_on
        and bool(auto.card)
        and live < auto.below_cents
        and not tried.is_open
        and tried.today < auto.a_day
        and now_us >= tried.resumes_us
    )


def as_text(thresholds: Iterable[int]) -> str:
    """Thresholds as they are kept: cents, largest first."""
    return ",".join(map(str, sorted(set(thresholds), reverse=True)))


def as_thresholds(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part)


def running_balance(live: int, days: Sequence[tuple[int, int]]) -> list[int]:
    """The balance at the end of each day, worked back from now: `days` are (what came in, what was
    used) of each, oldest first, the last one being today.
    """
    found, balance = [], live
    for came_in, used in reversed(days):
        found.append(balance)
        balance += used - came_in
    return found[::-1]
