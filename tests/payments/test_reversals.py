"""A payment that the gateway takes back after refunds: together they take no more than was paid."""

import threading

import pytest
from apiflask import APIFlask

from dcx.accounts import service as accounts
from dcx.payments import service as payments
from dcx.payments.errors import RefundRefusedError
from dcx.payments.jobs.clock import now_us
from dcx.payments.models import Payment
from dcx.payments.service import differences, reconciliation, sending
from dcx.payments.service import refunds as service
from dcx.payments.service.differences import Side
from dcx.payments.service.refunds import RefundLine
from dcx.payments.service.sending import Errand
from dcx.repository.session import engine_of, reading, transaction
from dcx.wallet import service as wallet
from tests.conftest import Statements
from tests.support.gateway import SimulatedGateway
from tests.support.kept_cards import ALICE, Clock, desk, paid
from tests.support.refunding import ADA, SAM, ask, money, send, states


@pytest.fixture
def clock(app: APIFlask, gateway: SimulatedGateway) -> Clock:
    """A minute ahead. alpha is a customer, and the gateway tells nobody anything."""
    assert app.config["DCX"]
    gateway.deliver_by(lambda _url, _body: (200, "OK"))
    with transaction() as session:
        accounts.add_customer(session, accounts.Customer("alpha", "Alpha"), now_us=1)
    return Clock(now_us() + 60_000_000)


def claim(clock: Clock) -> Errand:
    with transaction() as session:
        errand = sending.claim_errand(session, now_us=clock())
    assert errand is not None
    return errand


def confirm(errand: Errand, clock: Clock) -> bool:
    with transaction() as session:
        return sending.settle_done(session, errand, "77", site=desk().site, now_us=clock())


def void(gateway: SimulatedGateway, payment: str, clock: Clock) -> None:
    with reading() as session:
        request = payments.redirect_of(session, payment).pay_request_id
    gateway.void(request)
    assert payments.ask(payment, desk(), by=ALICE, now_us=clock()).state == "reversed"


def faults() -> list[str]:
    """What `flask check` finds, and how many bookings reconciliation finds to differ."""
    with transaction() as session:
        differing = reconciliation.compare_with_ledger(session, currency="ZAR", now_us=now_us())
        found = [*wallet.breaches(session), *payments.breaches(session)]
    return found + [f"{differing} differ"] * bool(differing)


def looked_at(clock: Clock) -> list[differences.Line]:
    """What went back both ways and waits for people, after a run of reconciliation."""
    wanted = {"state": "open", "kind": "sent_and_taken", "words": ""}
    with transaction() as session:
        count = reconciliation.find_sent_and_taken(session, now_us=clock())
        found = list(differences.every_difference(session, wanted, differences.OLDEST))
    assert count == len(found)
    return found


def test_what_was_sent_back_is_not_taken_back_again_and_what_waits_is_never_sent(
    app: APIFlask, gateway: SimulatedGateway, clock: Clock
) -> None:
    payment = paid(gateway, 15000, "top-up")
    ask(payment, 4000, "form 1")
    assert send(app, clock) == {"done": 1}
    ask(payment, 2000, "form 2")
    gateway.fault("truncated", "payhost", after_work=False)
    assert send(app, clock) == {"unknown": 1}
    waiting = ask(payment, 3000, "form 3", limit_cents=9000)
    assert money() == (6000, 5000, 0)

    void(gateway, payment, clock)

    assert states(payment) == ["done", "unknown", "refused"]
    assert money() == (0, 2000, 0)
    assert faults() == []
    with transaction() as session, pytest.raises(RefundRefusedError, match="decided already"):
        service.decide_refund(session, waiting, accepts=True, by=ADA, now_us=clock())
    clock.pass_s(180)
    assert send(app, clock) == {"unseen": 1}, "the gateway never had it, and is not sent it now"
    assert send(app, clock) == {}
    assert money() == (0, 0, 0)
    assert list(gateway.refunds().values()) == [[4000]]
    assert faults() == []


def test_an_invoice_that_went_back_in_part_is_owed_no_more_than_it_asked_for(
    app: APIFlask, gateway: SimulatedGateway, clock: Clock
) -> None:
    with transaction() as session:
        wallet.charge(session, wallet.Bill("INV-1", "alpha", "July", 13043, 1957), by=SAM, now_us=1)
    part = paid(gateway, 15000, "invoice", document="INV-1")
    whole = paid(gateway, 9000, "top-up")
    ask(part, 5000, "form 1")
    ask(whole, 9000, "form 2")
    assert send(app, clock) == {"done": 2}

    void(gateway, part, clock)
    void(gateway, whole, clock)

    assert money() == (0, 0, 15000)
    assert faults() == []


def test_what_went_out_twice_is_for_people_to_look_at_until_they_have(
    app: APIFlask, gateway: SimulatedGateway, clock: Clock
) -> None:
    """The gateway sends refunds and voids the whole payment, too: nothing says who has the money,
    so that no customer is made to pay for it unasked.
    """
    with transaction() as session:
        wallet.charge(session, wallet.Bill("INV-1", "alpha", "July", 54737, 8210), by=SAM, now_us=1)
    payment, other = paid(gateway, 62947, "invoice", document="INV-1"), paid(gateway, 9000, "two")
    ask(payment, 42073, "form 1")
    ask(payment, 18530, "form 2")
    ask(other, 4000, "form 3")
    assert send(app, clock) == {"done": 3}
    ask(payment, 1000, "form 4")
    never_sent = claim(clock)
    assert looked_at(clock) == []

    void(gateway, payment, clock)
    with transaction() as session:
        assert sending.settle_refused(session, never_sent, "No", now_us=clock())

    assert money() == (5000, 0, 62947)
    assert faults() == []
    [line] = looked_at(clock)
    assert (line.payment, line.customer, line.words) == (
        payment,
        "alpha",
        "Sent back and taken back",
    )
    assert (line.ours, line.theirs) == (
        Side("reversed", 62947, "ZAR"), Side("refunded", 42073 + 18530, "ZAR")
    )  # fmt: skip
    with transaction() as session:
        differences.settle(session, line.number, "It kept to the rest", by=ADA, now_us=clock())
    assert looked_at(clock) == []


def test_a_refund_that_the_gateway_refuses_leaves_with_the_payment_that_it_took_back(
    gateway: SimulatedGateway, clock: Clock
) -> None:
    payment = paid(gateway, 15000, "top-up")
    ask(payment, 4000, "form 1")
    errand = claim(clock)
    void(gateway, payment, clock)

    with transaction() as session:
        assert sending.settle_refused(session, errand, "No", now_us=clock())

    assert money() == (0, 0, 0)
    assert faults() == []


def test_one_word_of_the_gateway_confirms_one_refund_and_one_form_asks_for_one(
    gateway: SimulatedGateway, clock: Clock
) -> None:
    payment, other = paid(gateway, 15000, "top-up"), paid(gateway, 15000, "two")
    ask(payment, 4000, "form 1")
    ask(payment, 4000, "form 2")
    for key, cents, form in ((other, 4000, "form 1"), (payment, 5000, "form 1"), (other, 4000, "")):
        with pytest.raises(RefundRefusedError, match="form"):
            ask(key, cents, form)

    errands = [claim(clock), claim(clock)]
    assert [confirm(errand, clock) for errand in errands] == [True, False]

    assert states(payment) == ["done", "unknown"]
    assert money() == (22000, 4000, 0)


def test_a_refund_is_confirmed_while_somebody_asks_for_another(
    app: APIFlask, gateway: SimulatedGateway, clock: Clock
) -> None:
    """Whoever holds a payment may then want the wallet; nobody takes them the other way round."""
    payment = paid(gateway, 15000, "top-up")
    ask(payment, 4000, "form 1")
    errand, faults = claim(clock), list[Exception]()

    def second() -> None:
        with app.app_context():
            try:
                confirm(errand, clock)
            except Exception as error:  # noqa: BLE001 - a thread's error is the test's
                faults.append(error)

    thread = threading.Thread(target=second)
    with transaction() as session:
        session.query(Payment).filter_by(key=payment).with_for_update().one()
        thread.start()
        if engine_of("main").name == "postgresql":
            thread.join(0.5)
        wallet.lock(session, "alpha", now_us=clock())
    thread.join()

    assert faults == []
    assert states(payment) == ["done"]


@pytest.mark.usefixtures("clock")
def test_many_refunds_are_read_in_as_many_statements_as_few(
    gateway: SimulatedGateway, statements: Statements
) -> None:
    payment, costs = paid(gateway, 15000, "top-up"), []
    lines: list[RefundLine] = []
    for number in range(6):
        ask(payment, 100, f"form {number}")
        statements.seen.clear()
        with reading() as session:
            lines = [*service.open_refunds(session), *service.refunds_of(session, payment).lines]
        costs.append(statements.count)

    assert len(set(costs)) == 1
    assert {line.wallet_cents for line in lines} == {100}
