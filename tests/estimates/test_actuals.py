"""What became of an estimate: each difference to the bill has its reasons, and they add up."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcx.billing import service as billing
from dcx.estimates import service
from dcx.estimates.routes.ground import desk
from dcx.estimates.rules.actuals import Billed, Compared, Used, compare_actuals
from dcx.estimates.rules.answers import answer_of
from dcx.estimates.rules.costing import cost
from dcx.estimates.rules.matching import Metered
from dcx.estimates.rules.months import month_of
from dcx.kit.actors import Actor
from dcx.kit.periods import HOUR_US
from dcx.pricing.rules.books import Book, read_book
from dcx.pricing.rules.meters import Usage
from dcx.pricing.rules.rating import Stretch, price
from dcx.repository.session import transaction
from tests.conftest import Flask, SignIn
from tests.estimates.conftest import DATA
from tests.estimates.test_saved_pages import saved, text_of
from tests.support.counts import count

ZONE = ZoneInfo("Africa/Johannesburg")
BOOK = replace(read_book((DATA / "e1_book.toml").read_bytes(), currency="ZAR"), number=1)
DEARER = replace(
    read_book((DATA / "e1_book.toml").read_bytes().replace(b'"0.12"', b'"0.24"'), currency="ZAR"),
    number=2,
)
STEPPED = replace(
    read_book(
        b"""name = "standard"
currency = "ZAR"
starts_at = 2013-01-01T00:00:00+02:00
[[price]]
meter = "vm.vcpu_hours"
steps = [{ up_to = "1000", unit_price = "0.2" }, { unit_price = "0.1" }]
[[price]]
meter = "vm.memory_gib_hours"
unit_price = "0.05"
""",
        currency="ZAR",
    ),
    number=3,
)
JULY = month_of("2026-07", ZONE)
WEB = {"kind": "vm", "name": "web", "vcpus": 2, "memory_gib": "4",
       "disks": [{"tier": "ssd", "size_gib": "50"}]}  # fmt: skip


def vm(resource: str, hours: int = 744, vcpus: int = 2, memory: int = 4096, **facts: Any) -> Any:
    """(resource, its quantities): a machine that ran so many hours."""
    held = hours * HOUR_US
    one = Metered("vm", resource, facts.get("name", ""), "", "", held)
    sums = {"vm.hours": 1, "vm.vcpu_hours": vcpus, "vm.memory_gib_hours": memory}
    return one, {meter: size * held for meter, size in sums.items()}


def disk(resource: str, size: int, machine: str = "", tier: str = "ssd", hours: int = 744) -> Any:
    one = Metered("disk", resource, "", machine, tier, hours * HOUR_US)
    return one, {"disk.gib_hours": size * hours * HOUR_US}


def became(
    lines: list[dict[str, Any]], *things: Any, book: Book = BOOK, before: Book = BOOK
) -> Compared:
    """An estimate of July by one book against what was used in it, billed by another."""
    asked = {"month": "2026-07", "lines": lines}
    ask = service.read_ask(asked, this_month="2026-07")
    costs = cost(ask, JULY, [(before, JULY.period)], ZONE)
    answer = answer_of(
        ask, costs, JULY, currency="ZAR", version=1, vat_rate_e8=15_000_000, words=((), ())
    )
    usage = [
        Usage("alpha", one.kind, one.resource, meter, one.tier, "", "", "", quantity)
        for one, sums in things
        for meter, quantity in sums.items()
    ]
    billed = [
        Billed(line.kind, line.resource, line.meter, line.quantity, line.unit_price_e8,
               line.month_hours if line.is_monthly else 0, line.amount_cents)
        for line in price([Stretch(book, usage)], JULY.hours).lines
    ]  # fmt: skip
    quantities = {(each.kind, each.resource, each.meter): each.quantity for each in usage}
    used = Used([one for one, _ in things], quantities, billed)
    found = compare_actuals(ask, answer, used, month=JULY, zone=ZONE)
    assert found.estimated_cents == answer.net_cents
    assert found.actual_cents == sum(each.amount_cents for each in billed)
    return found


def reasons(found: Compared, row: int = 0) -> dict[str, int]:
    return {part.reason: part.cents for part in found.rows[row].parts}


def test_each_reason_is_told_apart() -> None:
    own = [vm("web-1"), disk("d1", 50, "web-1")]
    assert became([WEB], *own).difference_cents == 0
    assert reasons(became([WEB], *own)) == {}
    shorter = became([WEB], vm("web-1", hours=644), disk("d1", 50, "web-1"))
    assert reasons(shorter) == {"hours": -44_00}, "100 h at 2 x 0.12 + 4 x 0.05"
    larger = became([WEB], vm("web-1", vcpus=4), disk("d1", 60, "web-1"))
    assert reasons(larger) == {"size": 178_56 + 15_00}
    dearer = became([WEB], *own, book=DEARER)
    assert reasons(dearer) == {"price": 178_56}
    more = became([WEB], *own, vm("web-2"), disk("d2", 50, "web-2"))
    assert reasons(more) == {"count": 402_36}
    assert [one.resource for one in more.rows[0].resources] == ["web-1", "d1", "web-2", "d2"]
    both = became([WEB], vm("web-1", hours=372, vcpus=4), disk("d1", 50, "web-1"))
    assert reasons(both) == {"hours": -163_68, "size": 89_28}
    fewer = became([{**WEB, "count": 3}], *own)
    assert reasons(fewer) == {"count": -804_72}


def test_a_machine_estimated_in_two_configurations_is_one_machine() -> None:
    half = {**WEB, "disks": [], "hours": "372", "resources": ["i-1"]}
    found = became([half, {**half, "vcpus": 4}], vm("i-1", vcpus=3, name="web"))

    assert len(found.rows) == 1
    assert reasons(found) == {}, "372 hours of 2 vCPU and 372 of 4 are 744 of 3"
    more = became([half, {**half, "vcpus": 4}], vm("i-1", vcpus=4))
    assert reasons(more) == {"size": 89_28}
    with_disk = became([{**WEB, "resources": ["i-1", "d-1"]}], vm("i-1"), disk("d-1", 50))
    assert [len(row.resources) for row in with_disk.rows] == [2]
    assert reasons(with_disk) == {}


def test_steps_count_all_together_and_say_how_much_more_was_used() -> None:
    found = became([WEB], vm("web", vcpus=4), book=STEPPED, before=STEPPED)

    assert reasons(found, 0) == {}, "memory is as it was, and vCPU stands in steps"
    assert found.rows[1].difference_cents == 148_80, "1 000 x 0.2 + 1 976 x 0.1, less 248.80"
    assert reasons(found, 1) == {"use": 248_80, "step": -100_00}


def test_what_was_never_used_and_what_nobody_estimated_stand_by_themselves() -> None:
    ip = {"kind": "ip", "name": "addresses", "count": 2}
    found = became([WEB, ip, {**WEB, "name": "spare"}], vm("web"), vm("other"), disk("d9", 10))

    assert reasons(found, 0) == {"count": -75_00}, "its disk is not there"
    assert reasons(found, 1) == {"unmetered": -90_00}
    assert reasons(found, 2) == {"unused": -402_36}
    assert [(row.name, row.actual_cents) for row in found.rows[3:]] == [
        ("other", 327_36), ("d9", 15_00),
    ]  # fmt: skip
    assert {part.reason for row in found.rows[3:] for part in row.parts} == {"unasked"}


@pytest.mark.parametrize(
    ("line", "things", "own"),
    [
        ({"name": "web"}, [vm("i-1", name="Web")], ["i-1"]),
        ({"name": "web"}, [vm("web-1"), vm("web_2"), vm("web 3"), vm("web4")], 4),
        ({"name": "web"}, [vm("web-1"), vm("webmail"), vm("web-x"), vm("my-web-1")], ["web-1"]),
        ({"name": "x", "resources": ["i-7"]}, [vm("i-7"), vm("i-8")], ["i-7"]),
        ({"name": "web"}, [vm("web"), disk("a", 5, "web"), disk("web-data", 5)], 3),
        ({"name": "web"}, [vm("web"), disk("b", 5, "other"), disk("webdata", 5)], ["web"]),
    ],
)
def test_resources_are_known_by_what_a_line_names_and_how_it_is_called(
    line: dict[str, Any], things: list[Any], own: list[str] | int
) -> None:
    found = became([{**WEB, **line}], *things).rows[0].resources
    assert (len(found) if isinstance(own, int) else [one.resource for one in found]) == own


def test_a_resource_belongs_to_the_line_that_names_it_best() -> None:
    lines: list[dict[str, Any]] = [WEB, {**WEB, "name": "web-1"}]
    lines += [{"kind": "disk", "name": "data", "size_gib": "5"}]
    found = became(lines, vm("web-1"), vm("web-2"), disk("data-1", 5, "web-1"))
    own = [[one.resource for one in row.resources] for row in found.rows]
    assert own == [["web-2"], ["web-1"], ["data-1"]]


MACHINES = st.lists(
    st.tuples(
        st.sampled_from(["web", "web-1", "web-2", "db", "other"]), st.integers(0, 744),
        st.integers(1, 64), st.integers(1, 2**17), st.integers(0, 500),
    ),
    max_size=5, unique_by=lambda one: one[0],
)  # fmt: skip


@settings(max_examples=count(150, 3_000), deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["web", "db"]), st.integers(1, 3), st.integers(1, 9),
                       st.integers(1, 744)), min_size=1, max_size=3),
    MACHINES, st.sampled_from([BOOK, DEARER, STEPPED]), st.sampled_from([BOOK, STEPPED]),
)  # fmt: skip
def test_reasons_sum_to_the_difference_and_rounding_is_small(
    asked: list[Any], machines: list[Any], book: Book, before: Book
) -> None:
    lines = [{**WEB, "name": n, "count": c, "vcpus": v, "hours": str(h)} for n, c, v, h in asked]
    things = [vm(name, hours, vcpus, memory) for name, hours, vcpus, memory, _ in machines]
    things += [disk(f"{one[0]}-d", one[4], one[0]) for one in machines]

    found = became(lines, *things, book=book, before=before)

    for row in found.rows:
        assert sum(part.cents for part in row.parts) == row.difference_cents
        left = sum(abs(part.cents) for part in row.parts if part.reason == "rounding")
        assert left <= 3 + 2 * len(row.resources) + 3 * sum(line[1] for line in asked)
    assert sum(part.cents for part in found.parts) == found.difference_cents


LOG = {"event_id": "e1", "vm_id": "web-1", "customer": "alpha", "state": "running", "vcpus": 4,
       "memory_mib": 4096, "name": "web"}  # fmt: skip


def send(flask: Flask, folder: Path, *logs: dict[str, Any]) -> None:
    assert flask("metering", "add-source", "hv", "--mode", "events").status == 0
    file = folder / "logs.ndjson"
    file.write_text("\n".join(json.dumps(log) for log in logs))
    assert flask("metering", "import", file, "--source", "hv").status == 0
    assert flask("metering", "run").status == 0


@pytest.mark.usefixtures("people")
def test_the_page_of_an_estimate_says_what_became_of_it(
    flask: Flask, sign_in: SignIn, tmp_path: Path
) -> None:
    assert flask("pricing", "publish", DATA / "e1_book.toml").status == 0
    send(
        flask, tmp_path, {**LOG, "at": "2026-07-01T00:00:00+02:00"},
        {**LOG, "event_id": "e2", "vm_id": "new-1", "name": "new",
         "at": "2026-07-31T00:00:00+02:00"},
    )  # fmt: skip
    lines = [{**WEB, "disks": []}, {**WEB, "name": "spare", "disks": []}]
    past = saved(month="2026-07", lines=lines)
    this_month = saved(month=f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m}", lines=lines)
    alice, own = sign_in("alice"), "/c/alpha/estimates"

    page = text_of(alice, f"{own}/{past}")
    for words in (
        "July 2026 came to R522,24, and R654,72 were estimated", "R132,48 less than estimated",
        "Month is over", "larger", "not used", "Used and not estimated", "new",
    ):  # fmt: skip
        assert words in page, words
    with transaction() as session:
        place = billing.Desk(ZONE, "ZAR")
        by = Actor("sam")
        done = billing.issue(session, "alpha", "2026-07", place, by=by, now_us=desk().now_us)
        assert done.invoice
    assert "Amounts are those of INV-000001" in text_of(alice, f"{own}/{past}")

    so_far = text_of(alice, f"{own}/{this_month}")
    assert "So far, until" in so_far
    assert "estimated for the whole month" in so_far
    for key in (saved(month="2099-01"), saved(), saved("", month="2026-07")):
        page = text_of(sign_in("sam"), f"/estimates/{key}")
        assert "Estimated and actual" not in page
