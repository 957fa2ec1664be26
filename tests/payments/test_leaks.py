"""After a whole story no card number, key, password, signature's source or token is anywhere."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from dcx.accounts import service as accounts
from dcx.kit.ids import new_id
from dcx.payments.service import Wish, pay
from dcx.repository.session import transaction
from tests.conftest import PASSWORD, token_of
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.support.gateway import REFUSED, VISA, SimulatedGateway
from tests.support.html import Checked
from tests.support.leaks import card_numbers, columns, leaks
from tests.support.shop import ALICE, Shop, opened_shop

KEY, HOSTS_PASSWORD = "Kq7ZtW3mXv9LbR2c", "pH8sNd4JfUy6GwEa"  # pragma: allowlist secret
PEOPLE = ("alice@dcx.example", "ada@dcx.example")


@pytest.fixture
def shop(
    databases: SqliteDatabases | PostgresDatabases, gateway: SimulatedGateway
) -> Iterator[Shop]:
    """A gateway whose secrets are no words of English."""
    gateway.options(key=KEY, password=HOSTS_PASSWORD)
    with opened_shop(databases.fresh(), gateway) as shop:
        shop.app.test_client_class = Checked
        shop.customer("alpha")
        with transaction() as session:
            accounts.add_user(session, PEOPLE[0], "alpha", "owner", now_us=1)
            accounts.add_staff(session, PEOPLE[1], "admin", now_us=1)
            for email in PEOPLE:
                accounts.set_password(session, email, PASSWORD)
        yield shop


def enter(shop: Shop, email: str) -> FlaskClient:
    client = shop.app.test_client()
    token = token_of(client, "/signin")
    sent = {"email": email, "password": PASSWORD, "csrf_token": token}
    assert client.post("/signin", data=sent).status_code == 303
    return client


def live(shop: Shop) -> list[str]:
    """A card is kept, used again, declined, doubted and refunded; notices come forged and bent."""
    wish = Wish("alpha", new_id(), 20_000, keeps_card=True)
    kept = pay(wish, shop.desk, by=ALICE, now_us=shop.now_us())
    shop.gateway.pay(shop.request_of(kept))
    shop.gateway.notify(shop.request_of(kept), CHECKSUM="0" * 32, USER1=VISA)
    refused = shop.top_up()
    shop.gateway.pay(shop.request_of(refused), REFUSED)
    broken = shop.top_up()
    shop.gateway.fault("wrong_checksum", "query")
    shop.gateway.come_back(shop.client, shop.gateway.pay(shop.request_of(broken)))
    shop.refund(kept, 5_000)
    shop.gateway.fault("truncated", "payhost")
    shop.send_refunds()
    shop.advance(90_000)
    shop.send_refunds()
    shop.poll()
    shop.reconcile()
    return [kept, refused, broken]


def test_secrets_and_card_numbers_are_in_no_database_log_or_page(
    shop: Shop, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Scenarios 39 and T35."""
    keys = live(shop)
    [token] = shop.gateway.tokens
    secrets = (KEY, HOSTS_PASSWORD, token.id)
    alice, ada = enter(shop, PEOPLE[0]), enter(shop, PEOPLE[1])
    pages = {
        path: client.get(path).text
        for client, paths in (
            (alice, [f"/c/alpha/payments/{key}" for key in keys]),
            (alice, ["/c/alpha/cards", "/c/alpha/wallet", "/c/alpha/wallet/top-up"]),
            (ada, [f"/payments/{key}" for key in keys]),
            (ada, ["/payments", "/payments/reconciliation", "/audit", "/jobs", "/mails"]),
        )
        for path in paths
    }
    engines = shop.app.extensions["sqlalchemy"].engines.values()
    stored = [cell for engine in engines for cell in columns(engine)]
    logged = caplog.text + "".join(capfd.readouterr())

    found = [leak for where, content in stored for leak in leaks(content, secrets, where)]
    found += leaks(logged, secrets, "log")
    found += [leak for path, html in pages.items() for leak in leaks(shown(html), secrets, path)]

    assert found == []
    assert any("PAY_REQUEST_ID" in content for where, content in stored if "notice.body" in where)
    assert "Forged notice" in logged
    assert token.number[-4:] in pages["/c/alpha/cards"]


def shown(html: str) -> str:
    """A page without instants, whose digits may be as a card's by chance."""
    return re.sub(r'datetime="[^"]*"', "", html)


def test_what_must_not_be_there_would_be_found() -> None:
    text = f"Paid with 4000 0000 0000 0002 by {KEY.upper()}"

    assert leaks(text, [KEY], "here") == ["here: the secret Kq7Z…", "here: 4000000000000002"]
    by_chance = "23B785AE-C96C-32AF-6976-462234845123, " + "a" * 19 + "6976462234845"
    assert card_numbers(by_chance) == []
    assert card_numbers(f"x{'4000000000000002'}y") == ["4000000000000002"]
    assert card_numbers("4000000000000003, 1790000000000000.5 and 40000000000000020000") == []
