"""The laws of the ledger hold for whatever is done, in whatever order and however many at once."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate, count, pairwise
from typing import Any

import pytest
from apiflask import APIFlask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dcx.kit.periods import FOREVER, Period
from dcx.repository.session import reading, transaction
from dcx.wallet import service as wallet
from dcx.wallet.rules import Purse, spend
from dcx.wallet.service import Balances, Held, Leg, Posting, Receipt
from tests.conftest import Statements
from tests.support.counts import count as times
from tests.support.ledger import SAM, all_at_once, breaches, money_of, pay_in, set_aside

SHARED = [HealthCheck.function_scoped_fixture]
NAMES = count()
PURSES = st.lists(
    st.tuples(
        st.integers(1, 500), st.integers(0, 2), st.none() | st.integers(5, 9), st.integers(0, 3)
    ),
    max_size=8,
)
MOVES = st.lists(
    st.tuples(st.integers(-300, 300).filter(bool), st.integers(0, 3)), min_size=1, max_size=14
)


@settings(max_examples=times(200, 2_000), deadline=None)
@given(st.integers(0, 2_000), PURSES)
def test_credits_are_spent_by_priority_then_expiry_then_age(cents: int, made: list[Any]) -> None:
    purses = [Purse(f"p{place}", *each) for place, each in enumerate(made)]

    used = spend(cents, purses)

    there = sum(purse.cents for purse in purses)
    assert sum(part for _, part in used) == min(cents, there)
    parts = dict(used)
    ranked = sorted(
        purses, key=lambda p: (p.priority, p.expires_us or FOREVER, p.created_us, p.key)
    )
    for earlier, later in pairwise(ranked):
        assert 0 <= parts.get(later.key, 0) <= later.cents
        assert later.key not in parts or parts.get(earlier.key) == earlier.cents


@settings(max_examples=times(25, 500), deadline=None, suppress_health_check=SHARED)
@given(moves=MOVES)
def test_the_balance_at_any_instant_is_the_replay_of_what_was_booked(
    app: APIFlask, moves: list[tuple[int, int]]
) -> None:
    assert app.config["DCX"]
    customer, at_us, done = f"c{next(NAMES)}", 100, []
    with transaction() as session:
        for place, (cents, later) in enumerate(moves):
            at_us += later
            legs = (Leg("wallet", cents), Leg("correction", -cents))
            posting = Posting("adjustment", f"{customer}/{place}", customer, "Moved", legs)
            try:
                wallet.book(session, posting, by=SAM, now_us=at_us)
            except wallet.NotEnoughError:
                continue
            done.append((at_us, cents))

    with reading() as session:
        for instant in range(99, at_us + 2):
            replayed = sum(cents for when, cents in done if when <= instant)
            assert wallet.balance_at(session, customer, instant) == replayed
        told = wallet.statement(session, customer, Period(102, at_us))
        pages = list(every_page(session, customer))
    inside = [cents for when, cents in done if 102 <= when < at_us]
    opening = sum(cents for when, cents in done if when < 102)
    assert (told.opening, told.closing) == (opening, opening + sum(inside))
    assert [line.amount_cents for line in told.lines] == inside
    running = list(accumulate(cents for _, cents in done))
    assert [line.balance_cents for line in pages] == running[::-1]
    assert [line.balance_cents for line in told.lines] == running[
        len([when for when, _ in done if when < 102]) :
    ][: len(inside)]


def every_page(session: Any, customer: str) -> Iterator[wallet.Line]:
    before = None
    while True:
        page = wallet.entries(session, customer, before=before, limit=3)
        yield from page.rows
        before = page.after
        if before is None:
            return


def test_forty_debits_at_once_take_what_there_is_and_no_more(app: APIFlask) -> None:
    for seed in range(times(1, 50)):
        customer = f"c{seed}"
        pay_in(customer, 1_000, f"{customer}/paid")

        debits = [partial(set_aside, customer, 100, f"{customer}/{n}") for n in range(40)]
        answers = all_at_once(app, debits)

        assert sum(isinstance(answer, str) for answer in answers) == 10
        assert sum(isinstance(answer, wallet.NotEnoughError) for answer in answers) == 30
        assert money_of(customer) == Balances(held=1_000)
    assert breaches() == []


def test_a_source_told_by_many_at_once_is_booked_once(app: APIFlask) -> None:
    set_up = partial(pay_in, "alpha", 700, "payment/1")

    answers = all_at_once(app, [set_up] * 16)

    assert [answer for answer in answers if answer] == []
    assert money_of("alpha") == Balances(wallet=700)


def test_bookings_that_cross_never_wait_for_each_other_in_a_ring(app: APIFlask) -> None:
    pairs = (("alpha", "gamma"), ("gamma", "alpha"))
    for customer in ("alpha", "gamma"):
        pay_in(customer, 10_000, f"{customer}/paid")

    works: list[Callable[[], object]] = []
    for round_ in range(times(8, 40)):
        works += [partial(book_both, pair, f"{round_}/{pair[0]}") for pair in pairs]
        works.append(partial(hold_and_release, "alpha", f"order/{round_}"))
    answers = all_at_once(app, works)

    assert [answer for answer in answers if answer] == []
    assert money_of("gamma") == Balances(wallet=10_000 + 2 * times(8, 40))
    assert money_of("alpha") == Balances(wallet=10_000 + 2 * times(8, 40))
    assert breaches() == []


def book_both(customers: tuple[str, str], source: str) -> None:
    """Two customers in one transaction, in the order given."""
    with transaction() as session:
        wallet.lock(session, *customers, now_us=20)
        for customer in customers:
            receipt = Receipt(customer, 1, f"{source}/{customer}", "Top-up")
            wallet.receive(session, receipt, by=SAM, now_us=20)


def hold_and_release(customer: str, source: str) -> None:
    """Out of the wallet and into it again."""
    with transaction() as session:
        key = wallet.hold(session, Held(customer, 5, source, "Order"), by=SAM, now_us=20)
    with transaction() as session:
        wallet.release(session, key, by=SAM, now_us=21)


@pytest.mark.usefixtures("app")
def test_a_clock_that_lags_dates_a_booking_back_and_the_balances_still_run_on(
    statements: Statements,
) -> None:
    for cents, at_us in ((100, 50), (30, 40), (7, 60)):
        pay_in("alpha", cents, f"payment/{cents}", now_us=at_us)

    with reading() as session:
        session.connection()
        statements.seen.clear()
        page = wallet.entries(session, "alpha")
        told = wallet.statement(session, "alpha", Period(45, 70))
        at = wallet.balance_at(session, "alpha", 45)
        assert statements.count == 3

    assert [line.balance_cents for line in page.rows] == [137, 130, 100]
    assert [line.balance_cents for line in told.lines] == [130, 137]
    assert (told.opening, told.closing, at) == (30, 137, 30)
    assert breaches() == []
