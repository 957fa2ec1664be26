"""What tests of cards and refunds begin with: a payment that was paid, a card that was kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from apiflask import APIFlask
from flask import current_app

from dcx.factory import create_app
from dcx.kit.actors import Actor
from dcx.kit.periods import to_us
from dcx.payments import service as payments
from dcx.payments.service import Desk, Wish
from dcx.repository.session import reading
from tests.support.databases import Pair, settings_of
from tests.support.gateway import VISA, SimulatedGateway
from tests.support.html import Checked

ALICE = Actor("alice@dcx.example")
EXPIRES = "122099"


@dataclass
class Clock:
    """A clock that a test turns."""

    us: int

    def __call__(self) -> int:
        return self.us

    def pass_s(self, seconds: int) -> None:
        self.us += seconds * 1_000_000


def now_us() -> int:
    return to_us(datetime.now(UTC))


@contextmanager
def app_at(gateway: SimulatedGateway, pair: Pair, **changes: str) -> Iterator[APIFlask]:
    """An app whose payments go to this gateway."""
    app = create_app(settings_of(pair, **{**gateway.settings, **changes}))
    app.test_client_class = Checked
    with app.app_context():
        yield app
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


def desk() -> Desk:
    return Desk.of(current_app.config["DCX"], current_app.config["VAULT"])


def paid(
    gateway: SimulatedGateway,
    cents: int,
    form_key: str,
    *,
    document: str = "",
    keep: str = "",
    expires: str = EXPIRES,
) -> str:
    """A payment of alpha's that was paid at the gateway's page, and its card kept if `keep` names
    one; the payment's key.
    """
    wish = Wish(
        "alpha", form_key, None if document else cents, document=document,
        email="alice@dcx.example", keeps_card=bool(keep),
    )  # fmt: skip
    key = payments.pay(wish, desk(), by=ALICE, now_us=now_us())
    with reading() as session:
        request = payments.redirect_of(session, key).pay_request_id
    gateway.pay(request, keep or VISA, expires=expires)
    assert payments.ask(key, desk(), by=ALICE, now_us=now_us()).state == "paid"
    return key
