"""An ask read from JSON: every fault named with its place, nothing guessed."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dcx.estimates.errors import AskRefusedError
from dcx.estimates.rules.asks import (
    DAYS,
    KINDS,
    Ask,
    AskedDisk,
    AskedLine,
    BackupPolicy,
    Schedule,
    SnapshotPolicy,
)
from dcx.kit.money import E8, parse_e8

MOST_LINES, MOST_COPIES, MOST_DISKS = 5_000, 10_000, 64
MOST_VCPUS, MOST_MEMORY_MIB, MOST_GIB = 4_096, 2**26, 2**20
MOST_HOURS, MOST_DAYS, MOST_FULLS = 745, 3_660, 100
LONGEST_TEXT = 100
MONTHS_OF_HOURS = ("730", "720", "744")
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")
_WORDS = {"vm": "VM", "disk": "Disk", "ip": "IP addresses", "backup": "Backup"}
_COMMON = {"kind", "name", "count"}
_KEYS = {
    "vm": _COMMON
    | {"vcpus", "memory_gib", "disks", "hours", "schedule", "os", "region", "flavor"}
    | {"backup", "snapshots", "resources"},
    "disk": _COMMON | {"tier", "size_gib", "hours", "schedule", "region", "resources"},
    "ip": _COMMON | {"hours", "schedule", "region"},
    "backup": _COMMON | {"size_gib", "hours", "schedule", "region"},
}
_MEMORY = re.compile(r"(\d{1,6})(?:\.(\d{1,10}))?")
"""A MiB is a 1,024th of a GiB: ten decimals say it exactly."""
_MISSING = object()
T = TypeVar("T")


def read_ask(given: Any, *, this_month: str) -> Ask:
    """The ask in a body of POST /estimates; AskRefusedError names every fault by its place."""
    if not isinstance(given, Mapping):
        raise AskRefusedError({"": "Send a JSON object with lines."})
    faults: dict[str, str] = {}
    here = _Place(given, "", faults)
    name = here.read("name", _text, "")
    book = here.read("price_book", _text, "standard") or "standard"
    month = here.read("month", _month, this_month)
    here.refuse_unknown({"name", "price_book", "month", "lines"})
    lines = here.read("lines", _list(MOST_LINES, "lines"), _MISSING) or []
    if not lines and "lines" not in faults:
        faults["lines"] = "An estimate needs at least one line."
    found = [_line(entry, place, faults) for place, entry in enumerate(lines)]
    if faults:
        raise AskRefusedError(faults)
    return Ask(name, book, month, tuple(line for line in found if line))


class _Place:
    """One object of the JSON: reads its keys and notes their faults under its place."""

    def __init__(self, given: Mapping[str, Any], place: str, faults: dict[str, str]) -> None:
        self._given, self._place, self._faults = given, place, faults

    def read(self, key: str, how: Callable[[Any], T], absent: Any) -> Any:
        value = self._given.get(key, _MISSING)
        if value is _MISSING or value is None:
            if absent is _MISSING:
                self.fault(key, "This is missing.")
                return None
            return absent
        try:
            return how(value)
        except ValueError as error:
            self.fault(key, str(error))
            return None

    def fault(self, key: str, words: str) -> None:
        self._faults[f"{self._place}{key}"] = words

    def inner(self, key: str) -> "_Place | None":
        """The object under a key; None where there is none or it is something else."""
        value = self._given.get(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.fault(key, "This must be an object.")
            return None
        return _Place(value, f"{self._place}{key}.", self._faults)

    def refuse_unknown(self, known: set[str]) -> None:
        for key in sorted(self._given.keys() - known, key=str):
            self.fault(str(key), f"Unknown here. Known are {', '.join(sorted(known))}.")


def _line(entry: Any, number: int, faults: dict[str, str]) -> AskedLine | None:
    place = f"lines.{number}."
    if not isinstance(entry, Mapping):
        faults[place[:-1]] = "A line is an object with a kind."
        return None
    here = _Place(entry, place, faults)
    kind = here.read("kind", _kind, _MISSING)
    if kind is None:
        return None
    here.refuse_unknown(_KEYS[kind])
    is_vm, has_size = kind == "vm", kind in {"disk", "backup"}
    disks = here.read("disks", _list(MOST_DISKS, "disks"), []) if is_vm else []
    size = _whole_gib if kind == "disk" else _gib
    line = AskedLine(
        kind=kind,
        name=here.read("name", _text, "") or f"{_WORDS[kind]} {number + 1}",
        count=here.read("count", _whole(1, MOST_COPIES), 1),
        vcpus=here.read("vcpus", _whole(1, MOST_VCPUS), _MISSING) if is_vm else 0,
        memory_mib=here.read("memory_gib", _mib, _MISSING) if is_vm else 0,
        disks=tuple(_disk(disk, f"{place}disks.{n}", faults) for n, disk in enumerate(disks or [])),
        tier=(here.read("tier", _text, "") or "standard") if kind == "disk" else "",
        size_e8=here.read("size_gib", size, _MISSING) if has_size else 0,
        hours_e8=here.read("hours", _hours, None),
        schedule=_schedule(here),
        os=here.read("os", _text, ""),
        region=here.read("region", _text, ""),
        flavor=here.read("flavor", _text, ""),
        backup=_backup(here) if is_vm else None,
        snapshots=_snapshots(here) if is_vm else None,
        resources=here.read("resources", _texts, ()),
    )
    if line.hours_e8 is not None and line.schedule is not None:
        here.fault("schedule", "Say hours or a schedule, not both.")
    return line


def _disk(entry: Any, place: str, faults: dict[str, str]) -> AskedDisk:
    if not isinstance(entry, Mapping):
        faults[place] = 'A disk is an object, like {"tier": "ssd", "size_gib": "50"}.'
        return AskedDisk("", 0)
    here = _Place(entry, f"{place}.", faults)
    here.refuse_unknown({"tier", "size_gib"})
    tier = here.read("tier", _text, "") or "standard"
    return AskedDisk(tier, (here.read("size_gib", _whole_gib, _MISSING) or 0) // E8)


def _schedule(line: _Place) -> Schedule | None:
    here = line.inner("schedule")
    if here is None:
        return None
    here.refuse_unknown({"days", "from", "to"})
    days = here.read("days", _days, _MISSING)
    starts, ends = (here.read(key, _minute, _MISSING) for key in ("from", "to"))
    if days is None or starts is None or ends is None:
        return None
    if starts >= ends:
        here.fault("to", "A schedule must end after it begins, on the same day (24:00 at most).")
        return None
    return Schedule(days, starts, ends)


def _backup(line: _Place) -> BackupPolicy | None:
    here = line.inner("backup")
    if here is None:
        return None
    here.refuse_unknown({"retention", "change", "ratio", "fulls"})
    return BackupPolicy(
        retention=here.read("retention", _whole(0, MOST_DAYS), 14),
        change_e8=here.read("change", _share, E8 // 20),
        ratio_e8=here.read("ratio", _share, E8 // 2),
        fulls=here.read("fulls", _whole(1, MOST_FULLS), 1),
    )


def _snapshots(line: _Place) -> SnapshotPolicy | None:
    here = line.inner("snapshots")
    if here is None:
        return None
    here.refuse_unknown({"days", "change"})
    days = here.read("days", _whole(1, MOST_DAYS), 3)
    return SnapshotPolicy(days, here.read("change", _share, E8 // 20))


def _kind(value: Any) -> str:
    if value not in KINDS:
        raise ValueError(f"A line's kind is one of {', '.join(KINDS)}.")
    return str(value)


def _month(value: Any) -> str:
    if isinstance(value, str) and (value in MONTHS_OF_HOURS or _MONTH.fullmatch(value)):
        return value
    raise ValueError("Write a month like 2026-08, or 730, 720 or 744 for so many hours.")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("This must be text.")  # noqa: TRY004
    text = value.strip()
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"At most {LONGEST_TEXT} characters.")
    if not text.isprintable():
        raise ValueError("Letters, digits and signs on one line, nothing invisible.")
    return text


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(each) for each in _list(MOST_COPIES, "names")(value))


def _list(most: int, what: str) -> Callable[[Any], list[Any]]:
    def read(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError("This must be a list.")  # noqa: TRY004
        if len(value) > most:
            raise ValueError(f"At most {most} {what}, not {len(value)}.")
        return value

    return read


def _number_e8(value: Any) -> int:
    """A number of JSON or its text, x 10^8; an exponent or a comma is no number here."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError('Write a number, like 4 or "0.5".')  # noqa: TRY004
    try:
        return parse_e8(str(value))
    except ValueError as error:
        raise ValueError(f"{value!r} is not a number like 4 or 0.5.") from error


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        number, rest = divmod(_number_e8(value), E8)
        if rest or not least <= number <= most:
            raise ValueError(f"A whole number from {least} to {most}.")
        return number

    return read


def _gib(value: Any) -> int:
    size = _number_e8(value)
    if not 0 < size <= MOST_GIB * E8:
        raise ValueError(f"A size above 0 and up to {MOST_GIB} GiB.")
    return size


def _whole_gib(value: Any) -> int:
    size = _gib(value)
    if size % E8:
        raise ValueError("Disks are metered in whole GiB: write a whole number.")
    return size


def _mib(value: Any) -> int:
    found = None if isinstance(value, bool) else _MEMORY.fullmatch(str(value).strip())
    if not found:
        raise ValueError(f"{value!r} is not a number like 4 or 0.5.")
    mib, rest = divmod(int(found[1] + (found[2] or "").ljust(10, "0")) * 1024, 10**10)
    if rest:
        raise ValueError(f"Memory is metered in whole MiB: {value} GiB is {mib} MiB and a bit.")
    if not 0 < mib <= MOST_MEMORY_MIB:
        raise ValueError(f"Memory above 0 and up to {MOST_MEMORY_MIB // 1024} GiB.")
    return mib


def _hours(value: Any) -> int:
    hours = _number_e8(value)
    if not 0 < hours <= MOST_HOURS * E8:
        raise ValueError("Hours above 0, and no more than a month has.")
    return hours


def _share(value: Any) -> int:
    share = _number_e8(value)
    if not 0 < share <= E8:
        raise ValueError("A share above 0 and up to 1, like 0.05.")
    return share


def _days(value: Any) -> tuple[int, ...]:
    named = _list(len(DAYS), "days")(value)
    if not named or any(day not in DAYS for day in named):
        raise ValueError(f"Days are a list of {', '.join(DAYS)}.")
    return tuple(sorted({DAYS.index(day) for day in named}))


def _minute(value: Any) -> int:
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found else -1
    if not 0 <= minute <= 24 * 60:
        raise ValueError("A time of day, like 08:00.")
    return minute
