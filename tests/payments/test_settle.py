"""What a payment becomes: by whatever door the news comes, the gateway is asked and money is booked
once.
"""

from contextlib import suppress

import pytest

from dcx.accounts import service as accounts
from dcx.payments import service
from dcx.payments.rules import ALLOWED, STATES, Answer, meaning, next_state
from dcx.payments.service import BROWSER, GATEWAY
from dcx.repository.session import transaction
from tests.support.gateway import AMEX, BROKEN, POOR
from tests.support.paying import BEGUN_US, DAY_US, MINUTE_US, SECOND_US, Till


def test_what_is_paid_is_only_ever_taken_back() -> None:
    told = {meaning(status, code) for status in "012345789" for code in ("", "990017", "900007")}

    assert told <= set(STATES)
    assert {next_state("paid", each) for each in told} == {"paid", "reversed"}
    assert {next_state("reversed", each) for each in told} == {"reversed"}
    assert {next_state("failed", each) for each in told} == {"failed"}
    for state in set(STATES) - {"paid", "failed", "reversed"}:
        assert next_state(state, meaning("1", "990017")) == "paid", f"money that came late: {state}"
        assert next_state(state, meaning("7")) in {"cancelled", state}, "nothing was booked"
    assert {after for each in ALLOWED.values() for after in each} <= set(STATES)
    assert meaning("1", "900007") == "review", "approved and declined at once"
    assert (meaning("0"), meaning("0", "990022"), meaning("5")) == (
        "redirected", "pending", "pending",
    )  # fmt: skip
    assert meaning("9") == "review"


# scenarios 2, 9, 12 and 53
def test_a_top_up_by_card_is_credited_once_by_its_notice_and_receipted_once(till: Till) -> None:
    key = till.pay()

    till.gateway.pay(till.request(key))

    row = till.row(key)
    assert (row.state, row.result_code, row.method, row.risk) == (
        "paid", "990017", "CC Visa", "AX",
    )  # fmt: skip
    assert till.balance() == 15_000
    assert till.bookings() == [f"payment/{key}"]
    assert till.mails() == ["We received R150,00 for your wallet"]
    assert [state for state, _ in till.steps(key)] == ["created", "redirected", "paid"]
    assert till.gateway.attempts[-1].was_taken
    assert row.next_check_us is None
    assert till.breaches() == []


def test_an_invoice_is_paid_and_what_is_too_much_goes_to_the_wallet(till: Till) -> None:
    number = till.invoice()
    one, other = (till.pay(None, document=number) for _ in range(2))

    for key in (one, other):
        till.gateway.pay(till.request(key))

    assert (till.owed(), till.balance()) == (0, 14_950)
    assert till.mails()[0] == "We received R149,50 for invoice INV-000001"
    assert till.breaches() == []


# scenario 3
def test_a_declined_card_moves_no_money_and_the_next_try_is_another_payment(till: Till) -> None:
    key = till.pay()

    till.gateway.pay(till.request(key), POOR)

    assert till.state(key) == "declined"
    assert (till.balance(), till.bookings()) == (0, [])
    assert till.mails() == ["The payment of R150,00 did not go through"]
    again = till.pay()
    assert till.row(again).reference != till.row(key).reference
    till.gateway.pay(till.request(again))
    assert till.balance() == 15_000


# scenarios 4 and 5
def test_a_bank_that_is_down_leaves_it_open_and_a_cancel_ends_it(till: Till) -> None:
    broken, fourth, third = till.pay(), till.pay(), till.pay()

    till.gateway.pay(till.request(broken), BROKEN)
    till.gateway.cancel(till.request(fourth), "4")
    till.gateway.cancel(till.request(third), "3")

    assert (till.state(broken), till.row(broken).result_code) == ("pending", "990022")
    assert till.row(broken).next_check_us is not None
    assert (till.state(fourth), till.state(third)) == ("cancelled", "cancelled")
    till.poll(after_us=9 * DAY_US)
    assert till.state(broken) == "expired"
    assert till.balance() == 0


# scenario 6
def test_a_card_without_3d_secure_is_credited_and_flagged(till: Till) -> None:
    key = till.pay()

    till.gateway.pay(till.request(key), AMEX)

    assert till.balance() == 15_000
    with transaction() as session:
        assert not service.get_whole(session, key).line.is_authenticated


# scenario 10
def test_a_browser_that_is_back_first_settles_it_and_the_late_notice_changes_nothing(
    till: Till,
) -> None:
    key = till.pay()
    till.gateway.fault("after_return", "notify")
    way = till.gateway.pay(till.request(key))
    assert till.state(key) == "redirected"

    answer = till.gateway.come_back(till.app.test_client(), way)
    status, words = till.gateway.notify(till.request(key))

    assert answer.status_code == 303
    assert (status, words) == (200, "OK")
    assert (till.state(key), till.balance()) == ("paid", 15_000)
    assert till.steps(key)[-1][1].startswith("The gateway says 1, 990017")
    assert till.bookings() == [f"payment/{key}"]


# scenario 14
def test_the_same_notice_five_times_is_answered_five_times_and_credited_once(till: Till) -> None:
    key = till.pay()
    till.gateway.pay(till.request(key))

    answers = {till.gateway.notify(till.request(key)) for _ in range(5)}

    assert answers == {(200, "OK")}
    assert (till.balance(), len(till.notices()), len(till.mails())) == (15_000, 6, 1)


# scenario 16
def test_a_notice_whose_handler_dies_is_worked_by_its_repetition(till: Till) -> None:
    key = till.pay()
    till.gateway.fault("drop", "notify")
    till.gateway.pay(till.request(key))
    answer = _answer(till, key, "1", "990017")
    with transaction() as session, suppress(ZeroDivisionError), session.begin_nested():
        service.settle(session, key, answer, till.desk, by=GATEWAY, now_us=BEGUN_US)
        raise ZeroDivisionError
    assert (till.state(key), till.balance(), till.mails()) == ("redirected", 0, [])

    assert till.gateway.notify(till.request(key)) == (200, "OK")
    assert (till.state(key), till.balance()) == ("paid", 15_000)
    assert till.gateway.notify(till.request(key)) == (200, "OK")

    assert (till.bookings(), len(till.mails())) == ([f"payment/{key}"], 1)


# scenario 17
def test_a_transfer_that_takes_two_days_waits_and_is_credited(till: Till) -> None:
    key = till.pay()
    till.gateway.eft(till.request(key))
    assert till.state(key) == "pending"

    till.poll(after_us=2 * DAY_US - MINUTE_US)
    assert till.state(key) == "pending"
    till.gateway.settle_eft(till.request(key))
    till.ask(key, after_us=2 * DAY_US)

    assert (till.state(key), till.balance()) == ("paid", 15_000)
    assert [state for state, _ in till.steps(key)] == [
        "created", "redirected", "pending", "paid",
    ]  # fmt: skip


# scenario 18
def test_whoever_is_declined_and_tries_again_on_the_same_page_has_paid(till: Till) -> None:
    key = till.pay()
    said = _answer(till, key, "2", "900003")
    _settle(till, key, said)
    assert till.state(key) == "declined"

    till.gateway.pay(till.request(key))
    till.poll(after_us=DAY_US)

    assert (till.state(key), till.balance()) == ("paid", 15_000)


# scenario 18
def test_news_that_comes_while_somebody_asks_is_asked_about_after(till: Till) -> None:
    key = till.pay()
    _settle(till, key, _answer(till, key, "2", "900003"))
    assert till.row(key).next_check_us is None

    heard = till.ask(key, after_us=SECOND_US, hint="1")

    assert (heard.state, heard.why) == ("", "It was asked a moment ago, or is about to be.")
    till.gateway.fault("drop", "notify")
    till.gateway.pay(till.request(key))
    assert till.poll(after_us=10 * SECOND_US)["paid"] == 1
    assert till.balance() == 15_000


# scenario 19
def test_a_stale_decline_after_the_money_changes_nothing_and_is_on_record(till: Till) -> None:
    key = till.pay()
    till.gateway.pay(till.request(key))
    stale = {"TRANSACTION_STATUS": "2", "RESULT_CODE": "900007", "RESULT_DESC": "Declined"}

    assert till.gateway.notify(till.request(key), **stale) == (200, "OK")
    for _ in range(2):
        _settle(till, key, _answer(till, key, "2", "900007"))

    assert (till.state(key), till.balance()) == ("paid", 15_000)
    assert till.notices()[-1].outcome.startswith("It says declined, the payment is paid.")
    assert till.steps(key)[-2:] == [
        ("paid", "The gateway says 1, 990017 Auth Done"), ("paid", "The gateway says 2, 900007"),
    ]  # fmt: skip
    assert till.row(key).result_code == "990017"


# scenario 20
def test_what_the_gateway_takes_back_is_taken_back_once_and_seen(till: Till) -> None:
    number = till.invoice()
    key = till.pay(20_000)
    till.gateway.pay(till.request(key))
    with transaction() as session:
        wish = service.Wish("alpha", "form", document=number)
        service.pay_from_wallet(session, wish, by=GATEWAY, now_us=BEGUN_US)

    till.gateway.void(till.request(key))
    for days in (1, 2):
        till.ask(key, after_us=days * DAY_US)

    assert till.state(key) == "reversed"
    assert till.bookings() == [f"payment/{key}", f"payment/{key}/reversed"]
    assert till.balance() == -14_950, "it was spent before: below zero, and nothing is hidden"
    assert till.audited()[-1] == "PayGate: payment taken back"
    with transaction() as session:
        assert service.waiting_count(session, now_us=BEGUN_US + DAY_US) == 1
    assert till.breaches() == []


# scenario 23
@pytest.mark.parametrize("kind", ["wrong_checksum", "http_500", "timeout", "html", "huge"])
def test_a_gateway_that_cannot_be_asked_leaves_it_to_the_clock(till: Till, kind: str) -> None:
    key = till.pay()
    till.gateway.fault(kind, "query")

    till.gateway.pay(till.request(key))

    assert till.gateway.attempts[-1].was_taken
    assert (till.state(key), len(till.notices())) == ("redirected", 1)
    assert till.row(key).next_check_us is not None
    assert till.poll(after_us=DAY_US)["paid"] == 1
    assert till.balance() == 15_000


# scenario 53
def test_whoever_nobody_can_write_to_is_credited_all_the_same(till: Till) -> None:
    with transaction() as session:
        accounts.add_customer(session, accounts.Customer("mute", "No Mail"), now_us=1)
    key = till.pay(customer="mute", email="payer@x.example")

    till.gateway.pay(till.request(key))

    assert till.balance("mute") == 15_000
    assert till.mails() == []


def _answer(till: Till, key: str, status: str, code: str) -> Answer:
    row = till.row(key)
    return Answer(till.request(key), row.reference, status, code, "", row.amount_cents, "ZAR")


def _settle(till: Till, key: str, answer: Answer) -> None:
    with transaction() as session:
        service.settle(session, key, answer, till.desk, by=BROWSER, now_us=BEGUN_US + 1)
