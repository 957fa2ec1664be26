"""A till: payments of a test, the simulated gateway behind them, and what came of it all."""

from dataclasses import dataclass, replace
from typing import Any

from apiflask import APIFlask
from sqlalchemy import text

from dcx.journal import service as journal
from dcx.kit.actors import Actor
from dcx.kit.ids import new_id
from dcx.kit.periods import SECOND_US
from dcx.notifications import service as notifications
from dcx.payments import service
from dcx.payments.jobs.poll import poll
from dcx.payments.models import Payment
from dcx.payments.paygate import PayGate
from dcx.payments.repository import PaymentRepository
from dcx.payments.rules.times import DAY_US, MINUTE_US
from dcx.payments.service import Desk, Heard, Wish
from dcx.repository.session import reading, transaction
from dcx.wallet import service as wallet
from tests.support.gateway import SimulatedGateway

BEGUN_US = 1_800_000_000_000_000
ALICE = Actor("alice@dcx.example", "127.0.0.1")
BILL = wallet.Bill("INV-000001", "alpha", "Invoice INV-000001", 130_00, 19_50)
__all__ = ["ALICE", "BEGUN_US", "DAY_US", "MINUTE_US", "SECOND_US", "Till"]


@dataclass
class Till:
    """Pays for alpha at BEGUN_US and later; `after` counts from there."""

    app: APIFlask
    gateway: SimulatedGateway

    @property
    def desk(self) -> Desk:
        found = Desk.of(self.app.config["DCX"], self.app.config["VAULT"])
        return replace(found, gateway=PayGate(self.app.config["DCX"].gateway, read_s=2.0))

    def pay(self, cents: int | None = 15_000, **wanted: Any) -> str:
        """The key of a payment that the gateway was told of."""
        wish = Wish(**{"customer": "alpha", "form_key": new_id(), "cents": cents} | wanted)
        return service.pay(wish, self.desk, by=ALICE, now_us=BEGUN_US)

    def invoice(self) -> str:
        """alpha owes R149,50 for it."""
        with transaction() as session:
            wallet.charge(session, BILL, by=ALICE, now_us=BEGUN_US)
        return BILL.number

    def row(self, key: str) -> Payment:
        with reading() as session:
            row = PaymentRepository(session).find(key)
            assert row is not None
            session.expunge(row)
        return row

    def state(self, key: str) -> str:
        return self.row(key).state

    def request(self, key: str) -> str:
        """What the gateway calls the payment."""
        found = self.row(key).pay_request_id
        assert found is not None
        return found

    def ask(self, key: str, *, after_us: int = MINUTE_US, hint: str = "") -> Heard:
        now_us = BEGUN_US + after_us
        return service.ask(key, self.desk, by=service.GATEWAY, now_us=now_us, hint=hint)

    def poll(self, *, after_us: int) -> dict[str, int]:
        return poll(self.desk, clock=lambda: BEGUN_US + after_us)

    def balance(self, customer: str = "alpha") -> int:
        with reading() as session:
            return wallet.balances(session, customer).wallet

    def owed(self) -> int:
        with reading() as session:
            return wallet.owed(session, [BILL.number])[BILL.number]

    def steps(self, key: str) -> list[tuple[str, str]]:
        """(state, words) of each step."""
        with reading() as session:
            payments = PaymentRepository(session)
            return [(step.to_state, step.words) for step in payments.events(self.row(key).id)]

    def bookings(self) -> list[str]:
        """The sources of what was booked for payments."""
        query = "SELECT source FROM booking WHERE source LIKE 'payment/%' ORDER BY id"
        with reading() as session:
            return list(session.scalars(text(query)))

    def notices(self) -> list[Any]:
        query = "SELECT kind, is_genuine, outcome, payment_id FROM gateway_notice ORDER BY id"
        with reading() as session:
            return list(session.execute(text(query)).all())

    def mails(self) -> list[str]:
        """Subjects of the mails that were written, oldest first."""
        with reading() as session:
            return [mail.subject for mail in notifications.mails(session, limit=100).rows][::-1]

    def breaches(self) -> list[str]:
        with reading() as session:
            return list(service.breaches(session))

    def audited(self) -> list[str]:
        with reading() as session:
            rows = journal.entries(session, journal.Wanted(), limit=100).rows
        done = [entry for entry in rows[::-1] if entry.action != "signed in"]
        return [f"{entry.who}: {entry.action}" for entry in done]
