"""Pages and drafts with 500 VMs, 25 customers and 12 issued months stored."""

import re
from datetime import UTC, datetime
from typing import Any

from benchmarks.ground import Claim, alone, fresh_app, timed
from dcx.accounts import service as accounts
from dcx.billing import service as billing
from dcx.kit.actors import Actor
from dcx.kit.periods import month_before, month_name, month_period, to_us
from dcx.metering import jobs, service
from dcx.pricing import service as pricing
from dcx.repository.session import reading, transaction
from dcx.settings import ROOT
from dcx.wallet import service as wallet
from tests.support.databases import PostgresDatabases

BENCH = Actor("Bench")
PASSWORD = "a password to measure with"  # noqa: S105
PAGES = (
    "/", "/customers", "/customers/cust-03", "/metering", "/pricing", "/invoices",
    "/invoices/INV-000003", "/invoices/INV-000003?line=1", "/jobs", "/audit", "/c/cust-03/",
    "/c/cust-03/usage", "/c/cust-03/resources", "/c/cust-03/resources/vm/vm-0003",
    "/search?q=vm-00",
    "/invoices/issue", "/c/cust-03/usage?by=days", "/c/cust-03/invoices", "/c/cust-03/wallet",
    "/c/cust-03/wallet/statement", "/c/cust-03/payments", "/payments", "/payments/reconciliation",
    "/adjustments",
)  # fmt: skip


def claims(engine: str, servers: PostgresDatabases | None) -> list[Claim]:
    """Server time of every page, and of all drafts."""
    with fresh_app(engine, servers) as app:
        settings = app.config["DCX"]
        desk = billing.Desk.of(settings)
        month = _provider(desk)
        client = app.test_client()
        token = re.search(r'csrf_token" value="([^"]+)', client.get("/signin").text)
        assert token
        sent = {"email": "ada@dcx.example", "password": PASSWORD, "csrf_token": token.group(1)}
        assert client.post("/signin", data=sent).status_code == 303
        found = [
            alone(f"{engine}: page {page}", lambda page=page: _page(client, page), "0.100 s")
            for page in PAGES
        ]
        found.append(
            alone(
                f"{engine}: page / at the first look after a run", lambda: _first(client), "0.100 s"
            )
        )
        found.append(
            alone(f"{engine}: all drafts of a month", lambda: _drafts(month, desk), "0.174 s")
        )
        return found


def _page(client: Any, page: str) -> float:
    def get() -> None:
        if client.get(page).status_code != 200:
            raise AssertionError(f"FAILED: {page}")

    return timed(get)


def _first(client: Any) -> float:
    """The home page once what it remembered no longer holds."""
    jobs.meter()
    return _page(client, "/")


def _drafts(month: str, desk: billing.Desk) -> float:
    def draft() -> None:
        with reading() as session:
            if not sum(one.sums.net_cents for one in billing.drafts(session, month, desk)):
                raise AssertionError("FAILED: nothing drafted")

    return timed(draft)


def _provider(desk: billing.Desk) -> str:
    """500 VMs that change every other day for thirteen months; twelve of them issued."""
    now_us = to_us(datetime.now(UTC))
    month = month_name(now_us, desk.zone)
    months = [month]
    for _ in range(12):
        months.insert(0, month_before(months[0]))
    with transaction() as session:
        for number in range(25):
            key = f"cust-{number:02d}"
            customer = accounts.Customer(
                key, f"Customer {number}", billing="prepaid" if number % 2 else "invoice"
            )
            accounts.add_customer(session, customer, now_us=1)
        accounts.add_staff(session, "ada@dcx.example", "admin", now_us=1)
        accounts.set_password(session, "ada@dcx.example", PASSWORD)
        text = (ROOT / "dcx/demo/data/standard.toml").read_bytes()
        pricing.publish(
            session,
            text,
            currency=desk.currency,
            zone=desk.zone,
            now_us=1,
            issued_until=lambda _: None,
        )
    start_us = month_period(months[0], desk.zone).starts_us
    _top_ups(start_us, now_us)
    with transaction("bronze") as session:
        service.add_source(session, "bench", mode="events", now_us=1)
        delivery = service.Delivery("bench", "bench", frozenset(), now_us)
        service.ingest(session, delivery, _logs(start_us, now_us))
    jobs.meter()
    for each in months[:-1]:
        for number in range(25):
            with transaction() as session:
                billing.issue(session, f"cust-{number:02d}", each, desk, by=BENCH, now_us=now_us)
    return month


def _top_ups(start_us: int, now_us: int) -> None:
    """Each customer's wallet gets money 100 times over the months."""
    step_us = (now_us - start_us) // 100
    for number in range(25):
        with transaction() as session:
            for turn in range(100):
                receipt = wallet.Receipt(
                    f"cust-{number:02d}", 500_00, f"bench/{number}/{turn}", "Top-up by EFT"
                )
                at_us = start_us + turn * step_us
                wallet.receive(session, receipt, by=BENCH, now_us=at_us)


def _logs(start_us: int, now_us: int) -> Any:
    head = ("event_id", "vm_id", "customer", "at", "state", "vcpus", "memory_mib", "region")
    step_us = 2 * 24 * 3_600 * 1_000_000
    for vm in range(500):
        for turn, at_us in enumerate(range(start_us + vm * 1_000_000, now_us, step_us)):
            at = datetime.fromtimestamp(at_us / 1e6, UTC)
            state = "stopped" if turn % 5 == 4 else "running"
            cells = [f"{vm}-{turn}", f"vm-{vm:04d}", f"cust-{vm % 25:02d}", at, state]
            yield head, [*cells, 1 + turn % 4, 1024 * (1 + turn % 8), "jhb1"], ""
