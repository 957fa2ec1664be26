"""Saved cards: seen, named, chosen, deleted for good, told of before they expire."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from apiflask import APIFlask

from dcx.accounts import service as accounts
from dcx.kit.periods import month_name
from dcx.notifications.models import Mail
from dcx.notifications.service import Site
from dcx.payments.errors import CardRefusedError, UnknownCardError
from dcx.payments.jobs import cards as jobs
from dcx.payments.jobs.clock import now_us
from dcx.payments.models import Card
from dcx.payments.service import Wish, begin, pay
from dcx.payments.service import cards as service
from dcx.repository.session import reading, transaction
from dcx.settings import Settings
from tests.conftest import SignIn
from tests.support.gateway import MASTERCARD, VISA, SimulatedGateway
from tests.support.kept_cards import ALICE, Clock, audited, desk, paid

ZONE = ZoneInfo("Africa/Johannesburg")
THIS_MONTH = month_name(now_us(), ZONE)
NUMBER = "4000 0000 0000 0002"


@pytest.fixture(autouse=True)
def _no_tokens(app: APIFlask, gateway: SimulatedGateway) -> None:
    """Forms go without tokens, and notices of the gateway go nowhere."""
    app.config["WTF_CSRF_ENABLED"] = False
    gateway.deliver_by(lambda _url, _body: (200, "OK"))


@pytest.fixture
def alpha(app: APIFlask) -> None:
    """The customer alone: people who sign in take longer."""
    assert app.config["DCX"]
    with transaction() as session:
        accounts.add_customer(session, accounts.Customer("alpha", "Alpha"), now_us=1)


def listed(customer: str = "alpha") -> list[service.CardLine]:
    with reading() as session:
        return service.cards(session, customer, month=THIS_MONTH)


def rows() -> list[Card]:
    with reading() as session:
        return session.query(Card).order_by(Card.id).all()


def delete_due(settings: Settings, clock: Clock) -> dict[str, int]:
    vault = desk().vault
    return jobs.delete_cards(settings.gateway, vault, clock=clock)


def test_an_owner_names_chooses_and_deletes_cards(
    sign_in: SignIn, gateway: SimulatedGateway
) -> None:
    client = sign_in("alice")
    assert "tick that it may be kept" in client.get("/c/alpha/cards").get_data(as_text=True)

    # Scenario 7: a card kept with consent is one row of brand, last four digits and expiry.
    for turn in range(2):
        paid(gateway, 15000, f"visa-{turn}", keep=VISA)
    paid(gateway, 15000, "master", keep=MASTERCARD)
    paid(gateway, 15000, "without consent")
    visa, master = listed()
    assert [(card.words, card.expires, card.is_default) for card in (visa, master)] == [
        ("Visa ending 0002", "2099-12", True), ("MasterCard ending 0015", "2099-12", False),
    ]  # fmt: skip

    page = client.get("/c/alpha/cards").get_data(as_text=True)
    assert "Visa ···· 0002" in page
    assert page.count("Default") == 1
    at = f"/c/alpha/cards/{master.key}"
    assert client.post(f"{at}/name", data={"name": "  Company   card "}).status_code == 303
    client.post(f"{at}/default")
    assert [(card.name, card.is_default) for card in listed()] == [
        ("", False), ("Company card", True),
    ]  # fmt: skip
    client.post(f"{at}/name", data={"name": NUMBER})
    assert "card number" in client.get("/c/alpha/cards").get_data(as_text=True)
    assert NUMBER not in str([row.name for row in rows()])
    assert "MasterCard ending 0015" in client.get(f"{at}/delete").get_data(as_text=True)

    # Scenario 48: hidden at once, and the default is the one that is left.
    for _ in range(2):
        assert client.post(f"{at}/delete").status_code == 303
    assert [(card.last4, card.is_default) for card in listed()] == [("0002", True)]
    assert client.get(f"{at}/delete").status_code == 404
    assert client.post(f"{at}/default").status_code == 404
    assert [deed for deed in audited() if deed.startswith("card ")] == [
        "card renamed: MasterCard ending 0015", "card made default: MasterCard ending 0015",
        "card deleted: MasterCard ending 0015",
    ]  # fmt: skip


# Scenario 35: another customer's card is not there, whatever one does with its id.
def test_a_card_of_somebody_else_is_nowhere(sign_in: SignIn, gateway: SimulatedGateway) -> None:
    paid(gateway, 15000, "one", keep=VISA)
    card, charlie, victor = listed()[0], sign_in("charlie"), sign_in("victor")

    for client, customer, status in ((charlie, "gamma", 404), (charlie, "alpha", 404),
                                     (victor, "alpha", 403)):  # fmt: skip
        at = f"/c/{customer}/cards/{card.key}"
        assert client.get(f"{at}/delete").status_code == status
        for act in ("name", "default", "delete"):
            assert client.post(f"{at}/{act}", data={"name": "mine"}).status_code == status
    wish = Wish("gamma", "theirs", 5000, card=card.key, email="c@gamma.example")
    with pytest.raises(UnknownCardError), transaction() as session:
        begin(session, wish, desk(), by=ALICE, now_us=now_us())
    assert listed() == [card]


@pytest.mark.usefixtures("people")
def test_programs_see_and_delete_their_own_cards(app: APIFlask, gateway: SimulatedGateway) -> None:
    for form, number in (("one", VISA), ("two", MASTERCARD)):
        paid(gateway, 15000, form, keep=number)
    with transaction() as session:
        scopes = ["wallet:read", "payments:write"]
        keys = {
            who: accounts.add_key(session, who, scopes, customer=who, now_us=1)
            for who in ("alpha", "gamma")
        }
    client = app.test_client()
    own, other = ({"Authorization": f"Bearer {keys[who]}"} for who in ("alpha", "gamma"))

    first = client.get("/api/v1/cards?limit=1", headers=own).get_json()
    then = client.get(f"/api/v1/cards?after={first['next']}", headers=own).get_json()
    visa, master = first["cards"][0], then["cards"][0]
    assert (visa["last4"], visa["is_default"], visa["is_expired"]) == ("0002", True, False)
    assert (master["brand"], master["expires"], then["next"]) == ("MasterCard", "2099-12", None)
    assert client.get("/api/v1/cards", headers=other).get_json() == {"cards": [], "next": None}

    at = f"/api/v1/cards/{visa['id']}"
    assert client.delete(at, headers=other).status_code == 404
    assert client.delete(f"{at}?customer=alpha", headers=other).status_code == 403
    for _ in range(2):
        assert client.delete(at, headers=own).get_json() == {"id": visa["id"], "state": "deleting"}
    assert [card.last4 for card in listed()] == ["0015"]


# Scenario 48: asked for until PayGate confirms; its token is erased only then.
@pytest.mark.usefixtures("alpha")
def test_a_deleted_card_is_asked_for_until_the_gateway_forgot_it(
    app: APIFlask, gateway: SimulatedGateway
) -> None:
    settings, clock = app.config["DCX"], Clock(now_us())
    paid(gateway, 15000, "one", keep=VISA)
    token = gateway.tokens[0].id
    assert token not in str([row.token for row in rows()]), "sealed"
    with transaction() as session:
        key = listed()[0].key
        service.ask_delete(session, "alpha", key, by=ALICE, now_us=clock())

    for kind in ("http_500", "html", "truncated"):
        gateway.fault(kind, "payhost", after_work=False)
        assert delete_due(settings, clock)["late"] == 1
        assert delete_due(settings, clock) == {"deleted": 0, "late": 0, "waiting": 0}, "not yet"
        assert (rows()[0].state, rows()[0].token is None) == ("deleting", False)
        clock.pass_s(3600)
    gateway.fault("truncated", "payhost", after_work=True)
    assert delete_due(settings, clock)["late"] == 1
    assert not gateway.tokens[0].is_active, "it did it, and could not say so"

    clock.pass_s(86_400)
    assert delete_due(settings, clock)["deleted"] == 1, "gone already is deleted"
    assert (rows()[0].state, rows()[0].token) == ("deleted", None)

    # The same card, kept anew, is the same row and has a token again.
    paid(gateway, 15000, "two", keep=VISA)
    assert [card.last4 for card in listed()] == ["0002"]


def test_without_a_password_deletions_wait_and_staff_are_told(
    gateway: SimulatedGateway, app: APIFlask, sign_in: SignIn
) -> None:
    paid(gateway, 15000, "one", keep=VISA)
    with transaction() as session:
        service.ask_delete(session, "alpha", listed()[0].key, by=ALICE, now_us=now_us())
    own = app.config["DCX"]
    app.config["DCX"] = replace(own, gateway=replace(own.gateway, payhost_password=""))

    counts = delete_due(app.config["DCX"], Clock(now_us()))

    assert counts == {"deleted": 0, "late": 0, "waiting": 1}
    page = sign_in("sue").get("/refunds").get_data(as_text=True)
    assert "0 refunds and 1 deleted card wait" in page
    assert "DCX_PAYHOST_PASSWORD" in page


# Scenario 49: told once, in its last month; then not offered; and gone at the gateway is gone here.
@pytest.mark.usefixtures("people")
def test_a_card_is_told_of_in_its_last_month_and_not_offered_after_it(
    app: APIFlask, gateway: SimulatedGateway
) -> None:
    settings, clock = app.config["DCX"], Clock(now_us())
    year, month = THIS_MONTH.split("-")
    paid(gateway, 15000, "one", keep=VISA, expires=f"{month}{year}")
    paid(gateway, 15000, "two", keep=MASTERCARD)

    def remind() -> dict[str, int]:
        site, vault = Site.of(settings), desk().vault
        return jobs.remind_of_expiry(settings.gateway, vault, site, ZONE, clock=clock)

    assert [remind() for _ in range(2)] == [
        {"reminded": 1, "dead": 0}, {"reminded": 0, "dead": 0},
    ]  # fmt: skip
    with reading() as session:
        letters = session.query(Mail).filter_by(kind="card_expires").all()
        later = service.cards(session, "alpha", month="2098-01")
        offered = service.offered(session, "alpha", month="2098-01")
    words = Site.of(settings).looks.month(THIS_MONTH)
    assert [letter.subject for letter in letters] == [
        f"The card Visa ending 0002 expires at the end of {words}"
    ]
    assert [(card.look, card.is_default) for card in later] == [
        ("expired", False), ("good", True),
    ]  # fmt: skip
    assert [card.last4 for card in offered] == ["0015"]
    with pytest.raises(CardRefusedError, match="expired"), transaction() as session:
        service.make_default(
            session, "alpha", later[0].key, month="2098-01", by=ALICE, now_us=now_us()
        )


@pytest.mark.usefixtures("alpha")
def test_a_card_that_the_gateway_lost_is_buried_and_not_told_of(
    app: APIFlask, gateway: SimulatedGateway
) -> None:
    settings = app.config["DCX"]
    year, month = THIS_MONTH.split("-")
    paid(gateway, 15000, "one", keep=VISA, expires=f"{month}{year}")
    gateway.end_token(gateway.tokens[0].id)

    site, vault = Site.of(settings), desk().vault
    counts = jobs.remind_of_expiry(settings.gateway, vault, site, ZONE, clock=now_us)

    assert counts == {"reminded": 0, "dead": 1}
    assert listed() == []
    assert (rows()[0].state, rows()[0].token) == ("dead", None)
    assert audited()[-1] == "card no longer taken: Visa ending 0002"


# Scenario 8: paying with a saved card sends its token and asks for nothing to be kept.
@pytest.mark.usefixtures("alpha")
def test_paying_with_a_saved_card_names_its_token_and_keeps_nothing_anew(
    gateway: SimulatedGateway,
) -> None:
    paid(gateway, 15000, "one", keep=VISA)

    wish = Wish("alpha", "again", 5000, card=listed()[0].key, email="alice@dcx.example")
    pay(wish, desk(), by=ALICE, now_us=now_us())

    asked = gateway.requests[-1].asked
    assert asked["VAULT_ID"].lower() == gateway.tokens[0].id.lower()
    assert not asked.get("VAULT")
