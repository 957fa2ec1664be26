"""Whatever customers, staff and the gateway do in whatever order, the ledger is what a child with
paper would have written.
"""

from collections import defaultdict
from itertools import count
from random import Random

from apiflask import APIFlask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dcx.repository.session import reading, transaction
from dcx.wallet import service as wallet
from dcx.wallet.service import (
    Balances,
    Bill,
    Grant,
    Held,
    Leg,
    NotEnoughError,
    NothingOwedError,
    Posting,
    Receipt,
    Sent,
)
from tests.support.counts import count as times
from tests.support.ledger import SAM, breaches

CENTS = st.integers(1, 400)
NAMES = count()


class Desk(RuleBasedStateMachine):
    """One customer's money; what it should be is kept beside it, in the plainest way."""

    def __init__(self) -> None:
        super().__init__()
        self.customer = f"c{next(NAMES)}"
        self.now_us = 1_000
        self.wallet = 0
        self.owed: defaultdict[str, int] = defaultdict(int)
        self.credits: dict[str, tuple[int, int, int, int]] = {}
        self.holds: dict[str, int] = {}
        self.receipts: dict[str, tuple[str, int, int]] = {}

    def source(self, what: str) -> str:
        self.now_us += 1
        return f"{what}/{self.customer}/{self.now_us}"

    @rule(cents=CENTS)
    def top_up(self, cents: int) -> None:
        self.receive(cents, "")

    @precondition(lambda self: self.owed)
    @rule(cents=CENTS, luck=st.randoms())
    def pay_invoice(self, cents: int, luck: Random) -> None:
        self.receive(cents, luck.choice(sorted(self.owed)))

    def receive(self, cents: int, document: str) -> None:
        source = self.source("payment")
        receipt = Receipt(self.customer, cents, source, "Paid", document)
        paid = min(cents, max(self.owed[document], 0)) if document else 0
        for _ in range(2):
            with transaction() as session:
                went = wallet.receive(session, receipt, by=SAM, now_us=self.now_us)
            assert (went.paid_cents, went.to_wallet_cents) == (paid, cents - paid)
        self.wallet += cents - paid
        if document:
            self.owed[document] -= paid
        self.receipts[source] = (document, paid, cents - paid)

    @precondition(lambda self: self.receipts)
    @rule(luck=st.randoms())
    def reverse(self, luck: Random) -> None:
        undone = luck.choice(sorted(self.receipts))
        document, paid, kept = self.receipts.pop(undone)
        for _ in range(2):
            with transaction() as session:
                wallet.take_back(
                    session,
                    wallet.Undoing(undone, f"{undone}/back", "Voided"),
                    by=SAM,
                    now_us=self.now_us,
                )
        self.wallet -= kept
        if document:
            self.owed[document] += paid

    @rule(net=st.integers(-100, 500))
    def invoice(self, net: int) -> None:
        number = self.source("INV")
        with transaction() as session:
            due = Bill(number, self.customer, "Invoice", net, 15)
            wallet.charge(session, due, by=SAM, now_us=self.now_us)
        self.owed[number] += net + 15

    @precondition(lambda self: self.owed)
    @rule(luck=st.randoms())
    def settle(self, luck: Random) -> None:
        number = luck.choice(sorted(self.owed))
        source = self.source("settle")
        with transaction() as session:
            moved = wallet.settle_from_wallet(
                session, self.customer, number, source=source, by=SAM, now_us=self.now_us
            )
        left = self.owed[number]
        if left < 0:
            self.wallet -= left
        else:
            left = self.spend(left)
            part = min(left, max(self.wallet, 0))
            self.wallet -= part
            left -= part
        expected = self.owed[number] - (0 if self.owed[number] < 0 else left)
        assert moved == expected
        self.owed[number] -= expected

    def spend(self, cents: int) -> int:
        """Spend credits that have not expired, the first ones first; what is still to be paid."""
        for key in sorted(self.credits, key=lambda key: self.credits[key][1:]):
            left, rank, until, since = self.credits[key]
            part = min(left, cents) if until > self.now_us else 0
            self.credits[key] = (left - part, rank, until, since)
            cents -= part
        return cents

    @rule(cents=CENTS, rank=st.integers(0, 1), later=st.integers(1, 12))
    def credit(self, cents: int, rank: int, later: int) -> None:
        source = self.source("gift")
        until = self.now_us * 2 + later if rank else self.now_us + later
        with transaction() as session:
            grant = Grant(self.customer, cents, rank, until, "Welcome", source)
            key = wallet.give_credit(session, grant, by=SAM, now_us=self.now_us)
        self.credits[key] = (cents, rank, until, self.now_us)

    @rule()
    def expire(self) -> None:
        self.now_us += 3
        with transaction() as session:
            wallet.expire_credits(session, now_us=self.now_us)
        for key, (_, rank, until, since) in self.credits.items():
            if until <= self.now_us:
                self.credits[key] = (0, rank, until, since)

    @rule(cents=CENTS)
    def hold(self, cents: int) -> None:
        source = self.source("order")
        with transaction() as session:
            try:
                held = Held(self.customer, cents, source, "Order")
                key = wallet.hold(session, held, by=SAM, now_us=self.now_us)
            except NotEnoughError:
                assert self.wallet < cents
                return
        self.wallet -= cents
        self.holds[key] = cents

    @precondition(lambda self: self.holds)
    @rule(luck=st.randoms())
    def release(self, luck: Random) -> None:
        key = luck.choice(sorted(self.holds))
        for _ in range(2):
            with transaction() as session:
                wallet.release(session, key, by=SAM, now_us=self.now_us)
        self.wallet += self.holds.pop(key)

    @precondition(lambda self: self.holds and self.owed)
    @rule(luck=st.randoms())
    def use(self, luck: Random) -> None:
        key, number = luck.choice(sorted(self.holds)), luck.choice(sorted(self.owed))
        for _ in range(2):
            with transaction() as session:
                wallet.use(session, key, number, by=SAM, now_us=self.now_us)
        cents = self.holds.pop(key)
        paid = min(cents, max(self.owed[number], 0))
        self.owed[number] -= paid
        self.wallet += cents - paid

    @rule(cents=CENTS)
    def refund(self, cents: int) -> None:
        self.take(cents, "refund")

    @rule(cents=CENTS)
    def correct(self, cents: int) -> None:
        self.take(cents, "adjustment")

    def take(self, cents: int, kind: str) -> None:
        source = self.source(kind)
        try:
            with transaction() as session:
                if kind == "refund":
                    sent = Sent(self.customer, cents, source, "Refund")
                    wallet.send_back(session, sent, by=SAM, now_us=self.now_us)
                else:
                    legs = (Leg("wallet", -cents), Leg("correction", cents))
                    posting = Posting(kind, source, self.customer, "Corrected", legs)
                    wallet.book(session, posting, by=SAM, now_us=self.now_us)
        except NotEnoughError:
            assert self.wallet < cents
            return
        self.wallet -= cents

    @precondition(lambda self: self.owed)
    @rule(luck=st.randoms())
    def write_off(self, luck: Random) -> None:
        number = luck.choice(sorted(self.owed))
        source = self.source("off")
        try:
            with transaction() as session:
                wallet.write_off(
                    session, self.customer, number, source=source, by=SAM, now_us=self.now_us
                )
        except NothingOwedError:
            assert self.owed[number] <= 0
            return
        self.owed[number] = 0

    @invariant()
    def is_what_was_written_on_paper(self) -> None:
        with reading() as session:
            found = wallet.balances(session, self.customer)
            replayed = wallet.balance_at(session, self.customer, self.now_us)
            owed = wallet.owed(session, list(self.owed))
        credit = sum(left for left, *_ in self.credits.values())
        total = sum(self.owed.values())
        assert found == Balances(self.wallet, sum(self.holds.values()), credit, total)
        assert replayed == self.wallet
        assert {number: owed.get(number, 0) for number in self.owed} == self.owed

    def teardown(self) -> None:
        assert breaches() == []


def test_the_ledger_is_what_a_child_with_paper_would_have_written(app: APIFlask) -> None:
    assert app.config["DCX"]
    how = settings(
        max_examples=times(6, 200), stateful_step_count=times(20, 50), deadline=None,
        print_blob=True,
    )  # fmt: skip

    run_state_machine_as_test(Desk, settings=how)
