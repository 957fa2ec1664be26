"""Whatever may be asked of an estimate: drawn at random, with the logs that such resources send."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from dcx.kit.periods import Period, from_us, month_period

MONTHS = [
    ("Africa/Johannesburg", "2023-02"), ("Africa/Johannesburg", "2024-02"),
    ("Africa/Johannesburg", "2024-06"), ("Africa/Johannesburg", "2024-07"),
    ("Europe/Berlin", "2024-03"), ("Europe/Berlin", "2024-10"), ("Europe/Berlin", "2024-08"),
    ("America/New_York", "2024-03"), ("America/New_York", "2024-11"),
    ("Australia/Lord_Howe", "2024-04"), ("Australia/Lord_Howe", "2024-10"),
]  # fmt: skip
"""672 to 744 hours, and months in which clocks change by an hour or by half of one."""
TIERS, SYSTEMS = ["ssd", "hdd", "standard"], ["", "windows"]
FLAVORS, REGIONS = ["", "m1"], ["", "north"]
METERS = ["vm.hours", "vm.vcpu_hours", "vm.memory_gib_hours", "disk.gib_hours"]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_numbers = count(1)


@dataclass(frozen=True)
class Configuration:
    """What is asked in a month of a zone, and the versions of its prices in TOML."""

    name: str
    zone: ZoneInfo
    ask: dict[str, Any]
    books: list[bytes]

    @property
    def period(self) -> Period:
        return month_period(self.ask["month"], self.zone)


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    zone_name, month = draw(st.sampled_from(MONTHS))
    zone, name = ZoneInfo(zone_name), f"law-{next(_numbers)}"
    period = month_period(month, zone)
    lines = draw(st.lists(_line(period), min_size=1, max_size=4))
    starts = [period.starts_us - draw(st.sampled_from([0, 1, 86_400_000_000]))]
    if draw(st.booleans()):
        starts.append(draw(st.integers(period.starts_us + 1, period.ends_us - 1)))
    if draw(st.integers(0, 9)) == 0:
        starts = starts[1:]
    books = [draw(_book(name, each)) for each in starts] or [draw(_book(name, period.ends_us - 1))]
    ask = {"name": name, "price_book": name, "month": month, "lines": lines}
    return Configuration(name, zone, ask, books)


@st.composite
def _line(draw: st.DrawFn, period: Period) -> dict[str, Any]:
    line: dict[str, Any] = {"kind": draw(st.sampled_from(["vm", "vm", "disk"]))}
    line |= {"count": draw(st.integers(1, 3)), "region": draw(st.sampled_from(REGIONS))}
    if line["kind"] == "vm":
        memory = draw(st.integers(1, 2**18) | st.sampled_from([512, 1024, 1707, 4096]))
        line |= {
            "vcpus": draw(st.integers(1, 64)), "memory_gib": _gib(memory),
            "disks": draw(st.lists(_disk(), max_size=3)),
            "os": draw(st.sampled_from(SYSTEMS)), "flavor": draw(st.sampled_from(FLAVORS)),
        }  # fmt: skip
    else:
        line |= draw(_disk())
    most = (period.length_us // 3_600_000_000) * 10**8
    match draw(st.sampled_from(["whole", "hours", "schedule"])):
        case "hours":
            line["hours"] = _decimal(draw(st.integers(1, most)), 8)
        case "schedule":
            line["schedule"] = draw(_schedule())
    return line


def _gib(mib: int) -> str:
    return _decimal(mib * 10**10 // 1024, 10)


def _decimal(value: int, places: int) -> str:
    whole, rest = divmod(value, 10**places)
    return f"{whole}.{rest:0{places}d}"


@st.composite
def _disk(draw: st.DrawFn) -> dict[str, Any]:
    return {"tier": draw(st.sampled_from(TIERS)), "size_gib": str(draw(st.integers(1, 9_999)))}


@st.composite
def _schedule(draw: st.DrawFn) -> dict[str, Any]:
    begins = draw(st.integers(0, 24 * 60 - 1))
    ends = draw(st.integers(begins + 1, 24 * 60) | st.just(24 * 60))
    days = draw(st.lists(st.sampled_from(DAYS), min_size=1, unique=True))
    return {"days": days, "from": _clock(begins), "to": _clock(ends)}


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@st.composite
def _book(draw: st.DrawFn, name: str, starts_us: int) -> bytes:
    prices = ['[[price]]\nmeter = "os.hours"\nfree = true']
    for meter in METERS:
        facets = {"tier": TIERS} if meter.startswith("disk") else {"os": SYSTEMS, "flavor": FLAVORS}
        for facet in draw(st.lists(st.sampled_from([*facets, "region"]), max_size=2)):
            value = draw(st.sampled_from({**facets, "region": REGIONS}[facet]))
            prices.append(f"{_price(draw, meter)}\nwhere = {{ {facet} = '{value}' }}")
        if draw(st.integers(0, 9)):
            prices.append(_price(draw, meter))
    head = f'name = "{name}"\ncurrency = "ZAR"\nstarts_at = {from_us(starts_us).isoformat()}\n'
    return "\n".join([head, *prices]).encode()


def _price(draw: st.DrawFn, meter: str) -> str:
    said = f'[[price]]\nmeter = "{meter}"\n'
    unit = draw(st.sampled_from(["unit_price", "unit_price_per_month"]))
    match draw(st.sampled_from(["flat", "flat", "free", "steps"])):
        case "free":
            return said + "free = true"
        case "flat":
            return said + f'{unit} = "{_amount(draw)}"'
    tops = sorted(draw(st.sets(st.integers(1, 10**13), max_size=2)))
    steps = [f'{{ up_to = "{_decimal(top, 8)}", {unit} = "{_amount(draw)}" }}' for top in tops]
    steps.append(f'{{ {unit} = "{_amount(draw)}" }}')
    return said + f"steps = [{', '.join(steps)}]"


def _amount(draw: st.DrawFn) -> str:
    return _decimal(draw(st.integers(1, 10**10) | st.sampled_from([14_500_000, 5_000_000])), 8)


def logs_of(asked: Configuration) -> list[dict[str, Any]]:
    """What collectors say of it: a copy of a line is a resource of its own, and a machine's disk
    too. Each is named after its place: law-1.0.2 is the third copy of the first line.
    """
    found: list[dict[str, Any]] = []
    for place, line in enumerate(asked.ask["lines"]):
        for copy in range(line["count"]):
            resource = f"{asked.name}.{place}.{copy}"
            found += _life(asked, resource, line, _stretches(asked, line))
            for number, disk in enumerate(line.get("disks", ()), 1):
                facts = {**disk, "kind": "disk", "region": line["region"], "vm": resource}
                whole = [(asked.period.starts_us, asked.period.ends_us)]
                found += _life(asked, f"{resource}.{number}", facts, whole)
    return [{**log, "event_id": f"{asked.name}-{number}"} for number, log in enumerate(found)]


def _life(
    asked: Configuration, resource: str, facts: dict[str, Any], on: list[tuple[int, int]]
) -> Iterator[dict[str, Any]]:
    """It begins and ends with each stretch; what is on all month lived before it or goes on."""
    is_disk = facts["kind"] == "disk"
    said: dict[str, Any] = {"customer": asked.name, "region": facts["region"]}
    if is_disk:
        said |= {"disk_id": resource, "size_gib": int(facts["size_gib"]), "tier": facts["tier"],
                 "vm_id": facts.get("vm", "")}  # fmt: skip
    else:
        whole, part = facts["memory_gib"].split(".")
        memory = -(-int(whole + part) * 1024 // 10**10)
        said |= {"vm_id": resource, "vcpus": facts["vcpus"], "memory_mib": memory,
                 "os": facts["os"], "flavor": facts["flavor"]}  # fmt: skip
    begins, ends = ("attached", "deleted") if is_disk else ("running", "stopped")
    for number, (starts_us, ends_us) in enumerate(on):
        is_whole = (starts_us, ends_us) == (asked.period.starts_us, asked.period.ends_us)
        before_us = len(resource) * 1_000 if is_whole else 0
        yield {**said, "state": begins, "at": _at(starts_us - before_us), "seq": 2 * number + 2}
        if not is_whole or len(resource) % 2:
            yield {**said, "state": ends, "at": _at(ends_us + before_us), "seq": 2 * number + 3}


def _at(us: int) -> str:
    """Collectors write the offset that they like."""
    return from_us(us).astimezone(timezone(timedelta(hours=us % 5))).isoformat()


def _stretches(asked: Configuration, line: dict[str, Any]) -> list[tuple[int, int]]:
    period = asked.period
    if "hours" in line:
        length_us = int(line["hours"].replace(".", "")) * 36
        return [(period.starts_us, period.starts_us + length_us)]
    if "schedule" not in line:
        return [(period.starts_us, period.ends_us)]
    year, month = map(int, asked.ask["month"].split("-"))
    days = [date(year, month, 1) + timedelta(days=number) for number in range(31)]
    plan = line["schedule"]
    return [
        (_lived(day, plan["from"], asked.zone), _lived(day, plan["to"], asked.zone))
        for day in days
        if day.month == month and DAYS[day.weekday()] in plan["days"]
    ]


def _lived(day: date, clock: str, zone: ZoneInfo) -> int:
    """The instant at which the clock on the wall says so."""
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    local = datetime.combine(day, time.fromisoformat(clock), tzinfo=zone)
    return round(local.timestamp() * 1_000_000)
