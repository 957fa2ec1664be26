"""Refunds: never more than was paid, sent once, and booked only for what the gateway confirmed."""

import threading

import pytest
from apiflask import APIFlask
from sqlalchemy import text

from dcx.accounts import service as accounts
from dcx.notifications.models import Mail
from dcx.payments import service as payments
from dcx.payments.errors import RefundRefusedError
from dcx.payments.jobs.clock import now_us
from dcx.payments.models import Refund
from dcx.payments.payhost import PayHost
from dcx.payments.service import sending
from dcx.repository.session import reading, transaction
from dcx.wallet import service as wallet
from tests.conftest import SignIn
from tests.support.counts import count
from tests.support.gateway import SimulatedGateway
from tests.support.kept_cards import ALICE, Clock, audited, desk, paid
from tests.support.refunding import SAM, ask, money, send, states


@pytest.fixture(autouse=True)
def _no_tokens(app: APIFlask, gateway: SimulatedGateway) -> None:
    """Forms go without tokens, and notices of the gateway go nowhere."""
    app.config["WTF_CSRF_ENABLED"] = False
    gateway.deliver_by(lambda _url, _body: (200, "OK"))


@pytest.fixture
def clock() -> Clock:
    """A minute ahead: what was asked for just now is due."""
    return Clock(now_us() + 60_000_000)


@pytest.fixture
def alpha(app: APIFlask) -> None:
    """The customer alone: people who sign in take longer."""
    assert app.config["DCX"]
    with transaction() as session:
        accounts.add_customer(session, accounts.Customer("alpha", "Alpha"), now_us=1)


@pytest.fixture
def payment(alpha: None, gateway: SimulatedGateway) -> str:
    """R150 that alpha paid into its wallet."""
    assert alpha is None
    return paid(gateway, 15000, "top-up")


def sent_back(gateway: SimulatedGateway) -> list[int]:
    """Cents of each refund that the gateway really made."""
    return [cents for found in gateway.refunds().values() for cents in found]


# Scenario 46: in part, the rest, too much, twice.
@pytest.mark.usefixtures("people")
def test_what_goes_back_is_held_then_booked_and_never_more_than_was_paid(
    app: APIFlask, gateway: SimulatedGateway, payment: str, clock: Clock
) -> None:
    first = ask(payment, 4000, "form 1")
    assert ask(payment, 4000, "form 1") == first, "a double click is one refund"
    assert money() == (11000, 4000, 0)
    for cents, form in ((11001, "form 2"), (0, "form 3"), (-1, "form 4")):
        with pytest.raises(RefundRefusedError):
            ask(payment, cents, form)

    assert send(app, clock) == {"done": 1}
    assert send(app, clock) == {}
    assert money() == (11000, 0, 0)
    ask(payment, 11000, "form 5")
    assert send(app, clock) == {"done": 1}

    assert money() == (0, 0, 0)
    assert sorted(sent_back(gateway)) == [4000, 11000]
    assert states(payment) == ["done", "done"]
    with pytest.raises(RefundRefusedError, match="more than was paid"):
        ask(payment, 1, "form 6")
    with reading() as session:
        letters = session.query(Mail).filter_by(kind="refund_sent").order_by(Mail.id).all()
        booked = wallet.find_booking(session, f"refund/{first}")
    assert [letter.subject.replace("\xa0", " ") for letter in letters] == [
        "We sent R40,00 back", "We sent R110,00 back",
    ]  # fmt: skip
    assert booked is not None
    assert {leg.kind: leg.cents for leg in booked.legs} == {"held": -4000, "clearing": 4000}


def test_money_that_was_spent_meanwhile_cannot_go_back(payment: str) -> None:
    with transaction() as session:
        held = wallet.Held("alpha", 12000, "order/1", "An order")
        wallet.hold(session, held, by=SAM, now_us=now_us())

    with pytest.raises(RefundRefusedError, match="used meanwhile"):
        ask(payment, 4000, "form 1")
    assert ask(payment, 3000, "form 2")
    assert money() == (0, 15000, 0)


# Scenario 46: an answer that is lost after the work; nothing is sent before it was asked about.
@pytest.mark.parametrize("is_done", [True, False])
def test_after_a_silence_the_gateway_is_asked_before_anything_is_sent(
    app: APIFlask, gateway: SimulatedGateway, payment: str, clock: Clock, *, is_done: bool
) -> None:
    ask(payment, 4000, "form 1")
    gateway.fault("truncated", "payhost", after_work=is_done)

    assert send(app, clock) == {"unknown": 1}
    assert send(app, clock) == {}, "not before it is due"
    assert money() == (11000, 4000, 0), "nothing is booked for what nobody knows"
    clock.pass_s(180)
    assert send(app, clock) == ({"done": 1} if is_done else {"unseen": 1, "done": 1})

    assert list(gateway.refunds().values()) == [[4000]]
    assert money() == (11000, 0, 0)


# Scenario 46: killed between any two steps, the next run asks first.
@pytest.mark.parametrize("was_sent", [True, False])
def test_whoever_dies_with_a_refund_leaves_it_to_be_asked_about(
    app: APIFlask, gateway: SimulatedGateway, payment: str, clock: Clock, *, was_sent: bool
) -> None:
    ask(payment, 4000, "form 1")
    with transaction() as session:
        errand = sending.claim_errand(session, now_us=clock())
    assert errand is not None
    if was_sent:
        payhost = PayHost(app.config["DCX"].gateway)
        payhost.refund(errand.transaction_id, errand.cents, errand.order_id)

    assert send(app, clock) == {}, "somebody has it"
    clock.pass_s(121)
    assert send(app, clock) == ({"done": 1} if was_sent else {"unseen": 1, "done": 1})

    assert list(gateway.refunds().values()) == [[4000]]


# Scenario 47: Completed with a code that is not 1 is not money.
def test_a_refund_that_the_gateway_declines_gives_the_money_back_to_the_wallet(
    app: APIFlask, gateway: SimulatedGateway, payment: str, clock: Clock
) -> None:
    ask(payment, 4000, "form 1")
    gateway.fault("result", "refund", value="900007")

    assert send(app, clock) == {"refused": 1}

    assert states(payment) == ["refused"]
    assert money() == (15000, 0, 0)
    assert ask(payment, 15000, "form 2"), "what was refused may be asked for again"


def test_a_refund_without_a_decision_stays_open(
    app: APIFlask, gateway: SimulatedGateway, payment: str, clock: Clock
) -> None:
    ask(payment, 4000, "form 1")
    gateway.fault("result", "refund", value="990022")

    assert send(app, clock) == {"unknown": 1}
    clock.pass_s(180)
    assert send(app, clock) == {"unknown": 1}

    assert money() == (11000, 4000, 0)
    assert gateway.refunds() == {}


# Scenario 46: a transaction that the gateway does not know.
def test_an_unknown_transaction_is_refused(app: APIFlask, payment: str, clock: Clock) -> None:
    with transaction() as session:
        session.execute(text("UPDATE payment SET transaction_id = '1'"))
    ask(payment, 4000, "form 1")

    assert send(app, clock) == {"refused": 1}
    assert money() == (15000, 0, 0)


def test_an_invoice_is_owed_again_but_what_was_paid_over_comes_from_the_wallet(
    app: APIFlask, alpha: None, gateway: SimulatedGateway, clock: Clock
) -> None:
    assert alpha is None
    bill = wallet.Bill("INV-1", "alpha", "July", 13043, 1957)
    with transaction() as session:
        wallet.charge(session, bill, by=SAM, now_us=1)
    key = paid(gateway, 15000, "invoice", document="INV-1")
    assert money() == (0, 0, 0)

    ask(key, 5000, "form 1")
    assert send(app, clock) == {"done": 1}
    assert money() == (0, 0, 5000)

    with transaction() as session:
        bill = wallet.Bill("INV-2", "alpha", "August", 10000, 0)
        wallet.charge(session, bill, by=SAM, now_us=1)
    over = paid_over(gateway, "INV-2", 4000)
    assert money() == (4000, 0, 5000)
    ask(over, 3000, "form 2")
    assert money() == (1000, 3000, 5000)
    ask(over, 3000, "form 3")
    assert money() == (0, 4000, 5000), "the rest of what was paid over, and no more of it"
    assert send(app, clock) == {"done": 2}
    assert money() == (0, 0, 7000)


def paid_over(gateway: SimulatedGateway, document: str, cents: int) -> str:
    """An invoice that somebody paid a part of by EFT while its owner was at the gateway's page."""
    wish = payments.Wish("alpha", "over", document=document, email="alice@dcx.example")
    key = payments.pay(wish, desk(), by=ALICE, now_us=now_us())
    with transaction() as session:
        eft = wallet.Receipt("alpha", cents, "eft/1", "EFT", document=document, through=wallet.BANK)
        wallet.receive(session, eft, by=SAM, now_us=now_us())
        request = payments.redirect_of(session, key).pay_request_id
    gateway.pay(request)
    assert payments.ask(key, desk(), by=ALICE, now_us=now_us()).state == "paid"
    return key


def test_a_large_refund_waits_for_somebody_else(
    app: APIFlask, sign_in: SignIn, payment: str, clock: Clock
) -> None:
    ask(payment, 9000, "form 1", limit_cents=10000)
    second = ask(payment, 1000, "form 2", limit_cents=10000)
    third = ask(payment, 1000, "form 3", limit_cents=10000)
    assert states(payment) == ["wanted", "waiting", "waiting"], "small ones count together"
    sam, ada, sue = sign_in("sam"), sign_in("ada"), sign_in("sue")

    sam.post(f"/refunds/{second}/decide", data={"verdict": "approve"})
    assert "Somebody else must decide" in sam.get("/refunds").get_data(as_text=True)
    assert sue.post(f"/refunds/{second}/decide", data={"verdict": "approve"}).status_code == 403
    assert states(payment) == ["wanted", "waiting", "waiting"]
    assert "sent twice by the bank" in sue.get("/refunds").get_data(as_text=True)

    ada.post(f"/refunds/{second}/decide", data={"verdict": "approve"})
    ada.post(f"/refunds/{third}/decide", data={"verdict": "decline"})
    assert "decided already" in _after(ada, third)
    assert states(payment) == ["wanted", "wanted", "declined"]
    assert money() == (5000, 10000, 0), "what was declined is the customer's again"
    assert send(app, clock) == {"done": 2}
    assert "On their way" not in sue.get("/refunds").get_data(as_text=True)
    seen = sue.get(f"/c/alpha/payments/{payment}").get_data(as_text=True)
    assert "R100,00 of it was sent back" in seen
    ledger = sue.get(f"/payments/{payment}").get_data(as_text=True).partition("In the ledger")[2]
    assert ledger.count("Refund of DCX-") == 2, "both that went, not the one that was declined"
    assert [deed.partition(":")[0] for deed in audited() if deed.startswith("refund ")] == [
        *["refund asked for"] * 3, "refund approved", "refund declined",
    ]  # fmt: skip


def _after(client: object, key: str) -> str:
    client.post(f"/refunds/{key}/decide", data={"verdict": "approve"})  # type: ignore[attr-defined]
    return str(client.get("/refunds").get_data(as_text=True))  # type: ignore[attr-defined]


def test_staff_ask_for_a_refund_on_a_page_of_its_own(sign_in: SignIn, payment: str) -> None:
    client, at = sign_in("sam"), f"/payments/{payment}/refund"
    assert "R150,00" in client.get(at).get_data(as_text=True)
    sent = {"amount": "40,50", "reason": "", "form_key": "k1"}

    wrong = [
        ({}, "Say why"),
        ({"amount": "lots"}, "like 500,00"),
        ({"reason": "x", "amount": "150,01"}, "more than was paid"),
    ]
    for changes, words in wrong:
        answer = client.post(at, data={**sent, **changes})
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)
        assert 'value="k1"' in answer.get_data(as_text=True)
    for _ in range(2):
        assert client.post(at, data={**sent, "reason": "A slip"}).status_code == 303

    page = client.get(at).get_data(as_text=True)
    assert page.count("A slip") == 1
    assert "R109,50" in page
    assert client.get("/payments/nothing/refund").status_code == 404
    assert sign_in("sue").get(at).status_code == 403


# Scenario 46: whoever asks at the same time, no more goes back than was paid.
def test_many_who_ask_at_once_get_no_more_than_was_paid(
    app: APIFlask, alpha: None, gateway: SimulatedGateway, clock: Clock
) -> None:
    assert alpha is None
    with transaction() as session:
        wallet.charge(session, wallet.Bill("INV-1", "alpha", "July", 15000, 0), by=SAM, now_us=1)
    payment = paid(gateway, 15000, "invoice", document="INV-1")
    start = threading.Barrier(count(4, 16))

    def somebody(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                ask(payment, 7000, f"form {number}")
            except RefundRefusedError:
                return

    threads = [threading.Thread(target=somebody, args=(number,)) for number in range(start.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    senders = [threading.Thread(target=lambda: _send_in(app, clock)) for _ in range(3)]
    for thread in senders:
        thread.start()
    for thread in senders:
        thread.join()
    with reading() as session:
        assert [row.amount_cents for row in session.query(Refund).all()] == [7000, 7000]
    assert sent_back(gateway) == [7000, 7000]
    assert money() == (0, 0, 14000)


def _send_in(app: APIFlask, clock: Clock) -> None:
    with app.app_context():
        send(app, clock)
