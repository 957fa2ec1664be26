"""The law of estimates: what a month was estimated to cost is what it is billed, to the cent."""

import io
import json
from collections import Counter

import pytest
from apiflask import APIFlask
from hypothesis import HealthCheck, given, settings
from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.accounts.service import Customer
from dcx.billing import service as billing
from dcx.billing.service import Draft
from dcx.estimates import service
from dcx.estimates.rules.words import METERED
from dcx.estimates.service import Answer, Desk
from dcx.kit.periods import parse_instant
from dcx.metering import jobs
from dcx.metering import service as metering
from dcx.metering.reader.lists import ndjson_rows
from dcx.pricing import service as pricing
from dcx.pricing.service import quantity_micros
from dcx.repository.session import reading, transaction
from tests.support.configurations import Configuration, configurations, logs_of
from tests.support.counts import count

NOW_US = parse_instant("2026-11-01T00:00:00+02:00")
SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
Unpriced = dict[tuple[int, int, str], int]
Lines = Counter[tuple[int, int, str, int, int, int]]


@pytest.fixture
def house(app: APIFlask) -> APIFlask:
    """A provider whose collector sends events."""
    with transaction("bronze") as bronze:
        metering.add_source(bronze, "hv", mode="events", now_us=1)
    return app


@settings(max_examples=count(100, 1_000), deadline=None, suppress_health_check=SHARED)
@given(asked=configurations())
def test_an_estimate_is_the_bill_line_by_line(house: APIFlask, asked: Configuration) -> None:
    assert house.config["DCX"]
    desk = Desk(asked.zone, "ZAR", NOW_US)
    with transaction() as session:
        customer = Customer(asked.name, asked.name, price_book=asked.name)
        accounts.add_customer(session, customer, now_us=1)
        for text in asked.books:
            publish(session, text, desk)
        ask = service.read_ask(asked.ask, this_month="2026-11")
        estimated = service.estimate(session, ask, desk)

    send(asked)
    jobs.meter(until_us=NOW_US)
    with reading() as session:
        place = billing.Desk(asked.zone, "ZAR")
        bill = billing.draft(session, asked.name, asked.ask["month"], place)

    assert lines_of_estimate(estimated) == lines_of_bill(bill)
    assert unpriced_of_estimate(estimated) == unpriced_of_bill(bill)
    sums = (estimated.net_cents, estimated.vat_cents, estimated.total_cents)
    assert sums == (bill.sums.net_cents, bill.sums.vat_cents, bill.sums.total_cents)
    assert estimated.vat_rate_e8 == bill.vat_rate_e8


def publish(session: Session, text: bytes, desk: Desk) -> None:
    pricing.publish(
        session, text, currency="ZAR", zone=desk.zone, now_us=1, issued_until=lambda _: None
    )


def send(asked: Configuration) -> None:
    """Import the logs of a configuration: all of them are stored."""
    body = "\n".join(map(json.dumps, logs_of(asked))).encode()
    delivery = metering.Delivery("hv", asked.name, frozenset({asked.name}), NOW_US)
    with transaction("bronze") as bronze:
        receipt = metering.ingest(bronze, delivery, ndjson_rows(io.BytesIO(body)))
    assert receipt.stored == receipt.read, receipt.faults


def lines_of_estimate(answer: Answer) -> Lines:
    """(line of the ask, disk, meter, version, step, cents of one): each copy for itself."""
    found: Lines = Counter()
    for line in answer.lines:
        cents, rest = divmod(line.amount_cents, line.count)
        assert rest == 0, "copies alike cost alike"
        found[line.line, line.disk, line.meter, line.version, line.step, cents] += line.count
    return found


def lines_of_bill(bill: Draft) -> Lines:
    return Counter(
        (*origin(line.resource), line.meter, line.version, line.step, line.amount_cents)
        for line in bill.lines
    )


def origin(resource: str) -> tuple[int, int]:
    """(line of the ask, disk) of a resource that `logs_of` named; steps have none."""
    if not resource:
        return -1, 0
    _, line, _, *disk = resource.split(".")
    return int(line), int(disk[0]) if disk else 0


def unpriced_of_estimate(answer: Answer) -> Unpriced:
    """Millionths of what has no price, by line, disk and meter; none of what is not metered yet."""
    return {
        (entry.line, entry.disk, entry.meter): entry.micros
        for entry in answer.unpriced
        if entry.meter in METERED
    }


def unpriced_of_bill(bill: Draft) -> Unpriced:
    sums: Counter[tuple[int, int, str]] = Counter()
    for entry in bill.unpriced:
        sums[*origin(entry.resource), entry.meter] += entry.quantity
    return {place: quantity_micros(quantity, place[2]) for place, quantity in sums.items()}
