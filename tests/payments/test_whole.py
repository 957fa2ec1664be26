"""Payments as a whole: whatever the gateway, customers, staff and the clock do, in whatever order,
each rand is booked once.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, note
from hypothesis import settings as limits
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from dcx.kit.errors import DomainError
from dcx.kit.ids import new_id
from dcx.payments.service import Wish, differences, pay_from_wallet
from dcx.payments.simulator.errors import RefusedError
from dcx.repository.session import reading, transaction
from tests.support.counts import count
from tests.support.databases import ENGINES, PostgresDatabases, SqliteDatabases
from tests.support.gateway import POOR, VISA, SimulatedGateway
from tests.support.shop import ALICE, Shop, opened_shop

CENTS = st.integers(50_00, 900_00)
WAYS = st.sampled_from(["pay", "eft", "poor", "cancel", "break", "leave"])
FAULTS = st.sampled_from([
    ("drop", "notify", {}), ("duplicate", "notify", {"count": 4}),
    ("delay", "notify", {"seconds": 2_000}), ("wrong_checksum", "notify", {}),
    ("null_auth", "notify", {}), ("tamper", "notify", {"field": "AMOUNT", "value": "1"}),
    ("http_500", "query", {}), ("html", "query", {}), ("truncated", "query", {}),
    ("wrong_checksum", "query", {}), ("html", "initiate", {}), ("empty", "initiate", {}),
    ("http_500", "payhost", {}), ("truncated", "payhost", {}),
])  # fmt: skip
DAY_S, LATE_S = 86_400, 5 * 86_400


class Life(RuleBasedStateMachine):
    """A customer's payments, and all that can happen to them."""

    payments = Bundle("payments")
    shop: Shop

    @initialize()
    def arrive(self) -> None:
        self.customer = self.shop.customer(f"c{new_id().lower().replace('_', '-').strip('-')}")
        self.keys: list[str] = []
        self.invoiced = self.number = 0
        self.shop.gateway.simulator.faults.clear()

    @rule(target=payments, cents=CENTS, way=WAYS)
    def top_up(self, cents: int, way: str) -> Any:
        return self._begun(self.shop.top_up(self.customer, cents), way)

    @rule(target=payments, cents=CENTS, way=WAYS)
    def invoice_and_pay(self, cents: int, way: str) -> Any:
        self.number += 1
        number = f"INV-{self.customer}-{self.number}"
        self.shop.invoice(self.customer, number, cents)
        self.invoiced += cents
        return self._begun(self.shop.pay_invoice(self.customer, number), way)

    def _begun(self, key: str, way: str) -> Any:
        """A payment that the gateway knows, and what its customer does there at once."""
        self.keys.append(key)
        if self.shop.state(key) != "redirected":
            return multiple()
        self.stand_before_the_gateway(key, way)
        return key

    @rule(cents=CENTS)
    def invoice_and_pay_from_wallet(self, cents: int) -> None:
        self.number += 1
        number = f"INV-{self.customer}-{self.number}"
        self.shop.invoice(self.customer, number, cents)
        self.invoiced += cents
        with contextlib.suppress(DomainError), transaction() as session:
            wish = Wish(self.customer, new_id(), document=number)
            pay_from_wallet(session, wish, by=ALICE, now_us=self.shop.now_us())

    @rule(key=payments, way=WAYS)
    def stand_before_the_gateway(self, key: str, way: str) -> None:
        gateway, request = self.shop.gateway, self.shop.request_of(key)
        with contextlib.suppress(RefusedError):
            match way:
                case "pay" | "poor":
                    gateway.pay(request, VISA if way == "pay" else POOR)
                case "cancel":
                    gateway.cancel(request)
                case "eft":
                    gateway.eft(request)
                case "break":
                    gateway.break_down(request)
                case _:
                    pass

    @rule(key=payments, approves=st.booleans())
    def let_the_bank_speak(self, key: str, approves: bool) -> None:  # noqa: FBT001 - drawn
        with contextlib.suppress(RefusedError):
            self.shop.gateway.settle_eft(self.shop.request_of(key), approves=approves)

    @rule(key=payments)
    def void(self, key: str) -> None:
        """A void so late that reconciliation asks no more is told of at least."""
        if self.shop.now_us() - self._begun_us(key) > LATE_S * 1_000_000:
            self.shop.gateway.simulator.faults.clear()
        with contextlib.suppress(RefusedError):
            self.shop.gateway.void(self.shop.request_of(key))

    @rule(key=payments, status=st.sampled_from("012457"), tampered=st.booleans())
    def notify_out_of_turn(self, key: str, status: str, tampered: bool) -> None:  # noqa: FBT001
        """A notice that lies, signed as if it were the gateway's, or not even that."""
        changes = {"TRANSACTION_STATUS": status} | ({"CHECKSUM": "0" * 32} if tampered else {})
        self.shop.gateway.notify(self.shop.request_of(key), **changes)

    @rule(key=payments)
    def come_back(self, key: str) -> None:
        way = self.shop.gateway.way_back(self.shop.request_of(key))
        assert self.shop.gateway.come_back(self.shop.client, way).status_code == 303

    @rule(key=payments)
    def ask(self, key: str) -> None:
        self.shop.ask(key)

    @rule()
    def poll(self) -> None:
        self.shop.poll()

    @rule()
    def reconcile(self) -> None:
        self.shop.reconcile()

    @rule(seconds=st.sampled_from([6, 60, 1_000, 7_200, 90_000]))
    def wait(self, seconds: int) -> None:
        """No day passes without reconciliation, which runs every hour."""
        self.shop.advance(seconds)
        if seconds >= DAY_S:
            self.shop.reconcile()

    @rule(fault=FAULTS)
    def go_wrong(self, fault: tuple[str, str, dict[str, Any]]) -> None:
        kind, on, details = fault
        self.shop.gateway.fault(kind, on, **details)

    @rule(key=payments, cents=CENTS)
    def refund(self, key: str, cents: int) -> None:
        with contextlib.suppress(DomainError):
            self.shop.refund(key, cents)

    @rule()
    def send_refunds(self) -> None:
        self.shop.send_refunds()

    @invariant()
    def no_promise_is_broken(self) -> None:
        assert self.shop.breaches() == []
        for key in getattr(self, "keys", ()):
            assert self.shop.bookings(key) in {0, 1}

    def teardown(self) -> None:
        """Nothing goes wrong any more, and ten days pass: then all three say the same."""
        if not hasattr(self, "keys"):
            return
        self.shop.gateway.simulator.faults.clear()
        for _ in range(11):
            self.shop.poll()
            self.shop.send_refunds()
            self.wait(90_000)
        money, gateway = self.shop.money(self.customer), self.shop.gateway
        own = {self._reference(key) for key in self.keys}
        charged = sum(sum(sums) for name, sums in gateway.charges().items() if name in own)
        sent = self._refunded()
        note(f"charged {charged}, sent back {sent}, invoiced {self.invoiced}, {money}")
        twice = self._sent_and_taken()
        assert money.wallet + money.held - money.owed == charged - sent - self.invoiced + twice
        assert self._looked_at() == twice
        assert self.shop.whole_breaches() == []

    def _sent_and_taken(self) -> int:
        """What the gateway sent back of payments that it took back whole, too: the customer is not
        charged for that before people looked at it.
        """
        taken = {each.id for each in self.shop.gateway.transactions() if each.outcome.status == "7"}
        own = {self._reference(key) for key in self.keys}
        return sum(
            each.amount_cents
            for each in self.shop.gateway.transactions("Refund")
            if each.outcome.status == "1" and each.undoes in taken and each.order_id in own
        )

    def _looked_at(self) -> int:
        """The cents of this customer's that people are asked to look at for that."""
        wanted = {"state": "open", "kind": "sent_and_taken", "words": self.customer}
        with reading() as session:
            lines = list(differences.every_difference(session, wanted, differences.OLDEST))
        return sum(line.theirs.cents or 0 for line in lines if line.customer == self.customer)

    def _begun_us(self, key: str) -> int:
        return int(self.shop.rows("SELECT created_us FROM payment WHERE key = :key", key=key))

    def _reference(self, key: str) -> str:
        return str(self.shop.rows("SELECT reference FROM payment WHERE key = :key", key=key))

    def _refunded(self) -> int:
        """What the gateway sent back of this customer's payments."""
        by_id = {each.id: each for each in self.shop.gateway.transactions()}
        own = {self._reference(key) for key in self.keys}
        return sum(
            each.amount_cents
            for each in self.shop.gateway.transactions("Refund")
            if each.outcome.status == "1" and by_id[each.undoes].reference in own
        )


@pytest.fixture(params=ENGINES if count(0, 1) else ENGINES[:1])
def shop(request: pytest.FixtureRequest, gateway: SimulatedGateway) -> Iterator[Shop]:
    """On SQLite in `make test`, on both in `make test-long`."""
    name = "sqlite" if request.param == "sqlite" else "postgres"
    databases: SqliteDatabases | PostgresDatabases = request.getfixturevalue(name)
    with opened_shop(databases.fresh(), gateway) as shop:
        yield shop


def test_each_rand_is_booked_once_whatever_happens_in_whatever_order(shop: Shop) -> None:
    """Scenarios 54 and T22."""

    class Here(Life):
        pass

    Here.shop = shop
    run_state_machine_as_test(
        Here,
        settings=limits(
            max_examples=count(15, 200), stateful_step_count=count(25, 50), deadline=None,
            suppress_health_check=list(HealthCheck), print_blob=True,
        ),
    )  # fmt: skip
