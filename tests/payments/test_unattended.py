"""A saved card is charged without its owner: once for an intent, and never again for want of an
answer.
"""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from apiflask import APIFlask

from dcx.accounts import service as accounts
from dcx.kit.actors import CLOCK
from dcx.notifications.models import Mail
from dcx.payments.errors import CardRefusedError, UnattendedRefusedError, UnknownCardError
from dcx.payments.jobs.charges import ask_about_charges
from dcx.payments.jobs.clock import now_us
from dcx.payments.jobs.poll import poll
from dcx.payments.jobs.reconcile import reconcile
from dcx.payments.models import Payment
from dcx.payments.payhost import Order, PayHost, Person
from dcx.payments.service import ask, breaches
from dcx.payments.service.cards import cards
from dcx.payments.service.unattended import (
    Unattended,
    charge_saved_card,
    charged,
    write_intent,
)
from dcx.repository.session import reading, transaction
from dcx.settings import Gateway, Settings
from dcx.wallet import service as wallet
from tests.support.databases import PostgresDatabases, SqliteDatabases, settings_of
from tests.support.gateway import MASTERCARD, VISA, SimulatedGateway
from tests.support.kept_cards import Clock, desk, paid

MONTH = "2026-01"
KEPT = 15000


@pytest.fixture
def settings(databases: SqliteDatabases | PostgresDatabases, gateway: SimulatedGateway) -> Settings:
    return settings_of(databases.fresh(), **gateway.settings, DCX_UNATTENDED_CARDS="on")


@pytest.fixture
def house(app: APIFlask, settings: Settings, gateway: SimulatedGateway) -> Gateway:
    """alpha kept a card when it paid R150."""
    assert app.config["DCX"] is settings
    gateway.deliver_by(lambda _url, _body: (200, "OK"))
    with transaction() as session:
        for key in ("alpha", "gamma"):
            accounts.add_customer(session, accounts.Customer(key, key.title()), now_us=1)
    paid(gateway, KEPT, "first", keep=VISA)
    found: Gateway = settings.gateway
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock(now_us())


def wanted(**changes: Any) -> Unattended:
    with reading() as session:
        found = cards(session, "alpha", month=MONTH)
    plain = Unattended("alpha", 50000, "ZAR", found[0].key if found else "", "automatic/1",
                       "bills@alpha.example")  # fmt: skip
    return replace(plain, **changes)


def charge(house: Gateway, clock: Clock, **changes: str) -> str:
    return charge_saved_card(house, wanted(**changes), desk(), by=CLOCK, clock=clock)


def stands(key: str) -> str:
    with reading() as session:
        return charged(session, key).state


def state(key: str) -> str:
    with reading() as session:
        return session.query(Payment).filter_by(key=key).one().state


def automatic(gateway: SimulatedGateway) -> list[int]:
    """Cents of each charge of R500 that the gateway really made."""
    found = [cents for made in gateway.charges().values() for cents in made]
    return [cents for cents in found if cents == 50000]


def balance() -> int:
    with reading() as session:
        assert list(breaches(session)) == []
        return wallet.balances(session, "alpha").wallet


# Scenario 50: off unless PayGate agreed; one charge for one intent.
def test_a_card_is_charged_once_for_an_intent_and_only_where_that_is_on(
    house: Gateway, gateway: SimulatedGateway, clock: Clock
) -> None:
    for off in (replace(house, charges_alone=False), replace(house, payhost_password="")):
        with pytest.raises(UnattendedRefusedError):
            charge(off, clock)
    with pytest.raises(UnknownCardError):
        charge(house, clock, customer="gamma")
    with pytest.raises(CardRefusedError, match="expired"):
        charge(house, Clock(4_200_000_000_000_000))
    assert automatic(gateway) == []

    keys = {charge(house, clock) for _ in range(3)}

    assert len(keys) == 1
    assert automatic(gateway) == [50000]
    assert (stands(keys.pop()), balance()) == ("paid", KEPT + 50000)
    charge(house, clock, form_key="automatic/2")
    assert automatic(gateway) == [50000, 50000]


# Scenario 50: an answer that is lost; asked about, never charged again.
@pytest.mark.parametrize("is_done", [True, False])
def test_after_a_silence_the_gateway_is_asked_and_the_card_left_alone(
    house: Gateway, gateway: SimulatedGateway, clock: Clock, *, is_done: bool
) -> None:
    gateway.fault("truncated", "payhost", after_work=is_done)

    key = charge(house, clock)
    assert (stands(key), state(key)) == ("unknown", "unknown")
    assert charge(house, clock) == key
    assert balance() == KEPT, "nothing is booked for what nobody knows"
    for seconds in (120, 300, 1_800, 3_600):
        clock.pass_s(seconds)
        poll(desk(), clock=clock)
        ask_about_charges(house, desk(), clock=clock)

    assert stands(key) == ("paid" if is_done else "declined")
    assert automatic(gateway) == ([50000] if is_done else [])
    assert charge(house, clock) == key
    assert automatic(gateway) == ([50000] if is_done else []), "not even then"
    assert balance() == KEPT + (50000 if is_done else 0)


def test_staff_who_ask_about_a_charge_have_it_asked_about_where_it_is_known(
    house: Gateway, gateway: SimulatedGateway, clock: Clock
) -> None:
    gateway.fault("truncated", "payhost", after_work=True)
    key = charge(house, clock)
    clock.pass_s(36 * 60)

    heard = ask(key, desk(), by=CLOCK, now_us=clock())

    assert (heard.state, state(key)) == ("", "unknown"), "it is not given up unasked"
    assert ask_about_charges(house, desk(), clock=clock) == {"asked": 1}
    assert (stands(key), balance()) == ("paid", KEPT + 50000)
    ask(key, desk(), by=CLOCK, now_us=clock())
    assert ask_about_charges(house, desk(), clock=clock) == {"asked": 0}
    with transaction() as session:
        session.query(Payment).filter_by(key=key).one().state = "reversed"
    assert stands(key) == "declined", "what was taken back waits for nothing more"


# Scenario 20: nobody tells of it, so it is asked about.
def test_a_charge_that_was_taken_back_is_found_by_reconciliation(
    house: Gateway, gateway: SimulatedGateway, clock: Clock
) -> None:
    good, voided = charge(house, clock), charge(house, clock, form_key="automatic/2")
    with reading() as session:
        gateway.void_charge(session.query(Payment).filter_by(key=voided).one().reference)

    counts = reconcile(desk(), ZoneInfo("UTC"), gateway=house, clock=clock)

    assert (counts["asked"], counts["settled"]) == (3, 1)
    assert (state(good), state(voided)) == ("paid", "reversed")
    assert balance() == KEPT + 50000
    assert reconcile(desk(), ZoneInfo("UTC"), gateway=house, clock=clock)["asked"] == 0


# Scenario 50: killed between any two steps; whoever comes next asks first.
@pytest.mark.parametrize("was_charged", [True, False])
def test_whoever_dies_with_an_intent_leaves_it_to_be_asked_about(
    house: Gateway, gateway: SimulatedGateway, clock: Clock, *, was_charged: bool
) -> None:
    with transaction() as session:
        key, is_new = write_intent(session, wanted(), by=CLOCK, now_us=clock())
        reference = session.query(Payment).filter_by(key=key).one().reference
    assert is_new
    if was_charged:
        order = Order(reference, 50000, "ZAR")
        PayHost(house).charge(gateway.tokens[0].id, order, Person("Alpha", "a@alpha.example"))

    clock.pass_s(100)
    assert charge(house, clock) == key

    assert stands(key) == ("paid" if was_charged else "unknown")
    clock.pass_s(3_600)
    ask_about_charges(house, desk(), clock=clock)
    assert stands(key) == ("paid" if was_charged else "declined")
    assert automatic(gateway) == ([50000] if was_charged else [])


# Scenario 51: of a run over several cards only what was approved is credited.
def test_of_several_charges_only_the_approved_one_is_money(
    house: Gateway, gateway: SimulatedGateway, clock: Clock
) -> None:
    paid(gateway, KEPT, "second", keep=MASTERCARD)
    gateway.decline_token(gateway.tokens[0].id)
    with reading() as session:
        kept = [card.key for card in cards(session, "alpha", month=MONTH)]

    keys = [
        charge(house, clock, card=card, form_key=f"automatic/{turn}")
        for turn, card in enumerate(kept, 1)
    ]

    assert sorted(map(stands, keys)) == ["declined", "paid"]
    assert automatic(gateway) == [50000]
    assert balance() == 2 * KEPT + 50000


# Scenario 47: Completed with code 2 or 0 is not money.
@pytest.mark.parametrize(("result", "outcome"), [("900003", "declined"), ("990022", "unknown")])
def test_a_charge_that_was_worked_on_is_not_yet_paid(
    house: Gateway, gateway: SimulatedGateway, clock: Clock, result: str, outcome: str
) -> None:
    gateway.fault("result", "charge", value=result)

    key = charge(house, clock)

    assert (stands(key), balance()) == (outcome, KEPT)
    with reading() as session:
        told = charged(session, key).words
        assert session.query(Mail).filter_by(kind="payment_failed").all() == []
    assert told == ("The bank said no: there is not enough money or credit on the card."
                    if outcome == "declined" else "")  # fmt: skip


# Scenarios 48 and 49: a token that the gateway no longer takes is declined, and offered no more.
def test_a_dead_token_charges_nothing_and_ends_the_card(
    house: Gateway, gateway: SimulatedGateway, clock: Clock
) -> None:
    gateway.end_token(gateway.tokens[0].id)

    key = charge(house, clock)

    assert (stands(key), state(key)) == ("declined", "failed")
    with reading() as session:
        assert cards(session, "alpha", month=MONTH) == []
    assert balance() == KEPT
