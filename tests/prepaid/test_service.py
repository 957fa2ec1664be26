"""Where a wallet stands, what the watch says as it falls and rises, and how it is topped up."""

import threading
from dataclasses import dataclass, field

import pytest
from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.billing import service as billing
from dcx.journal import service as journal
from dcx.journal.service import Wanted
from dcx.kit.money import half_up
from dcx.kit.periods import HOUR_US
from dcx.prepaid.errors import OrderRefusedError
from dcx.prepaid.models import AutoTopUp
from dcx.prepaid.rules import DAY_US, SUSPEND, AutoTerms
from dcx.prepaid.service import watch
from dcx.prepaid.service.history import history
from dcx.prepaid.service.standing import may_order, standings
from dcx.prepaid.service.top_ups import DECLINED, PAID, UNKNOWN, Intent, Outcome
from dcx.repository.session import reading, transaction
from dcx.wallet import service as ledger
from tests.conftest import Statements
from tests.prepaid.conftest import BY, Purse, log_of

DAILY_NET = 24 * 2 * 1450 // 100 + 24 * 5
"""Cents of a day of 2 vCPU and 1 GiB by the tests' book, without VAT."""


def test_the_live_balance_is_the_ledger_less_all_drafts_whatever_is_booked(purse: Purse) -> None:
    purse.set_live(500_00)
    found = purse.standing()
    with reading() as session:
        drafts = billing.unbilled(session, purse.desk, customer="alpha", now_us=purse.now_us)
    whole = sum(bill.sums.total_cents for bill in drafts["alpha"])
    assert found.unbilled_cents == whole
    assert len(drafts["alpha"]) >= 2
    assert found.live_cents == found.balances.wallet - whole == 500_00

    number = purse.issue()
    after = purse.standing()
    assert after.live_cents == 500_00
    assert after.unbilled_cents < whole
    with reading() as session:
        assert ledger.owed(session, [number]) == {number: 0}

    purse.send(log_of("vm-1", 33, vcpus=4))
    late = purse.standing()
    assert late.live_cents < 500_00 - 5 * DAILY_NET

    daily = half_up(24 * 4 * 1450 // 100 * 115 + 24 * 5 * 115, 100)
    assert abs(late.runway.daily_cents - daily) <= 2
    assert [driver.words for driver in late.drivers] == ["name of vm-1"]
    assert late.runway.until_us is not None
    lasts_us = late.runway.until_us - late.metered_until_us
    assert abs(lasts_us - late.live_cents * DAY_US // late.runway.daily_cents) < HOUR_US

    purse.credit(70_00)
    assert purse.live() == late.live_cents + 70_00


def test_what_old_months_still_owe_counts_once_over_several_open_months(purse: Purse) -> None:
    purse.send(log_of("vm-2", 75), log_of("vm-1", 75, vcpus=1))
    with reading() as session:
        months = [bill.month for bill in _open(session, purse)]
    first = months[0]
    with transaction() as session:
        billing.issue(session, "alpha", first, purse.desk, by=BY, now_us=purse.now_us)
    before = purse.live()

    purse.send({**log_of("vm-2", 74.9), "vcpus": 4})

    with reading() as session:
        open_bills = _open(session, purse)
        again = {line.adjusts for bill in open_bills[1:] for line in bill.lines if line.adjusts}
    assert {line.adjusts for line in open_bills[0].lines if line.adjusts} == {first}
    assert again == set()
    assert purse.live() < before


def _open(session: Session, purse: Purse) -> list[billing.Draft]:
    return billing.unbilled(session, purse.desk, customer="alpha", now_us=purse.now_us)["alpha"]


def test_the_days_of_the_chart_lead_to_what_is_left_now(purse: Purse) -> None:
    purse.set_live(300_00)
    found = purse.standing()

    with reading() as session:
        past = history(session, found, purse.desk, now_us=purse.now_us)

    assert len(past.days) == 30
    assert past.days[-1].left_cents == found.live_cents
    assert sum(day.in_cents for day in past.days) == found.balances.wallet
    full = half_up(DAILY_NET * 115, 100)
    assert all(abs(day.used_cents - full) <= 1 for day in past.days[1:-1])
    assert past.opening + sum(day.in_cents - day.used_cents for day in past.days) == 300_00


def test_standings_of_many_cost_as_many_statements_as_of_few(
    purse: Purse, statements: Statements
) -> None:
    def cost() -> tuple[int, int]:
        statements.seen.clear()
        with reading() as session:
            found = standings(session, purse.desk, now_us=purse.now_us)
        return len(found), statements.count

    few, first = cost()
    with transaction() as session:
        for number in range(8):
            one = accounts.Customer(f"p-{number}", f"P {number}", billing="prepaid")
            accounts.add_customer(session, one, now_us=1)
    purse.send(*(log_of(f"own-{n}", 40, customer=f"p-{n}") for n in range(8)))

    many, second = cost()

    assert (few, many) == (1, 9)
    assert second <= first


@pytest.fixture
def strict(purse: Purse) -> Purse:
    """alpha is warned below R200 and R50, and suspended two hours after nothing is left."""
    purse.arrange(thresholds=(200_00, 50_00), at_zero=SUSPEND, grace_hours=2)
    return purse


def test_a_wallet_that_runs_low_warns_of_each_amount_once_and_of_zero_ahead(strict: Purse) -> None:
    strict.set_live(900_00)
    assert strict.watch()["said"] == 0

    strict.set_live(150_00)
    assert [strict.watch()["said"], strict.watch()["said"]] == [1, 0]
    assert strict.mails() == ["low_balance"]

    strict.set_live(3_00)
    strict.watch()
    strict.watch()
    assert strict.mails() == ["low_balance", "zero_ahead", "low_balance"]


def test_a_wallet_that_is_used_up_waits_its_grace_is_suspended_and_opens_again_each_said_once(
    strict: Purse,
) -> None:
    strict.set_live(1_00)
    with transaction() as session:
        ledger.charge(session, ledger.Bill("INV-9", "alpha", "x", 4_00, 0), by=BY, now_us=1)
    strict.watch()
    assert strict.mails() == ["zero_ahead"]
    assert strict.standing().suspends_us == strict.now_us + 2 * HOUR_US
    assert "empty" in _refusal(strict)

    strict.now_us += 2 * HOUR_US - 1
    assert strict.watch()["said"] == 0
    strict.now_us += 1
    assert [strict.watch()["said"], strict.watch()["said"]] == [1, 0]
    assert strict.mails()[1:] == ["suspended"]
    assert "suspended" in _refusal(strict)

    strict.set_live(400_00)
    strict.watch()
    strict.watch()
    assert strict.mails()[2:] == ["fine_again"]
    assert strict.standing().state.suspended_us is None
    assert _refusal(strict) == ""
    with reading() as session:
        said = [entry.action for entry in journal.entries(session, Wanted(who="Clock")).rows]
    assert said.count("account suspended") == said.count("account resumed") == 1
    assert strict.flask("check").status == 0


def _refusal(purse: Purse) -> str:
    """Why alpha may order nothing; "" where it may."""
    with reading() as session:
        try:
            may_order(session, "alpha", purse.desk, price_cents=3_00, now_us=purse.now_us)
        except OrderRefusedError as error:
            return error.message
    return ""


def test_no_mail_without_its_move_and_two_watches_say_a_thing_once(purse: Purse) -> None:
    purse.set_live(150_00)

    def die_after_it() -> None:
        with transaction() as session:
            watch.move(session, "alpha", purse.desk, site=purse.site, now_us=purse.now_us)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        die_after_it()
    assert purse.mails() == []

    def look() -> None:
        with purse.app.app_context():
            purse.watch()

    _at_once(look)
    assert purse.mails() == ["low_balance"]


def _at_once(work: object, many: int = 2) -> None:
    threads = [threading.Thread(target=work) for _ in range(many)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_an_invoice_that_was_paid_in_part_is_paid_on_when_money_comes(purse: Purse) -> None:
    number = purse.issue()
    with reading() as session:
        owed = ledger.owed(session, [number])[number]
    purse.set_live(100_00)

    assert [purse.watch()["settled"], purse.watch()["settled"]] == [1, 0]

    with reading() as session:
        assert (owed > 0, ledger.owed(session, [number])[number]) == (True, 0)
    assert purse.live() == 100_00


@dataclass
class Bank:
    """A gateway that charges once for a form, as the real door does; `answer` is what it says."""

    answer: Outcome
    charged: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    dies: bool = False

    def charge(self, intent: Intent) -> Outcome:
        form = f"{intent.customer}/{intent.form_key}"
        (self.asked if form in self.charged else self.charged).append(form)
        if self.dies:
            raise ConnectionError
        return self.answer


AUTO = AutoTerms(is_on=True, cents=300_00, below_cents=100_00, card="card-1", a_day=2)


def test_a_top_up_is_charged_once_even_if_its_worker_dies_after_the_charge(purse: Purse) -> None:
    purse.arrange(auto=AUTO)
    purse.set_live(50_00)
    bank = Bank(Outcome(UNKNOWN), dies=True)

    with pytest.raises(ConnectionError):
        purse.watch(bank.charge)
    bank.dies = False
    assert purse.watch(bank.charge)["topped_up"] == 0
    bank.answer = Outcome(PAID, "pay-1")
    assert purse.watch(bank.charge)["topped_up"] == 1
    purse.watch(bank.charge)

    assert bank.charged[0] == "alpha/automatic/1"
    assert bank.asked == ["alpha/automatic/1"] * 2
    assert bank.charged[1:] == ["alpha/automatic/2"]
    purse.watch(bank.charge)
    assert len(bank.charged) == AUTO.a_day


def test_what_fails_for_one_customer_keeps_no_other_from_its_top_up(purse: Purse) -> None:
    with transaction() as session:
        for customer in ("gamma", "alpha"):
            session.add(
                AutoTopUp(customer=customer, crossing=1, amount_cents=5, payment="",
                          state="wanted", created_us=purse.now_us)
            )  # fmt: skip
            session.flush()
    tried = []

    def charge(intent: Intent) -> Outcome:
        tried.append(intent.customer)
        if intent.customer == "gamma":
            raise ConnectionError
        return Outcome(PAID, "pay-1")

    for _ in range(2):
        with pytest.raises(ConnectionError):
            purse.watch(charge)

    assert tried == ["gamma", "alpha", "gamma"]


def test_a_decline_cools_down_and_is_told_and_nothing_is_charged_above_the_balance(
    purse: Purse,
) -> None:
    purse.set_live(50_00)
    bank = Bank(Outcome(DECLINED, "pay-1", "The bank said no."))
    purse.watch(bank.charge)
    assert bank.charged == []
    purse.arrange(auto=AUTO)

    for _ in range(3):
        purse.watch(bank.charge)
    assert len(bank.charged) == 1
    assert purse.mails().count("auto_top_up_failed") == 1

    purse.now_us += DAY_US
    purse.watch(bank.charge)
    assert len(bank.charged) == 2
    purse.set_live(100_00)
    purse.now_us += DAY_US
    purse.watch(bank.charge)
    assert len(bank.charged) == 2
