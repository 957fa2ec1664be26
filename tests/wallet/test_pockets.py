"""Credits that expire, holds that are released or used: money set apart is never lost."""

from functools import partial

import pytest
from apiflask import APIFlask

from dcx.journal import service as journal
from dcx.journal.service import Wanted
from dcx.repository.session import reading, transaction
from dcx.scheduler import JOBS, run_job
from dcx.wallet import service as wallet
from dcx.wallet.errors import UnbalancedError
from dcx.wallet.service import Balances, Grant, Held, Received, Sent
from tests.support.ledger import SAM, all_at_once, bill, breaches, give, money_of, pay_in, set_aside

pytestmark = pytest.mark.usefixtures("app")


def test_a_credit_is_given_once_and_told_in_the_order_of_use() -> None:
    late = give("alpha", 300, "gift/1", until=900)
    soon = give("alpha", 200, "gift/2", until=800)
    first = give("alpha", 100, "gift/3", until=None, rank=-1)

    with transaction() as session:
        again = Grant("alpha", 999, 0, None, "Twice", "gift/1")
        assert wallet.give_credit(session, again, by=SAM, now_us=20) == late
        for cents, until in ((0, None), (5, 20)):
            useless = Grant("alpha", cents, 0, until, "Useless", "gift/4")
            with pytest.raises(wallet.CreditRefusedError):
                wallet.give_credit(session, useless, by=SAM, now_us=20)

    with reading() as session:
        told = wallet.credits_of(session, "alpha", now_us=800)
        assert [(credit.key, credit.left_cents) for credit in told] == [(first, 100), (late, 300)]
        assert [c.key for c in wallet.every_credit_of(session, "alpha")] == [first, soon, late]
    assert money_of("alpha") == Balances(credit=600)
    assert breaches() == []


def test_what_is_left_of_an_expired_credit_goes_back_once(app: APIFlask) -> None:
    bill("alpha", "INV-1", 120)
    spent = give("alpha", 200, "gift/1", until=500)
    give("gamma", 40, "gift/2", until=600)
    give("gamma", 7, "gift/3", until=10**18)
    with transaction() as session:
        wallet.settle_from_wallet(session, "alpha", "INV-1", source="s/1", by=SAM, now_us=20)

    with transaction() as session:
        early = [wallet.expire_credits(session, now_us=now_us) for now_us in (499, 500)]
    run_job(app, next(job for job in JOBS if job.name == "credits"))
    with transaction() as session:
        late = wallet.expire_credits(session, now_us=10**17)

    with reading() as session:
        run = journal.last_job_runs(session)["credits"]
        noted = journal.entries(session, Wanted()).rows
    assert (early, run.status, run.counts, late) == ([0, 1], "done", '{"expired": 1}', 0)
    assert [(entry.action, entry.who) for entry in noted] == [("credit expired", "Clock")] * 2
    assert (noted[1].subject, noted[1].after) == (spent, '{"left": "0.80"}')
    assert money_of("alpha") == Balances()
    assert money_of("gamma") == Balances(credit=7)
    assert breaches() == []


def test_a_hold_is_made_once_and_released_once() -> None:
    pay_in("alpha", 500, "payment/1")
    key = set_aside("alpha", 300, "order/1")

    assert set_aside("alpha", 300, "order/1") == key
    with pytest.raises(wallet.NotEnoughError):
        set_aside("alpha", 201, "order/2")
    assert money_of("alpha") == Balances(wallet=200, held=300)
    with reading() as session:
        [held] = wallet.holds_of(session, "alpha")
    assert (held.key, held.cents, held.words) == (key, 300, "Order of a VM")
    with transaction() as session:
        released = [wallet.release(session, key, by=SAM, now_us=20) for _ in range(2)]
        with pytest.raises(wallet.HoldEndedError, match="released before"):
            wallet.use(session, key, "INV-1", by=SAM, now_us=21)
        with pytest.raises(wallet.UnknownHoldError):
            wallet.release(session, "nothing", by=SAM, now_us=21)
        assert wallet.holds_of(session, "alpha") == []
    assert released == [True, False]
    assert money_of("alpha") == Balances(wallet=500)
    assert breaches() == []


def test_a_hold_pays_its_invoice_and_the_rest_returns() -> None:
    pay_in("alpha", 500, "payment/1")
    bill("alpha", "INV-1", 260)
    key = set_aside("alpha", 400, "order/1")

    with transaction() as session:
        used = [wallet.use(session, key, "INV-1", by=SAM, now_us=20) for _ in range(2)]
        for end in (
            lambda: wallet.release(session, key, by=SAM, now_us=21),
            lambda: wallet.use(session, key, "INV-2", by=SAM, now_us=21),
        ):
            with pytest.raises(wallet.HoldEndedError, match="used before"):
                end()

    first = Received(is_new=True, paid_cents=260, to_wallet_cents=140)
    assert used == [first, Received(is_new=False, paid_cents=260, to_wallet_cents=140)]
    assert money_of("alpha") == Balances(wallet=240)
    assert breaches() == []


def test_a_hold_that_many_end_at_once_ends_once(app: APIFlask) -> None:
    pay_in("alpha", 500, "payment/1")
    bill("alpha", "INV-1", 500)
    key = set_aside("alpha", 500, "order/1")

    answers = all_at_once(app, [partial(end_hold, key, uses=n % 2 == 0) for n in range(12)])

    assert sum(answer == "ended" for answer in answers) == 1
    assert money_of("alpha") in {Balances(), Balances(wallet=500, owed=500)}
    assert breaches() == []


def end_hold(key: str, *, uses: bool) -> str:
    with transaction() as session:
        if uses:
            return "ended" if wallet.use(session, key, "INV-1", by=SAM, now_us=20).is_new else "no"
        return "ended" if wallet.release(session, key, by=SAM, now_us=20) else "no"


def test_a_refund_leaves_by_its_hold_whatever_the_wallet_lost_meanwhile() -> None:
    bill("alpha", "INV-1", 100)
    pay_in("alpha", 400, "payment/1", document="INV-1")
    key = set_aside("alpha", 300, "refund/1")
    sent = Sent("alpha", 360, "refund/1", "Refund", "INV-1")

    with transaction() as session:
        wallet.take_back(
            session, wallet.Undoing("payment/1", "payment/1/back", "Voided"), by=SAM, now_us=20
        )
        told = [wallet.send_held(session, key, sent, by=SAM, now_us=30) for _ in range(2)]
        with pytest.raises(wallet.HoldEndedError):
            wallet.release(session, key, by=SAM, now_us=31)

    assert told == [True, False]
    assert money_of("alpha") == Balances(wallet=-300, owed=160)
    assert breaches() == []


def test_a_hold_of_nothing_is_a_fault() -> None:
    with pytest.raises(UnbalancedError):
        Held("alpha", 0, "order/1", "Nothing")
