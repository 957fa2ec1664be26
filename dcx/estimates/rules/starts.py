"""What people begin an estimate with: a few usual set-ups, each a list of lines to change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dcx.estimates.rules.asks import (
    AskedDisk,
    AskedLine,
    BackupPolicy,
    Schedule,
    SnapshotPolicy,
)
from dcx.kit.money import E8

USUAL_BACKUP = BackupPolicy(retention=14, change_e8=E8 // 20, ratio_e8=E8 // 2, fulls=1)
USUAL_SNAPSHOTS = SnapshotPolicy(days=3, change_e8=E8 // 20)
WINDOWS = "windows"
_OFFICE_HOURS = Schedule(days=(0, 1, 2, 3, 4), from_minute=7 * 60, to_minute=18 * 60)


@dataclass(frozen=True, slots=True)
class Start:
    """A set-up to begin with. Its disks have no tier yet: the price book says which there are."""

    key: str
    title: str
    words: str
    lines: Sequence[AskedLine]


def _machine(name: str, size: tuple[int, int], *disks: int, count: int = 1) -> AskedLine:
    """`size` is (vCPU, GiB of memory), `disks` are GiB."""
    vcpus, memory_gib = size
    return AskedLine(
        kind="vm",
        name=name,
        count=count,
        vcpus=vcpus,
        memory_mib=memory_gib * 1024,
        disks=tuple(AskedDisk("", gib) for gib in disks),
        backup=USUAL_BACKUP,
        snapshots=USUAL_SNAPSHOTS,
    )


SCRATCH = Start("scratch", "From scratch", "", (_machine("Machine 1", (2, 4), 50),))
STARTS = (
    Start(
        "web-shop",
        "A web shop",
        "Three web servers, a database, two public IP addresses",
        (
            _machine("web", (2, 4), 50, count=3),
            _machine("db", (8, 32), 50, 500),
            AskedLine("ip", "public", count=2),
        ),
    ),
    Start(
        "database",
        "A database",
        "One large machine with disks for data and for logs",
        (_machine("db", (8, 64), 50, 1000, 200),),
    ),
    Start(
        "office",
        "An office server",
        "Files and mail of a small office, a test machine on working days only",
        (
            _machine("files", (4, 16), 80, 2000),
            replace(_machine("test", (2, 8), 50), schedule=_OFFICE_HOURS),
        ),
    ),
    Start(
        "windows",
        "A Windows server",
        "One machine with its licence, a public IP address",
        (
            replace(_machine("windows", (4, 16), 120, 200), os=WINDOWS),
            AskedLine("ip", "public"),
        ),
    ),
)


def lines_of(start: Start, tier: str, systems: Sequence[str]) -> tuple[AskedLine, ...]:
    """The lines with a tier and a Windows that the price book knows, where it knows any."""
    windows = next((each for each in systems if WINDOWS in each.lower()), WINDOWS)
    return tuple(
        replace(
            line,
            disks=tuple(replace(disk, tier=tier) for disk in line.disks),
            os=windows if line.os else "",
        )
        for line in start.lines
    )
