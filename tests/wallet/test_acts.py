"""Money moves once for whatever caused it, and never further than there is of it."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dcx.repository.session import transaction
from dcx.wallet import service as wallet
from dcx.wallet.errors import UnbalancedError
from dcx.wallet.service import Balances, Held, Leg, Posting, Receipt, Received, Sent
from tests.conftest import Flask
from tests.support.ledger import SAM, bill, breaches, give, money_of, pay_in, set_aside

pytestmark = pytest.mark.usefixtures("app")


def test_money_pays_the_invoice_first_and_the_wallet_gets_the_rest_once() -> None:
    bill("alpha", "INV-1", 500, 75)
    receipt = Receipt("alpha", 1_000, "payment/1", "Paid by card", "INV-1")

    answers = []
    for _ in range(2):
        with transaction() as session:
            answers.append(wallet.receive(session, receipt, by=SAM, now_us=20))

    first = Received(is_new=True, paid_cents=575, to_wallet_cents=425)
    assert answers == [first, replace(first, is_new=False)]
    assert money_of("alpha") == Balances(wallet=425)


def test_nobody_pays_the_invoice_of_somebody_else() -> None:
    bill("alpha", "INV-1", 500)
    pay_in("gamma", 300, "payment/1", document="INV-1")

    with transaction() as session:
        settled = wallet.settle_from_wallet(
            session, "gamma", "INV-1", source="settle/1", by=SAM, now_us=20
        )
        with pytest.raises(wallet.NothingOwedError):
            wallet.write_off(session, "gamma", "INV-1", source="off/1", by=SAM, now_us=20)

    assert settled == 0
    assert money_of("gamma") == Balances(wallet=300)
    assert money_of("alpha") == Balances(owed=500)


def test_credits_pay_before_the_wallet_and_a_part_is_paid_as_far_as_it_goes() -> None:
    bill("alpha", "INV-1", 900)
    give("alpha", 100, "gift/1", until=1_000)
    give("alpha", 100, "gift/2", until=20)
    pay_in("alpha", 300, "payment/1")

    with transaction() as session:
        first = wallet.settle_from_wallet(
            session, "alpha", "INV-1", source="settle/1", by=SAM, now_us=20
        )
        owing = wallet.owing(session, "alpha")
        written_off = wallet.write_off(session, "alpha", "INV-1", source="off/1", by=SAM, now_us=21)
        owed = wallet.owed(session, ["INV-1"])

    assert (first, owing, written_off, owed) == (400, [("INV-1", 500)], 500, {"INV-1": 0})
    assert money_of("alpha") == Balances(credit=100)
    assert breaches() == []


def test_an_invoice_below_zero_is_paid_out_and_one_of_nothing_moves_nothing() -> None:
    bill("alpha", "INV-1", -200, -30)
    bill("alpha", "INV-2", 0)

    with transaction() as session:
        moved = [
            wallet.settle_from_wallet(
                session, "alpha", number, source=f"settle/{number}", by=SAM, now_us=20
            )
            for number in ("INV-1", "INV-2")
        ]

    assert moved == [-230, 0]
    assert money_of("alpha") == Balances(wallet=230)
    assert breaches() == []


def test_what_the_gateway_takes_back_may_leave_the_wallet_below_zero_once() -> None:
    bill("alpha", "INV-1", 400)
    pay_in("alpha", 1_000, "payment/1", document="INV-1")
    set_aside("alpha", 500, "order/1")

    taken = []
    for _ in range(2):
        with transaction() as session:
            taken.append(
                wallet.take_back(
                    session,
                    wallet.Undoing("payment/1", "payment/1/back", "Voided"),
                    by=SAM,
                    now_us=20,
                )
            )
    with transaction() as session, pytest.raises(wallet.NotEnoughError):
        wallet.hold(session, Held("alpha", 1, "order/2", "Order"), by=SAM, now_us=21)

    assert taken == [True, False]
    assert money_of("alpha") == Balances(wallet=-500, held=500, owed=400)
    assert breaches() == []


def test_what_is_refused_leaves_nothing_even_where_the_transaction_goes_on() -> None:
    pay_in("alpha", 100, "payment/1")
    refund = Sent("alpha", 150, "refund/1", "Refund")

    with transaction() as session:
        with pytest.raises(wallet.NotEnoughError):
            wallet.send_back(session, refund, by=SAM, now_us=20)
        wallet.receive(session, Receipt("alpha", 60, "payment/2", "Top-up"), by=SAM, now_us=20)
        assert wallet.send_back(session, refund, by=SAM, now_us=20)

    assert money_of("alpha") == Balances(wallet=10)
    assert breaches() == []


def test_a_booking_that_does_not_balance_or_says_an_account_twice_is_a_fault() -> None:
    one, other = Leg("wallet", 5), Leg("clearing", -5)

    for legs in ((), (one,), (one, one, other, other)):
        with pytest.raises(UnbalancedError):
            Posting("odd", "odd/1", "alpha", "Odd", legs)
    for cents in (0, -5):
        with pytest.raises(UnbalancedError):
            Receipt("alpha", cents, "payment/1", "Nothing")


def test_the_database_refuses_to_change_what_was_booked() -> None:
    give("alpha", 100, "gift/1")

    for table in ("booking", "ledger_entry", "credit"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id + 1"):
            with pytest.raises(DBAPIError, match="never changed"), transaction() as session:
                session.execute(text(statement))
    with pytest.raises(DBAPIError, match="overdrawn"), transaction() as session:
        session.execute(text("UPDATE account SET balance_cents = -1 WHERE kind = 'credit'"))
    assert breaches() == []


TAMPERED = {
    "UPDATE account SET balance_cents = 399 WHERE kind = 'wallet'": [
        "wallet of alpha: its balance is 3.99, its entries sum to 4.00"
    ],
    "UPDATE ledger_entry SET balance_cents = 7 WHERE balance_cents = 1000": [
        "booking eft/1: its entry in the wallet of alpha says a balance of 0.07, the entries"
        " up to it sum to 10.00"
    ],
    "UPDATE ledger_entry SET amount_cents = -999 WHERE amount_cents = -1000": [
        "booking eft/1: its entries sum to 0.01, not to zero"
    ],
    "UPDATE hold SET state = 'released'": [
        "held of alpha: 6.00 is there, its open holds sum to 0.00"
    ],
    "UPDATE hold SET amount_cents = 700": ["held of alpha: 6.00 is there", "it was not booked"],
    "DELETE FROM credit": ["its account and what was given do not belong together"],
    "UPDATE booking SET customer = 'gamma' WHERE source = 'eft/1'": [
        "booking eft/1: it moved money of alpha, whose it is not"
    ],
    "UPDATE ledger_entry SET balance_cents = -100 WHERE amount_cents = -600": [
        "it took the wallet of alpha to -1.00"
    ],
    "DELETE FROM ledger_entry WHERE amount_cents IN (600, -600)": [": it has no entries"],
    "DELETE FROM ledger_entry WHERE document = 'INV-1'": ["receivable of alpha: its balance"],
}  # fmt: skip


def test_whatever_is_changed_behind_the_ledgers_back_is_named(flask: Flask) -> None:
    pay_in("alpha", 1_000, "eft/1")
    set_aside("alpha", 600, "order/1")
    give("alpha", 50, "gift/1")
    bill("alpha", "INV-1", 100)
    assert flask("check").status == 0
    with transaction() as session:
        for table in ("booking", "ledger_entry", "credit"):
            if session.get_bind().dialect.name == "sqlite":
                session.execute(text(f"DROP TRIGGER {table}_no_update"))
                session.execute(text(f"DROP TRIGGER {table}_no_delete"))
            else:
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_frozen"))

    for statement, sentences in TAMPERED.items():
        with transaction() as session:
            session.execute(text(statement))
            found = " ".join(wallet.breaches(session))
            session.rollback()
        assert [sentence for sentence in sentences if sentence not in found] == [], found

    with transaction() as session:
        session.execute(text(next(iter(TAMPERED))))
    answer = flask("check")
    assert answer.status == 1
    assert "wallet of alpha: its balance is 3.99" in answer.err
