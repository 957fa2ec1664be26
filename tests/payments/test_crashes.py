"""Killed between any two steps, or done by many at once: in the end there is one credit, refund,
charge and receipt.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from dcx.kit.actors import CLOCK
from dcx.kit.ids import new_id
from dcx.notifications.jobs import send_waiting
from dcx.payments.jobs.charges import ask_about_charges
from dcx.payments.rules import ALLOWED
from dcx.payments.service import Wish, pay
from dcx.payments.service import cards as keeping
from dcx.payments.service.unattended import Unattended, charge_saved_card
from dcx.repository.session import reading, transaction
from tests.support.counts import count
from tests.support.databases import ENGINES, PostgresDatabases, SqliteDatabases, migrate
from tests.support.gateway import SimulatedGateway
from tests.support.kills import killed_at, side_by_side
from tests.support.mailbox import smtp_server
from tests.support.shop import ALICE, SAM, Shop, opened_shop

NOTIFY = "/payments/paygate/notify"
FORM = "application/x-www-form-urlencoded"
MINUTE_S, DAY_S = 60, 86_400
STRIDE = count(4, 1)
"""`make test` kills at every fourth step."""


def shops(engines: list[str]) -> Callable[..., Iterator[Shop]]:
    @pytest.fixture(params=engines)
    def opened(request: pytest.FixtureRequest, gateway: SimulatedGateway) -> Iterator[Shop]:
        name = "sqlite" if request.param == "sqlite" else "postgres"
        databases: SqliteDatabases | PostgresDatabases = request.getfixturevalue(name)
        with opened_shop(databases.fresh(), gateway, DCX_UNATTENDED_CARDS="on") as found:
            found.customer("alpha")
            yield found

    return opened


shop = shops(ENGINES)
few = shops(ENGINES if count(0, 1) else ENGINES[:1])
"""On SQLite in `make test`, on both in `make test-long`."""


def untold(shop: Shop, cents: int = 15_000) -> str:
    """A payment that was approved, and of which no notice came."""
    shop.gateway.fault("drop", "notify")
    return shop.paid(cents=cents)


def notice_of(shop: Shop, key: str) -> Callable[[], object]:
    body = shop.gateway.notice(shop.request_of(key))
    return lambda: shop.app.test_client().post(NOTIFY, data=body, content_type=FORM)


def step_of(turn: int) -> int:
    return 1 + (turn - 1) * STRIDE


def receipts(shop: Shop) -> int:
    return int(shop.rows("SELECT count(*) FROM mail WHERE kind = 'payment_received'"))


@pytest.mark.parametrize("turn", range(count(2, 20)))
def test_sixteen_at_once_make_one_credit(shop: Shop, turn: int) -> None:
    """Scenario 15: notices, returns, the poller and staff, all at the same moment."""
    key = untold(shop, 15_000 + turn)
    shop.advance(10 * MINUTE_S)
    way, notify = shop.gateway.way_back(shop.request_of(key)), notice_of(shop, key)
    acts: list[Callable[[], object]] = [
        notify,
        lambda: shop.gateway.come_back(shop.app.test_client(), way),
        shop.poll,
        lambda: shop.ask(key, by=SAM),
    ]
    gate, faults = threading.Barrier(16), []

    def work(act: Callable[[], object]) -> None:
        with shop.app.app_context():
            gate.wait()
            try:
                act()
            except Exception as fault:  # noqa: BLE001 - a thread's fault fails the test
                faults.append(fault)

    threads = [threading.Thread(target=work, args=[act]) for act in acts * 4]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    shop.advance(MINUTE_S)
    shop.ask(key)

    assert faults == []
    assert (shop.state(key), shop.bookings(key), receipts(shop)) == ("paid", 1, 1)
    assert shop.money().wallet == 15_000 + turn
    assert shop.breaches() == []


def test_killed_between_any_two_steps_a_payment_is_credited_once(few: Shop) -> None:
    """Scenario 16: by the poller and by a notice, then asked about again."""
    ways: list[Callable[[Shop, str], Callable[[], object]]] = [lambda shop, _: shop.poll, notice_of]
    keys = []
    for way in ways:
        turn, was_killed = 0, True
        while was_killed:
            turn += 1
            keys.append(untold(few))
            few.advance(2 * MINUTE_S)
            was_killed = killed_at(few, step_of(turn), way(few, keys[-1]))
            few.advance(2 * MINUTE_S)
            few.poll()
        assert step_of(turn) > 12

    assert {few.state(key) for key in keys} == {"paid"}
    assert {few.bookings(key) for key in keys} == {1}
    assert receipts(few) == len(keys)
    assert few.money().wallet == 15_000 * len(keys)
    assert few.breaches() == []


def test_killed_between_any_two_steps_a_refund_is_sent_once(few: Shop) -> None:
    """Scenario 46: whoever finds it sent asks the gateway before it sends."""
    turn, was_killed = 0, True
    while was_killed:
        turn += 1
        few.refund(few.paid(), 4_000)
        was_killed = killed_at(few, step_of(turn), few.send_refunds)
        few.advance(10 * MINUTE_S)
        few.send_refunds()
    few.advance(DAY_S)
    few.send_refunds()

    assert step_of(turn) > 8
    assert [sum(sums) for sums in few.gateway.refunds().values()] == [4_000] * turn
    assert few.rows("SELECT count(*) FROM booking WHERE kind = 'refund'") == turn
    assert few.money().wallet == 11_000 * turn
    assert few.breaches() == []


def card_of(shop: Shop) -> str:
    """A card that alpha keeps."""
    wish = Wish("alpha", new_id(), 20_000, keeps_card=True)
    key = pay(wish, shop.desk, by=ALICE, now_us=shop.now_us())
    shop.gateway.pay(shop.request_of(key))
    with reading() as session:
        [card] = keeping.cards(session, "alpha", month="2026-01")
    return card.key


def test_killed_between_any_two_steps_a_card_is_charged_at_most_once(few: Shop) -> None:
    """Scenario 50: what was charged is credited, and nothing else."""
    card, turn, was_killed = card_of(few), 0, True
    gateway = few.settings.gateway
    while was_killed:
        turn += 1
        wanted = Unattended("alpha", 7_000, "ZAR", card, f"crossing-{turn}", "a@dcx.example")

        def charge(wanted: Unattended = wanted) -> None:
            charge_saved_card(gateway, wanted, few.desk, by=CLOCK, clock=few.now_us)

        was_killed = killed_at(few, step_of(turn), charge)
        few.advance(MINUTE_S)
    for _ in range(3):
        ask_about_charges(gateway, few.desk, clock=few.now_us)
        few.advance(DAY_S)

    charged = [sums for sums in few.gateway.charges().values() if sums == [7_000]]
    assert step_of(turn) > 8
    assert 0 < len(charged) < turn
    assert few.money().wallet == 20_000 + 7_000 * len(charged)
    assert few.breaches() == []


def test_two_pollers_ask_about_each_payment_once(shop: Shop) -> None:
    """Scenario 56."""
    keys = [untold(shop) for _ in range(count(8, 40))]
    shop.advance(3 * MINUTE_S)

    side_by_side(shop, 2, shop.poll)

    assert {shop.state(key) for key in keys} == {"paid"}
    assert shop.rows("SELECT max(checks) FROM payment") == 1
    assert shop.money().wallet == 15_000 * len(keys)


def test_each_receipt_reaches_the_mail_server_though_senders_are_killed(few: Shop) -> None:
    """Scenario 53: at most once more, by the same name, where one died between sending and saying
    so; and a mail server that is down holds up no credit.
    """
    with smtp_server() as mailbox:
        sender, keys, turn, was_killed = few.settings.mail_from, [], 0, True

        def send(url: str = mailbox.url) -> object:
            return send_waiting(url, sender, name="Highveld Cloud", clock=few.now_us)

        while was_killed:
            turn += 1
            keys.append(few.paid())
            was_killed = killed_at(few, step_of(turn), send)
            few.advance(30 * MINUTE_S)
        few.advance(DAY_S)
        send()
        keys.append(few.paid())
        send("smtp://127.0.0.1:9")
        paid_meanwhile = few.money().wallet
        few.advance(DAY_S)
        send()

    receipts = [one for one in mailbox.letters if "received" in str(one["Subject"]).lower()]
    named = Counter(str(one["Message-ID"]) for one in receipts)
    assert paid_meanwhile == 15_000 * len(keys)
    assert len(named) == len(keys)
    assert sum(named.values()) - len(named) <= turn


def test_after_an_upgrade_the_poller_goes_on_with_what_was_open(
    sqlite: SqliteDatabases, gateway: SimulatedGateway
) -> None:
    """Scenario 55: payments in every state, all approved at the gateway meanwhile."""
    pair = sqlite.fresh()
    with opened_shop(pair, gateway) as before:
        before.customer("alpha")
        keys = {state: untold(before) for state in ALLOWED if state not in {"paid", "reversed"}}
        keys |= {state: before.paid() for state in ("paid", "reversed")}
        gateway.void(before.request_of(keys["reversed"]))
        before.advance(MINUTE_S)
        with transaction() as session:
            for state, key in keys.items():
                put_into(session, key, state)
    gateway.advance(3 * MINUTE_S)

    migrate(pair)

    with opened_shop(pair, gateway) as after:
        after.poll()
        assert {state: after.state(key) for state, key in keys.items()} == {
            state: "paid" if state in {"created", "redirected", "pending", "unknown"} else state
            for state in ALLOWED
        }
        after.reconcile()
        late = {state: after.state(keys[state]) for state in ("declined", "cancelled", "expired")}
        assert set(late.values()) == {"paid"}
        assert after.breaches() == []


def put_into(session: object, key: str, state: str) -> None:
    """A payment into a state by hand; nothing is asked about it unless that is open."""
    from sqlalchemy import text  # noqa: PLC0415 - only here
    from sqlalchemy.orm import Session  # noqa: PLC0415 - only here

    assert isinstance(session, Session)
    if state in {"paid", "reversed"}:
        return
    is_open = state in {"created", "redirected", "pending", "unknown"}
    due = "next_check_us" if is_open else "NULL"
    session.execute(
        text(f"UPDATE payment SET state = :state, next_check_us = {due} WHERE key = :key"),
        {"state": state, "key": key},
    )


def test_a_flood_of_notices_is_turned_away_and_asks_the_gateway_nothing(few: Shop) -> None:
    """Scenario 41."""
    key = untold(few)
    few.advance(MINUTE_S)
    forged = few.gateway.notice(few.request_of(key), CHECKSUM="0" * 32)
    client = few.app.test_client()

    answers = Counter(
        client.post(NOTIFY, data=forged, content_type=FORM).status_code
        for _ in range(count(200, 2_000))
    )

    assert set(answers) == {400, 429}
    assert answers[400] == few.rows("SELECT count(*) FROM gateway_notice WHERE payment_id IS NULL")
    assert client.get("/healthz").status_code == 200
    assert few.rows("SELECT checks FROM payment WHERE key = :key", key=key) == 0
    tell = notice_of(few, key)
    for _ in range(50):
        tell()
    assert few.rows("SELECT checks FROM payment WHERE key = :key", key=key) == 1
    assert (few.state(key), few.bookings(key)) == ("paid", 1)
