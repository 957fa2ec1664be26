"""What a wallet is worth, how long it lasts, and what is said as it runs low: pure rules."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from dcx.kit.periods import HOUR_US
from dcx.prepaid.rules import (
    AHEAD_US,
    BLOCK,
    DAY_US,
    NOTIFY,
    SUSPEND,
    AutoTerms,
    Event,
    Runway,
    State,
    Terms,
    Tried,
    drivers,
    is_above,
    is_below,
    is_top_up_due,
    live_cents,
    next_state,
    order_fault,
    running_balance,
    runway,
    suspends_us,
)
from tests.support.counts import count

CENTS = st.integers(-100_000, 100_000)
EXAMPLES = count(60, 500)
STRICT = Terms(thresholds=(200_00, 50_00), at_zero=SUSPEND, grace_hours=48)


def walk(
    terms: Terms, lives: list[int], *, every_us: int = HOUR_US, until_us: int | None = None
) -> list[tuple[Event, ...]]:
    """What is said at each balance, one after the other."""
    state, said = State(), []
    for place, live in enumerate(lives):
        state, events = next_state(terms, state, live, until_us, 1 + place * every_us)
        again, silence = next_state(terms, state, live, until_us, 1 + place * every_us)
        assert (again, silence) == (state, ())
        said.append(events)
    return said


@settings(max_examples=EXAMPLES, deadline=None)
@given(CENTS, CENTS, CENTS, CENTS, st.integers(0, 100_000))
def test_invoicing_and_settling_leave_the_live_balance_as_it_is(
    wallet: int, credit: int, owed: int, unbilled: int, paid: int
) -> None:
    live = live_cents(wallet, credit, owed, unbilled)

    assert live == wallet + credit - owed - unbilled
    assert live_cents(wallet, credit, owed + unbilled, 0) == live
    assert live_cents(wallet - paid, credit, owed - paid, unbilled) == live


def test_a_balance_lasts_as_long_as_the_rate_says_and_without_usage_for_ever() -> None:
    assert runway(300_00, 100_00, DAY_US, 1) == Runway(100_00, 1 + 3 * DAY_US)
    assert runway(300_00, 0, DAY_US, 1) == Runway(0, None)
    assert runway(0, 100_00, DAY_US, 1) == Runway(100_00, None, is_over=True)
    assert runway(10**12, 1, DAY_US, 1).is_far
    assert not runway(300_00, 0, DAY_US, 1).is_far


def test_the_dearest_resources_drive_it_and_their_shares_are_of_all() -> None:
    costs = {("vm", f"vm-{place}"): ("", 10 * place) for place in range(8)}

    found = drivers(costs)

    assert [driver.resource for driver in found] == ["vm-7", "vm-6", "vm-5", "vm-4", "vm-3"]
    assert found[0].share == 70 / 280
    assert drivers({("vm", "x"): ("", 0)}) == ()


def test_each_threshold_is_warned_of_once_and_zero_too() -> None:
    low, none = (Event.LOW,), ()
    falling = [300_00, 199_00, 150_00, 49_00, 45_00, -1, -50_00]

    assert walk(replace(STRICT, at_zero=NOTIFY), falling) == [
        none, low, none, low, none, (Event.AHEAD,), none,
    ]  # fmt: skip


def test_a_balance_on_the_edge_does_not_flap() -> None:
    on_the_edge = [199_00, 201_00, 199_00, 219_00, 199_00]

    assert walk(STRICT, on_the_edge) == [(Event.LOW,), (), (), (), ()]
    assert walk(STRICT, [199_00, 220_00, 300_00, 199_00]) == [
        (Event.LOW,), (Event.FINE,), (), (Event.LOW,),
    ]  # fmt: skip
    assert walk(STRICT, [40_00, 100_00, 45_00]) == [(Event.LOW,), (), (Event.LOW,)]


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(CENTS, max_size=30),
    st.lists(st.integers(1, 50_000), max_size=4, unique=True),
    st.sampled_from([NOTIFY, BLOCK, SUSPEND]),
)
def test_no_threshold_warns_twice_unless_the_balance_was_well_above_it_between(
    lives: list[int], thresholds: list[int], at_zero: str
) -> None:
    terms = Terms(tuple(sorted(thresholds, reverse=True)), at_zero)
    state, warned = State(), set[int]()
    for place, live in enumerate(lives):
        warned = {level for level in warned if not is_above(live, level)}
        state, events = next_state(terms, state, live, None, 1 + place * HOUR_US)

        said = {Event.LOW, Event.AHEAD} & set(events)
        if said and not is_below(live, 0):
            assert state.warned_cents is not None
            assert state.warned_cents not in warned
        if Event.FINE in events:
            assert all(is_above(live, level) for level in terms.levels)
        warned |= {level for level in terms.levels if is_below(live, level)}
        assert (state.zero_us is None) <= (state.suspended_us is None)


def test_zero_is_announced_three_days_ahead_once_and_again_after_it_was_far() -> None:
    def step(state: State, left_us: int) -> tuple[State, tuple[Event, ...]]:
        return next_state(STRICT, state, 500_00, 10 * DAY_US + left_us, 10 * DAY_US)

    state, first = step(State(), AHEAD_US)
    state, second = step(state, AHEAD_US - 1)
    state, third = step(state, AHEAD_US - HOUR_US)
    state, fourth = step(state, AHEAD_US + HOUR_US)
    state, fifth = step(state, 10 * DAY_US)
    state, sixth = step(state, HOUR_US)

    assert [first, second, third, fourth, fifth, sixth] == [
        (), (Event.AHEAD,), (), (), (), (Event.AHEAD,),
    ]  # fmt: skip


def test_an_account_is_suspended_when_its_grace_is_over_and_resumes_when_it_is_paid() -> None:
    hours = [500_00, -1, *[-1] * 47, -1, -1, 50, 300_00]

    said = walk(STRICT, hours)

    assert said[1] == (Event.AHEAD,)
    assert all(events == () for events in said[2:49])
    assert said[49] == (Event.SUSPENDED,)
    assert said[51] == ()
    assert said[52] == (Event.FINE, Event.RESUMED)
    assert suspends_us(STRICT, State(zero_us=1)) == 1 + 48 * HOUR_US
    assert walk(replace(STRICT, at_zero=BLOCK), [-1] * 60)[1:] == [()] * 59


def test_a_milder_arrangement_resumes_what_was_suspended() -> None:
    suspended = State(warned_cents=0, zero_us=1, announced_us=1, suspended_us=2)

    state, events = next_state(replace(STRICT, at_zero=BLOCK), suspended, -5, None, 3)

    assert (state.suspended_us, events) == (None, (Event.RESUMED,))


def test_orders_are_refused_as_it_was_arranged() -> None:
    block, notify = replace(STRICT, at_zero=BLOCK), replace(STRICT, at_zero=NOTIFY)

    assert order_fault(notify, State(), -5, 10_00) is None
    assert "empty" in str(order_fault(block, State(), 0, 0))
    assert "less than this costs" in str(order_fault(block, State(), 9_99, 10_00))
    assert order_fault(block, State(), 10_00, 10_00) is None
    assert "suspended" in str(order_fault(notify, State(suspended_us=1), 10_00, 0))


def test_a_card_is_charged_below_its_balance_so_often_a_day_and_never_beside_an_open_charge() -> (
    None
):
    auto, free = (
        AutoTerms(is_on=True, below_cents=100_00, card="c", a_day=2),
        Tried(0, is_open=False, resumes_us=0),
    )

    assert is_top_up_due(auto, 99_99, free, 1)
    assert not is_top_up_due(auto, 100_00, free, 1)
    assert not is_top_up_due(replace(auto, is_on=False), 0, free, 1)
    assert not is_top_up_due(replace(auto, card=""), 0, free, 1)
    assert not is_top_up_due(auto, 0, replace(free, today=2), 1)
    assert not is_top_up_due(auto, 0, replace(free, is_open=True), 1)
    assert not is_top_up_due(auto, 0, replace(free, resumes_us=2), 1)


@settings(max_examples=EXAMPLES, deadline=None)
@given(CENTS, st.lists(st.tuples(CENTS, CENTS), min_size=1, max_size=40))
def test_the_balance_of_each_day_is_that_of_the_day_before_with_what_moved(
    live: int, days: list[tuple[int, int]]
) -> None:
    found = running_balance(live, days)

    assert found[-1] == live
    for place in range(1, len(days)):
        came_in, used = days[place]
        assert found[place] == found[place - 1] + came_in - used
