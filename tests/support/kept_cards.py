"""What tests of cards and refunds begin with: a payment that was paid, a card that was kept."""

from dataclasses import dataclass

from flask import current_app

from dcx.journal import service as journal
from dcx.kit.actors import Actor
from dcx.payments import service as payments
from dcx.payments.jobs.clock import now_us
from dcx.payments.service import Desk, Wish
from dcx.repository.session import reading
from tests.support.gateway import VISA, SimulatedGateway

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


def audited() -> list[str]:
    """What is on record: each action and its subject, oldest first."""
    with reading() as session:
        rows = journal.entries(session, journal.Wanted(), limit=1000).rows
    return [f"{entry.action}: {entry.subject}" for entry in rows][::-1]
