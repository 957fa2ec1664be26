"""Load the demo provider, and go on sending its logs."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app

from dcx.accounts import service as accounts
from dcx.billing import service as billing
from dcx.demo.money import prepay
from dcx.demo.traces import DATA, Row, notifications, vm_rows
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.ids import new_secret
from dcx.kit.periods import Period, month_after, month_before, month_name, month_period, to_us
from dcx.metering import jobs
from dcx.metering import service as metering
from dcx.pricing import service as pricing
from dcx.repository.session import reading, transaction

PASSWORD_FILE = "demo-password.txt"  # noqa: S105 - the name of a file, not a secret
PEOPLE = (
    ("thandi@highveld.example", "Thandi Nkosi", "staff", "admin"),
    ("sipho@highveld.example", "Sipho Mabena", "staff", "billing"),
    ("lerato@highveld.example", "Lerato Botha", "staff", "support"),
    ("naledi@karoo.example", "Naledi Mokoena", "cust-00", "owner"),
    ("pieter@stellenzicht.example", "Pieter van Wyk", "zealous", "owner"),
    ("amahle@ubuntu.example", "Amahle Dlamini", "cust-06", "owner"),
)
DEMO = Actor("Demo")
HYPERVISORS, OPENSTACK = "hypervisors", "openstack"
_BAD_ROW = {
    "event_id": "bad-1",
    "vm_id": "vm-0002",
    "customer": "cust-02",
    "at": "2026-11-20T19:10:00",
    "state": "running",
    "vcpus": "4",
    "memory_mib": "16384",
}
_BAD_ROWS: tuple[Row, ...] = (
    _BAD_ROW,
    {**_BAD_ROW, "event_id": "bad-2", "at": "2026-11-21T08:00:00+02:00", "state": "humming"},
)


def load(password: str) -> list[str]:
    """Make the provider: customers, people, prices, two issued months and a draft; answer the
    sign-ins.

    Repeating it changes nothing but the password and what came in since.
    """
    now_us = _now_us()
    with transaction() as session:
        _add_accounts(session, password, now_us)
        published = pricing.publish(
            session,
            (DATA / "standard.toml").read_bytes(),
            currency=current_app.config["DCX"].currency,
            zone=_zone(),
            now_us=now_us,
            issued_until=lambda _: None,
        )
        pricing.note_published(session, published, by=DEMO, now_us=now_us)
        _note_loaded(session, now_us)
    with transaction("bronze") as session:
        metering.add_source(session, HYPERVISORS, mode="events", now_us=now_us)
        metering.add_source(session, OPENSTACK, mode="events", now_us=now_us)
    loaded_us = _loaded_us()
    _replay(Period(_start_us(loaded_us), now_us), is_first=True)
    jobs.meter(asked_by=DEMO.who, actor=DEMO)
    desk = billing.Desk.of(current_app.config["DCX"])
    prepay(desk, _start_us(loaded_us), by=DEMO, now_us=now_us)
    _issue_past(loaded_us, now_us)
    return [
        f"{email}  {role} {'of the provider' if at == 'staff' else 'at ' + at}"
        for email, _, at, role in PEOPLE
    ]


def _note_loaded(session: Any, now_us: int) -> None:
    facts = {
        "customers": len(accounts.customer_keys(session)),
        "people": [email for email, *_ in PEOPLE],
        "sources": [HYPERVISORS, OPENSTACK],
    }
    journal.record(session, DEMO, Deed("demo loaded", "the provider", after=facts), now_us=now_us)


def collect() -> dict[str, Any]:
    """The demo's collector: send what happened since the last call. Repeating it stores nothing
    twice.
    """
    now_us = _now_us()
    return _replay(Period(now_us - 3_600_000_000, now_us), is_first=False)


def _add_accounts(session: Any, password: str, now_us: int) -> None:
    known = accounts.customer_keys(session)
    with (DATA / "customers.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["key"] not in known:
                accounts.add_customer(session, accounts.Customer(**row), now_us=now_us)
    for email, name, at, role in PEOPLE:
        if at == "staff":
            accounts.add_staff(session, email, role, now_us=now_us, name=name)
        else:
            accounts.add_user(session, email, at, role, now_us=now_us, name=name)
        accounts.set_password(session, email, password)


def _replay(span: Period, *, is_first: bool) -> dict[str, Any]:
    now_us, loaded_us = span.ends_us, _loaded_us()
    start_us = _start_us(loaded_us)
    whole = Period(
        start_us, month_period(month_after(month_name(loaded_us, _zone())), _zone()).starts_us
    )
    with reading() as session:
        customers = accounts.customer_keys(session)
    vms: Iterable[Row] = vm_rows(start_us, span)
    batches = [(HYPERVISORS, vms, False), (OPENSTACK, notifications(whole, span), True)]
    if is_first:
        batches.append((HYPERVISORS, _BAD_ROWS, False))
    counts = {"stored": 0}
    for source, rows, is_openstack in batches:
        delivery = metering.Delivery(source, "demo replay", customers, now_us)
        shaped = ((tuple(row), list(row.values()), "") for row in rows)
        with transaction("bronze") as session:
            receipt = metering.ingest(session, delivery, shaped, is_openstack=is_openstack)
        counts["stored"] += receipt.stored
    return counts


def _issue_past(loaded_us: int, now_us: int) -> None:
    """Issue the two months before the one in which the demo was loaded."""
    desk = billing.Desk.of(current_app.config["DCX"])
    last = month_before(month_name(loaded_us, _zone()))
    with reading() as session:
        keys = sorted(accounts.customer_keys(session))
    for month in (month_before(last), last):
        for key in keys:
            with transaction() as session:
                billing.issue(session, key, month, desk, by=DEMO, now_us=now_us)


def _loaded_us() -> int:
    """When the demo was loaded first: what the replay's times hang on, whenever it goes on."""
    with reading("bronze") as session:
        return metering.get_source(session, HYPERVISORS).created_us


def _start_us(loaded_us: int) -> int:
    """The replay begins two months before the one in which the demo was loaded."""
    month = month_before(month_before(month_name(loaded_us, _zone())))
    return month_period(month, _zone()).starts_us


def _zone() -> ZoneInfo:
    zone: ZoneInfo = current_app.config["DCX"].zone
    return zone


def _now_us() -> int:
    return to_us(datetime.now(UTC))


def demo_password(folder: Any) -> str:
    """The password of the demo's people: made at random once and kept beside the databases."""
    file = folder / PASSWORD_FILE
    if not file.is_file():
        file.write_text(new_secret()[:16] + "\n", "utf-8")
        file.chmod(0o600)
    text: str = file.read_text("utf-8")
    return text.strip()
