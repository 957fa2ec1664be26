"""Money that staff move by hand: with a reason, once, and above a limit by two people."""

from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.journal import service as journal
from dcx.journal.service import Wanted
from dcx.kit.errors import NotAllowedError, NotFoundError
from dcx.repository.session import reading, transaction
from dcx.wallet import service as wallet
from dcx.wallet.service import Adjustment, AdjustmentRefusedError, Balances, Wish
from tests.support.ledger import ADA, SAM, all_at_once, bill, breaches, money_of, pay_in

LIMIT = 10_000


@pytest.fixture(autouse=True)
def alpha(app: APIFlask) -> None:
    assert app.config["DCX"]
    with transaction() as session:
        accounts.add_customer(session, accounts.Customer("alpha", "Alpha"), now_us=1)


def ask(session: Session, kind: str, cents: int, **more: Any) -> Adjustment:
    form = {"reason": "Outage of 3 May", "form_key": f"form {kind} {cents}"} | more
    wish = Wish("alpha", kind, cents, **form)
    return wallet.ask(session, wish, by=SAM, limit_cents=LIMIT, now_us=50)


def audit() -> list[tuple[str, str, str]]:
    with reading() as session:
        rows = journal.entries(session, Wanted()).rows
    return [(entry.who, entry.action, entry.after) for entry in reversed(rows)]


def test_below_the_limit_each_kind_is_booked_at_once_and_noted() -> None:
    bill("alpha", "INV-1", 500)
    bill("alpha", "INV-2", 300)

    with transaction() as session:
        done = [
            ask(session, "received", 700, document="INV-1"),
            ask(session, "adjustment", -50),
            ask(session, "credit", 60, expires_us=900, priority=2),
            ask(session, "write_off", 0, document="INV-2"),
        ]
        kept = wallet.adjustments_of(session, "alpha")
        [credit] = wallet.credits_of(session, "alpha", now_us=60)

    assert [(each.state, each.decided_by) for each in done] == [("booked", SAM.who)] * 4
    assert kept == done[::-1]
    assert done[3].amount_cents == 300
    assert (credit.left_cents, credit.expires_us, credit.priority) == (60, 900, 2)
    assert money_of("alpha") == Balances(wallet=150, credit=60)
    assert [action for _, action, _ in audit()] == ["adjustment booked"] * 4
    assert '"amount": "-0.50"' in audit()[1][2]
    assert '"reason": "Outage of 3 May"' in audit()[1][2]
    assert breaches() == []


def test_from_the_limit_on_a_second_person_decides() -> None:
    with transaction() as session:
        up = ask(session, "received", LIMIT)
        away = ask(session, "adjustment", -LIMIT)
        assert [each.key for each in wallet.waiting(session)] == [up.key, away.key]
        with pytest.raises(NotAllowedError):
            wallet.decide(session, up.key, agrees=True, by=SAM, now_us=60)
        with pytest.raises(NotFoundError):
            wallet.decide(session, "nothing", agrees=True, by=ADA, now_us=60)
    assert money_of("alpha") == Balances()

    with transaction() as session:
        with pytest.raises(wallet.NotEnoughError):
            wallet.decide(session, away.key, agrees=True, by=ADA, now_us=60)
        declined = wallet.decide(session, away.key, agrees=False, by=ADA, now_us=60)
        agreed = [wallet.decide(session, up.key, agrees=True, by=ADA, now_us=70) for _ in "12"]
        with pytest.raises(AdjustmentRefusedError, match="declined by ada"):
            wallet.decide(session, away.key, agrees=True, by=ADA, now_us=80)
        assert wallet.waiting(session) == []

    assert (declined.state, declined.decided_by, declined.decided_us) == ("declined", ADA.who, 60)
    assert agreed[0] == agreed[1]
    assert agreed[0].state == "booked"
    assert money_of("alpha") == Balances(wallet=LIMIT)
    assert [(who, action) for who, action, _ in audit()] == [
        (SAM.who, "adjustment asked for"), (SAM.who, "adjustment asked for"),
        (ADA.who, "adjustment declined"), (ADA.who, "adjustment agreed to"),
    ]  # fmt: skip
    assert breaches() == []


def test_a_form_sent_twice_asks_once_and_many_decisions_book_once(app: APIFlask) -> None:
    pay_in("alpha", 1, "payment/1")

    def send() -> str:
        with transaction() as session:
            return ask(session, "adjustment", LIMIT).key

    [key] = set(all_at_once(app, [send] * 6))

    def agree() -> str:
        with transaction() as session:
            return wallet.decide(session, str(key), agrees=True, by=ADA, now_us=60).state

    assert all_at_once(app, [agree] * 6) == ["booked"] * 6
    assert money_of("alpha") == Balances(wallet=LIMIT + 1)
    assert len(audit()) == 2


def test_an_adjustment_that_makes_no_sense_is_refused() -> None:
    bill("alpha", "INV-1", 500)
    bill("gamma", "INV-2", 500)
    senseless: list[tuple[str, int, dict[str, Any], str]] = [
        ("gift", 5, {}, "one of adjustment, credit, write_off, received"),
        ("credit", 5, {"form_key": ""}, "by its form"),
        ("credit", 5, {"reason": "  why "}, "reason of 5"),
        ("credit", -5, {}, "more than zero"),
        ("adjustment", 0, {}, "not be zero"),
        ("adjustment", 10**14, {}, "more money than DCX counts"),
        ("credit", 5, {"expires_us": 50}, "expired already"),
        ("received", 5, {"document": "INV-2"}, "no invoice of this customer"),
        ("write_off", 400, {"document": "INV-1"}, "5.00 is owed"),
        ("write_off", 400, {}, "Nothing is owed"),
    ]

    with transaction() as session:
        for kind, cents, more, words in senseless:
            with pytest.raises(AdjustmentRefusedError, match=words):
                ask(session, kind, cents, **more)
        with pytest.raises(wallet.NotEnoughError):
            ask(session, "adjustment", -5)
        assert wallet.adjustments_of(session, "alpha") == []
        unknown = Wish("nobody", "credit", 5, "Outage of 3 May", form_key="form")
        with pytest.raises(NotFoundError):
            wallet.ask(session, unknown, by=SAM, limit_cents=LIMIT, now_us=50)
    assert audit() == []


def test_a_write_off_gives_up_no_more_than_was_agreed_to() -> None:
    bill("alpha", "INV-1", LIMIT + 500)
    pay_in("alpha", 300, "payment/1", document="INV-1")
    with transaction() as session:
        asked = ask(session, "write_off", 0, document="INV-1")
        wallet.take_back(
            session, wallet.Undoing("payment/1", "payment/1/back", "Voided"), by=SAM, now_us=55
        )

    with transaction() as session:
        with pytest.raises(AdjustmentRefusedError, match="More is owed for INV-1 now than the 102"):
            wallet.decide(session, asked.key, agrees=True, by=ADA, now_us=60)
        wallet.receive(
            session, wallet.Receipt("alpha", 400, "p/2", "EFT", "INV-1"), by=SAM, now_us=61
        )
        agreed = wallet.decide(session, asked.key, agrees=True, by=ADA, now_us=62)

    assert (asked.amount_cents, agreed.state) == (LIMIT + 200, "booked")
    assert money_of("alpha") == Balances()
    assert breaches() == []


def test_a_large_amount_in_small_parts_waits_too_and_a_form_asks_for_one_thing() -> None:
    with transaction() as session:
        first = ask(session, "adjustment", LIMIT - 2_000, form_key="1")
        part = ask(session, "credit", 2_000, form_key="2")
        small = ask(session, "adjustment", -1_999, form_key="3")
        again = ask(session, "adjustment", LIMIT - 2_000, form_key="1")
        with pytest.raises(AdjustmentRefusedError, match="sent before"):
            ask(session, "adjustment", 700, form_key="1")

    assert [each.state for each in (first, part, small)] == ["booked", "waiting", "booked"]
    assert again == first
    with transaction() as session:
        theirs = Wish("alpha", "credit", 2_000, "Outage of 3 May", form_key="4")
        other = wallet.ask(session, theirs, by=ADA, limit_cents=LIMIT, now_us=50)
        later = Wish("alpha", "credit", 2_000, "Outage of 3 May", form_key="5")
        day_us = 24 * 3_600 * 1_000_000
        next_day = wallet.ask(session, later, by=SAM, limit_cents=LIMIT, now_us=50 + day_us)
    assert (other.state, next_day.state) == ("booked", "booked")
