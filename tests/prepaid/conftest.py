"""alpha pays in advance: one machine runs since 40 days, last month is not invoiced yet."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apiflask import APIFlask
from sqlalchemy import text

from dcx.accounts import models
from dcx.billing import service as billing
from dcx.billing.service import Desk
from dcx.kit.actors import Actor
from dcx.kit.periods import month_before, month_name, to_us
from dcx.notifications.service import Site
from dcx.prepaid import jobs
from dcx.prepaid.service.arrangements import arrange, defaults
from dcx.prepaid.service.standing import Standing, standing
from dcx.repository.session import reading, transaction
from dcx.wallet import service as ledger
from dcx.wallet.service import Grant, Receipt
from tests.billing.test_billing import BOOK
from tests.conftest import Flask

BY = Actor("Test")


@dataclass
class Purse:
    """alpha's wallet, and the clock of the tests."""

    app: APIFlask
    flask: Flask
    folder: Path
    now_us: int
    moves: int = 0

    @property
    def desk(self) -> Desk:
        return Desk.of(self.app.config["DCX"])

    @property
    def site(self) -> Site:
        return Site.of(self.app.config["DCX"])

    @property
    def month(self) -> str:
        return month_name(self.now_us, self.desk.zone)

    def standing(self, customer: str = "alpha") -> Standing:
        with reading() as session:
            return standing(session, customer, self.desk, now_us=self.now_us)

    def live(self) -> int:
        return self.standing().live_cents

    def set_live(self, cents: int) -> None:
        """Bring the live balance there: by a top-up, or by an adjustment."""
        self.moves += 1
        by = cents - self.live()
        with transaction() as session:
            if by > 0:
                money = Receipt("alpha", by, f"t/{self.moves}", "Top-up")
                ledger.receive(session, money, by=BY, now_us=self.now_us)
            elif by < 0:
                wish = ledger.Wish("alpha", "adjustment", by, "moved by a test",
                                   form_key=f"t/{self.moves}")  # fmt: skip
                ledger.ask(session, wish, by=BY, limit_cents=10**9, now_us=self.now_us)

    def credit(self, cents: int) -> None:
        self.moves += 1
        grant = Grant("alpha", cents, 0, None, "Welcome", f"t/{self.moves}")
        with transaction() as session:
            ledger.give_credit(session, grant, by=BY, now_us=self.now_us)

    def issue(self) -> str:
        """Issue last month; the invoice's number."""
        month = month_before(self.month)
        with transaction() as session:
            done = billing.issue(session, "alpha", month, self.desk, by=BY, now_us=self.now_us)
            assert done.invoice
            return done.invoice.number

    def arrange(self, **changes: object) -> None:
        terms = defaults("prepaid")
        with transaction() as session:
            made = type(terms)(**{**_facts(terms), **changes})  # type: ignore[arg-type]
            arrange(session, "alpha", made, by=BY, now_us=self.now_us)

    def watch(self, charge: jobs.Charge | None = None) -> dict[str, int]:
        return jobs.look_after(self.desk, self.site, charge=charge, clock=lambda: self.now_us)

    def mails(self) -> list[str]:
        """The kinds of all mails, in the order in which they were written."""
        with reading() as session:
            return list(session.scalars(text("SELECT kind FROM mail ORDER BY id")))

    def send(self, *logs: dict[str, object]) -> None:
        file = self.folder / "logs.ndjson"
        file.write_text("\n".join(json.dumps(log) for log in logs))
        assert self.flask("metering", "import", file, "--source", "hv").status == 0
        assert self.flask("metering", "run").status == 0


def _facts(terms: object) -> dict[str, object]:
    return {name: getattr(terms, name) for name in terms.__slots__}  # type: ignore[attr-defined]


def log_of(
    machine: str, days_ago: float, vcpus: int = 2, customer: str = "alpha"
) -> dict[str, object]:
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return {
        "event_id": f"{machine}-{days_ago}-{vcpus}", "vm_id": machine, "customer": customer,
        "at": at.isoformat(), "state": "running", "vcpus": vcpus, "memory_mib": 1024,
        "name": f"name of {machine}",
    }  # fmt: skip


@pytest.fixture
def purse(app: APIFlask, flask: Flask, people: None, tmp_path: Path) -> Purse:
    assert people is None
    (tmp_path / "book.toml").write_text(BOOK)
    with transaction() as session:
        row = session.query(models.Customer).filter_by(key="alpha").one()
        row.billing, row.email = "prepaid", "bills@alpha.example"
    assert flask("pricing", "publish", tmp_path / "book.toml").status == 0
    assert flask("metering", "add-source", "hv", "--mode", "events").status == 0
    purse = Purse(app, flask, tmp_path, 0)
    purse.send(log_of("vm-1", 40))
    purse.now_us = to_us(datetime.now(UTC))
    return purse
