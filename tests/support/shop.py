"""A desk that takes money at a simulated gateway: with its clock in the test's hand."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import text

from dcx.accounts import service as accounts
from dcx.billing import service as billing
from dcx.factory import create_app
from dcx.kit.actors import CLOCK, Actor
from dcx.kit.ids import new_id
from dcx.notifications.service import Site
from dcx.payments import service
from dcx.payments.errors import GatewaySilentError
from dcx.payments.jobs.poll import poll
from dcx.payments.jobs.reconcile import reconcile
from dcx.payments.jobs.refunds import send_refunds
from dcx.payments.routes import gateway as gateway_doors
from dcx.payments.rules import ALLOWED
from dcx.payments.service import Desk, Wish
from dcx.payments.service import refunds as refunding
from dcx.repository.session import reading, transaction
from dcx.settings import Settings
from dcx.wallet import service as wallet
from dcx.wallet.service import Bill
from tests.support.databases import Pair, settings_of
from tests.support.gateway import SimulatedGateway

ALICE, SAM, SUE = (Actor(f"{name}@dcx.example") for name in ("alice", "sam", "sue"))
NEVER_SECOND = 10**12


class Shop:
    """DCX and a gateway on one clock, which the gateway keeps."""

    def __init__(self, app: APIFlask, gateway: SimulatedGateway) -> None:
        self.app, self.gateway = app, gateway
        self.client: FlaskClient = app.test_client()
        self.settings: Settings = app.config["DCX"]
        self.desk = Desk.of(self.settings, app.config["VAULT"])

    def now_us(self) -> int:
        return self.gateway.simulator.book.now_us

    def let_go(self) -> None:
        """Of the databases, before a process is forked: the child opens them anew."""
        for engine in self.app.extensions["sqlalchemy"].engines.values():
            engine.dispose()

    # What customers do

    def customer(self, key: str, **facts: str) -> str:
        found = accounts.Customer(key, key.title(), email=f"{key}@dcx.example", **facts)
        with transaction() as session:
            accounts.add_customer(session, found, now_us=1)
        return key

    def top_up(self, customer: str = "alpha", cents: int = 15_000, form: str = "") -> str:
        """Begin a top-up; the payment's key."""
        wish = Wish(customer, form or new_id(), cents)
        return service.pay(wish, self.desk, by=ALICE, now_us=self.now_us())

    def invoice(self, customer: str, number: str, cents: int) -> None:
        """An issued invoice, as the ledger sees it."""
        bill = Bill(number, customer, f"Invoice {number}", cents, 0)
        with transaction() as session:
            wallet.charge(session, bill, by=CLOCK, now_us=self.now_us())

    def pay_invoice(self, customer: str, number: str) -> str:
        wish = Wish(customer, new_id(), document=number)
        return service.pay(wish, self.desk, by=ALICE, now_us=self.now_us())

    def request_of(self, key: str) -> str:
        """What the gateway calls a payment."""
        with reading() as session:
            return service.redirect_of(session, key).pay_request_id

    def paid(self, customer: str = "alpha", cents: int = 15_000) -> str:
        """A top-up that was paid by card and told of."""
        key = self.top_up(customer, cents)
        self.gateway.pay(self.request_of(key))
        return key

    # What staff and the clock do

    def ask(self, key: str, *, by: Actor = SAM) -> service.Heard:
        return service.ask(key, self.desk, by=by, now_us=self.now_us())

    def poll(self) -> Counter[str]:
        return Counter(poll(self.desk, clock=self.now_us))

    def refund(self, key: str, cents: int) -> str:
        wanted = refunding.Wanted(key, cents, "Asked for by phone", new_id())
        with transaction() as session:
            return refunding.ask_refund(
                session, wanted, by=SAM, limit_cents=NEVER_SECOND, now_us=self.now_us()
            )

    def send_refunds(self) -> Counter[str]:
        site = Site.of(self.settings)
        return Counter(send_refunds(self.settings.gateway, site, clock=self.now_us))

    def reconcile(self) -> Counter[str]:
        """What it counted; nothing where the gateway was silent."""
        try:
            return +Counter(reconcile(self.desk, self.settings.zone, clock=self.now_us))
        except GatewaySilentError:
            return Counter()

    def advance(self, seconds: float) -> None:
        self.gateway.advance(seconds)

    # What came of it

    def state(self, key: str) -> str:
        with reading() as session:
            return service.get_whole(session, key).line.state

    def money(self, customer: str = "alpha") -> wallet.Balances:
        with reading() as session:
            return wallet.balances(session, customer)

    def bookings(self, key: str) -> int:
        """How many bookings a payment has, undone ones not counted."""
        return int(self.rows("SELECT count(*) FROM booking WHERE source = :s", s=f"payment/{key}"))

    def rows(self, query: str, **values: Any) -> Any:
        """The one value of a query."""
        with reading() as session:
            return session.execute(text(query), values).scalar()

    def breaches(self) -> list[str]:
        """Broken promises of money, and steps of payments that no table allows."""
        with reading() as session:
            steps = session.execute(
                text("SELECT DISTINCT from_state, to_state FROM payment_event"
                     " WHERE from_state <> '' AND from_state <> to_state")
            ).all()  # fmt: skip
            total = session.execute(text("SELECT coalesce(sum(amount_cents), 0) FROM ledger_entry"))
            return [
                *wallet.breaches(session),
                *service.breaches(session),
                *(f"{one} -> {other}" for one, other in steps if other not in ALLOWED[one]),
                *(f"the ledger sums to {cents}" for (cents,) in total.all() if cents),
            ]

    def whole_breaches(self) -> list[str]:
        """The same and those of invoices, as `flask check` looks for them."""
        with reading() as session:
            return [*self.breaches(), *billing.breaches(session)]


@contextmanager
def opened_shop(pair: Pair, gateway: SimulatedGateway, **changes: str) -> Iterator[Shop]:
    """A shop on these databases. The gateway's doors go by its clock, and its notices to them."""
    app = create_app(settings_of(pair, **gateway.settings, **changes))
    shop = Shop(app, gateway)
    real = vars(gateway_doors)["now_us"]
    vars(gateway_doors)["now_us"] = shop.now_us
    with app.app_context():
        gateway.deliver_to(shop.client)
        try:
            yield shop
        finally:
            vars(gateway_doors)["now_us"] = real
            shop.let_go()
