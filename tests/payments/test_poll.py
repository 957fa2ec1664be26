"""The clock asks about payments whose news never came: soon, then rarely, each by one worker."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from apiflask import APIFlask
from sqlalchemy import text

from dcx.factory import create_app
from dcx.payments import service
from dcx.payments.jobs.poll import poll
from dcx.payments.repository import PaymentRepository
from dcx.payments.rules import OPEN, STATES
from dcx.payments.rules.times import LEASE_US, next_check_us, poll_delay_s
from dcx.payments.service import BROWSER, GATEWAY, Desk
from dcx.repository.session import reading, transaction
from dcx.scheduler import JOBS
from tests.support.counts import count
from tests.support.paying import BEGUN_US, DAY_US, MINUTE_US, SECOND_US, Till

THREADS = 16


# scenario 13
def test_it_is_asked_about_soon_then_hourly_for_a_day_then_daily_for_a_week() -> None:
    times, now_us = [], 0
    while (then_us := next_check_us(0, now_us)) is not None:
        assert then_us > now_us
        times.append(then_us)
        now_us = then_us
    minutes = [us // MINUTE_US for us in times]

    assert minutes[:7] == [2, 5, 15, 35, 95, 155, 215]
    assert all(after - before <= 60 for before, after in pairwise(minutes[4:]) if after <= 1440)
    assert times[-1] == 8 * DAY_US
    assert sum(us > DAY_US for us in times) == 8


def test_a_page_looks_again_ever_more_rarely() -> None:
    delays = [poll_delay_s(turn) for turn in range(100)]

    assert (delays[0], delays[9], delays[-1]) == (2, 2, 30)
    assert delays == sorted(delays)


# scenarios 11 and 13
def test_a_payment_whose_notice_never_comes_is_credited_within_two_minutes(till: Till) -> None:
    key = till.pay()
    till.gateway.fault("drop", "notify", times=-1)
    till.gateway.pay(till.request(key))

    assert till.poll(after_us=2 * MINUTE_US - SECOND_US) == {
        "due": 0, "told": 0, "paid": 0, "silent": 0,
    }  # fmt: skip
    assert till.poll(after_us=2 * MINUTE_US) == {"due": 1, "told": 1, "paid": 1, "silent": 0}

    assert till.balance() == 15_000
    assert till.row(key).paid_us == BEGUN_US + 2 * MINUTE_US
    assert till.steps(key)[-1][1].startswith("The gateway says 1")


# scenario 13
def test_a_payment_that_is_left_is_asked_about_on_schedule_and_expires(till: Till) -> None:
    key = till.pay()
    asked, now_us = 0, 0
    while till.state(key) == "redirected":
        now_us = (till.row(key).next_check_us or 0) - BEGUN_US
        assert till.poll(after_us=now_us)["due"] == 1
        asked += 1

    assert (till.state(key), now_us, till.row(key).checks) == ("expired", 8 * DAY_US, asked)
    assert till.poll(after_us=9 * DAY_US)["due"] == 0
    till.gateway.fault("drop", "notify")
    till.gateway.pay(till.request(key))
    assert till.ask(key, after_us=9 * DAY_US).state == "paid", "money that comes late is booked"


def test_a_payment_that_gives_trouble_stops_no_other(till: Till) -> None:
    keys = [till.pay() for _ in range(5)]
    for key in keys:
        till.gateway.fault("drop", "notify")
        till.gateway.pay(till.request(key))
    till.gateway.fault("wrong_checksum", "query", times=2)

    first = till.poll(after_us=3 * MINUTE_US)
    second = till.poll(after_us=6 * MINUTE_US)

    assert (first["due"], first["paid"], second["paid"]) == (5, 3, 2)
    assert till.balance() == 75_000


def test_a_gateway_that_is_silent_is_left_alone_until_the_next_run(till: Till) -> None:
    keys = [till.pay() for _ in range(5)]
    till.gateway.fault("timeout", "query", times=-1)

    assert till.poll(after_us=3 * MINUTE_US) == {"due": 3, "told": 0, "paid": 0, "silent": 3}

    assert {till.state(key) for key in keys} == {"redirected"}
    assert till.breaches() == []


# scenario 56
def test_two_workers_that_poll_at_once_ask_about_each_payment_once(till: Till) -> None:
    keys = [till.pay() for _ in range(4)]
    for key in keys:
        till.gateway.fault("drop", "notify")
        till.gateway.pay(till.request(key))
    start = threading.Barrier(3)

    def work(_: int) -> int:
        with till.app.app_context():
            start.wait()
            return till.poll(after_us=3 * MINUTE_US)["told"]

    with ThreadPoolExecutor(3) as pool:
        told = list(pool.map(work, range(3)))

    assert sum(told) == 4
    assert {till.row(key).checks for key in keys} == {1}
    assert till.balance() == 60_000


# scenario 56
def test_a_worker_that_dies_while_it_asks_is_followed_by_another(till: Till) -> None:
    key = till.pay()
    till.gateway.fault("drop", "notify")
    till.gateway.pay(till.request(key))
    now_us = BEGUN_US + 2 * MINUTE_US
    with transaction() as session:
        assert PaymentRepository(session).claim(key, now_us=now_us, until_us=now_us + LEASE_US)

    assert till.poll(after_us=2 * MINUTE_US + 30 * SECOND_US)["due"] == 0, "somebody else's turn"
    assert till.poll(after_us=4 * MINUTE_US)["paid"] == 1


# scenario 15
@pytest.mark.parametrize("_", range(count(1, 20)))
def test_sixteen_at_once_settle_a_payment_once(till: Till, _: int) -> None:
    key = till.pay()
    till.gateway.fault("drop", "notify")
    way = till.gateway.pay(till.request(key))
    answer = till.desk.gateway.query(till.request(key), till.row(key).reference)
    start = threading.Barrier(THREADS)

    def settle_it() -> None:
        with transaction() as session:
            service.settle(session, key, answer, till.desk, by=GATEWAY, now_us=BEGUN_US + 1)

    doors = (
        lambda: till.gateway.notify(till.request(key)),
        lambda: till.gateway.come_back(till.app.test_client(), way),
        lambda: till.poll(after_us=3 * MINUTE_US),
        lambda: service.ask(key, till.desk, by=BROWSER, now_us=BEGUN_US + 4 * MINUTE_US),
        settle_it,
    )

    def work(number: int) -> None:
        with till.app.app_context():
            start.wait()
            doors[number % len(doors)]()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))

    assert (till.state(key), till.balance()) == ("paid", 15_000)
    assert till.bookings() == [f"payment/{key}"]
    assert len(till.mails()) == 1
    assert [state for state, _ in till.steps(key)].count("paid") == 1
    assert till.breaches() == []


# scenario 55
def test_a_new_process_takes_up_what_the_old_one_left_in_any_state(
    till: Till, app: APIFlask
) -> None:
    left = {state: till.pay() for state in STATES}
    with transaction() as session:
        for state, key in left.items():
            if state in {"paid", "reversed"}:
                continue
            due = BEGUN_US if state in OPEN else None
            session.execute(
                text("UPDATE payment SET state = :state, next_check_us = :due WHERE key = :key"),
                {"state": state, "due": due, "key": key},
            )
    till.gateway.fault("drop", "notify", times=-1)
    for state in STATES:
        if state != "failed":
            till.gateway.pay(till.request(left[state]))
    later = create_app(app.config["DCX"])

    with later.app_context():
        desk = Desk.of(later.config["DCX"], later.config["VAULT"])
        counts = poll(desk, clock=lambda: BEGUN_US + DAY_US)
        for engine in later.extensions["sqlalchemy"].engines.values():
            engine.dispose()

    paid = {state for state, key in left.items() if till.state(key) == "paid"}
    assert paid == {*OPEN, "paid", "reversed"}
    assert counts["paid"] == len(paid)
    assert till.breaches() == []


def test_the_check_finds_what_is_booked_without_a_payment_and_paid_without_a_booking(
    till: Till,
) -> None:
    paid, other, opened = till.pay(), till.pay(), till.pay()
    till.gateway.pay(till.request(paid))
    with transaction() as session:
        for state, key in (("declined", paid), ("paid", other)):
            session.execute(
                text("UPDATE payment SET state = :state WHERE key = :key"),
                {"state": state, "key": key},
            )
        query = text("UPDATE payment SET next_check_us = NULL WHERE key = :key")
        session.execute(query, {"key": opened})

    with reading() as session:
        found = " ".join(service.breaches(session))

    assert f"payment {till.row(other).reference} is paid: 15000 cents should be booked" in found
    assert f"15000 cents are booked under payment/{paid}, which is no payment" in found
    assert f"payment {till.row(opened).reference} is open and nobody asks" in found


def test_the_clock_polls_every_minute_and_only_where_there_is_a_gateway(app: APIFlask) -> None:
    job = next(job for job in JOBS if job.name == "payments")

    assert job.every_s == 60
    assert job.work()["due"] == 0
    assert app.config["DCX"].gateway.is_on
