"""What is asked for: the lines of an estimate, in the units that metering counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dcx.kit.money import decimal_text
from dcx.kit.periods import HOUR_US

KINDS = ("vm", "disk", "ip", "backup")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS_OF_WEEK = 168


@dataclass(frozen=True, slots=True)
class Schedule:
    """On these days of the week (0 is Monday) from one minute of the day to another."""

    days: tuple[int, ...]
    from_minute: int
    to_minute: int

    @property
    def week_us(self) -> int:
        return len(self.days) * (self.to_minute - self.from_minute) * (HOUR_US // 60)

    @property
    def words(self) -> str:
        """mon, tue 08:00 to 18:00"""
        days = ", ".join(DAYS[day] for day in self.days)
        return f"{days} {minute_text(self.from_minute)} to {minute_text(self.to_minute)}"


@dataclass(frozen=True, slots=True)
class BackupPolicy:
    """How a VM's disks are backed up: `fulls` whole copies and `retention` daily changes of
    `change_e8` of the data, each shrunk to `ratio_e8` of its size.
    """

    retention: int
    change_e8: int
    ratio_e8: int
    fulls: int


@dataclass(frozen=True, slots=True)
class SnapshotPolicy:
    """Snapshots kept for `days`, while `change_e8` of the disks is written anew each day."""

    days: int
    change_e8: int


@dataclass(frozen=True, slots=True)
class AskedDisk:
    """A disk of a VM."""

    tier: str
    size_gib: int


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One line: `count` resources alike. `size_e8` is GiB x 10^8, of disks and backups.

    `hours_e8` (hours x 10^8) and `schedule` limit a VM's running time and a disk's life; None: the
    whole month. `resources` names the metered resources that the line stands for, if any.
    """

    kind: str
    name: str
    count: int = 1
    vcpus: int = 0
    memory_mib: int = 0
    disks: tuple[AskedDisk, ...] = ()
    tier: str = ""
    size_e8: int = 0
    hours_e8: int | None = None
    schedule: Schedule | None = None
    os: str = ""
    region: str = ""
    flavor: str = ""
    backup: BackupPolicy | None = None
    snapshots: SnapshotPolicy | None = None
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """A whole estimate as it is asked for. `month` is "2026-08", or "730", "720", "744" hours."""

    name: str
    price_book: str
    month: str
    lines: tuple[AskedLine, ...]


def minute_text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def number_text(value_e8: int) -> str:
    """50 rather than 50.00000000."""
    return decimal_text(value_e8, 8, at_least=0)


def memory_text(memory_mib: int) -> str:
    """MiB in GiB, exactly: a 1,024th has ten decimals."""
    return decimal_text(memory_mib * 10**10 // 1024, 10, at_least=0)


def ask_json(ask: Ask) -> dict[str, Any]:
    """The ask as the contract writes it: `read_ask` of it gives it back."""
    return {
        "name": ask.name,
        "price_book": ask.price_book,
        "month": ask.month,
        "lines": [line_json(line) for line in ask.lines],
    }


def line_json(line: AskedLine) -> dict[str, Any]:
    """One line as the contract writes it, without what is absent."""
    found: dict[str, Any] = {"kind": line.kind, "name": line.name, "count": line.count}
    if line.kind == "vm":
        found |= {
            "vcpus": line.vcpus,
            "memory_gib": memory_text(line.memory_mib),
            "disks": [{"tier": disk.tier, "size_gib": str(disk.size_gib)} for disk in line.disks],
        }
    if line.kind in {"disk", "backup"}:
        found["size_gib"] = number_text(line.size_e8)
    facts = {
        "tier": line.tier, "os": line.os, "region": line.region, "flavor": line.flavor,
        "hours": None if line.hours_e8 is None else number_text(line.hours_e8),
        "schedule": line.schedule and _schedule_json(line.schedule),
        "backup": line.backup and _backup_json(line.backup),
        "snapshots": line.snapshots and _snapshots_json(line.snapshots),
        "resources": list(line.resources),
    }  # fmt: skip
    return found | {name: value for name, value in facts.items() if value}


def _schedule_json(schedule: Schedule) -> Mapping[str, Any]:
    return {
        "days": [DAYS[day] for day in schedule.days],
        "from": minute_text(schedule.from_minute),
        "to": minute_text(schedule.to_minute),
    }


def _backup_json(policy: BackupPolicy) -> Mapping[str, Any]:
    return {
        "retention": policy.retention,
        "change": number_text(policy.change_e8),
        "ratio": number_text(policy.ratio_e8),
        "fulls": policy.fulls,
    }


def _snapshots_json(policy: SnapshotPolicy) -> Mapping[str, Any]:
    return {"days": policy.days, "change": number_text(policy.change_e8)}
