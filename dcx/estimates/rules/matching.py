"""Which metered resources a line of an ask stands for."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dcx.estimates.rules.asks import Ask, AskedLine

_NUMBERED = re.compile(r"(.*[^-_. \d])[-_. ]?\d{1,6}")
_JOINTS = "-_. "


@dataclass(frozen=True, slots=True)
class Metered:
    """A resource as it was metered in a month. `vm` is the machine of a disk, '' where unknown;
    `held_us` how long it ran or, of a disk, existed.
    """

    kind: str
    resource: str
    name: str
    vm: str
    tier: str
    held_us: int

    @property
    def about(self) -> tuple[str, str]:
        return self.kind, self.resource

    @property
    def words(self) -> str:
        return self.name or self.resource


About = tuple[str, str]
Matched = dict[About, int]
"""(kind, resource) of each matched resource and the line that it belongs to."""


def called(line: AskedLine) -> About:
    """Lines of this kind and name are the same thing, be it in several configurations."""
    return line.kind, _plain(line.name)


def places_by_name(lines: Sequence[AskedLine]) -> list[tuple[int, ...]]:
    """The places of the lines that are called alike, in the order of the first of each."""
    found: defaultdict[About, list[int]] = defaultdict(list)
    for place, line in enumerate(lines):
        found[called(line)].append(place)
    return [tuple(places) for places in found.values()]


def match(ask: Ask, metered: Sequence[Metered]) -> Matched:
    """First what a line names as its `resources`; then who is called as the line is, by name or
    key; then its numbered ones (web-1, web_2, web 3); at last the disks of machines matched so far.
    Each resource belongs to one line at most.
    """
    found: Matched = {}
    known = {each.about for each in metered}
    by_name, by_stem = _by_name(metered)
    for place, line in enumerate(ask.lines):
        kinds = ("vm", "disk") if line.kind == "vm" else (line.kind,)
        named = [(kind, resource) for kind in kinds for resource in line.resources]
        _take(found, place, [about for about in named if about in known])
    for index in (by_name, by_stem):
        for place, line in enumerate(ask.lines):
            _take(found, place, [each.about for each in index.get(called(line), ())])
    machines = {
        name: found[each.about]
        for each in metered
        if each.kind == "vm" and each.about in found
        for name in _names(each)
    }
    for disk in metered:
        if disk.kind == "disk" and disk.about not in found:
            _take(found, _line_of_machine(disk, machines, found), [disk.about])
    return found


_Index = dict[About, list[Metered]]


def _by_name(metered: Sequence[Metered]) -> tuple[_Index, _Index]:
    """Resources by (kind, name or key), and by the same without the number at its end."""
    by_name: defaultdict[About, list[Metered]] = defaultdict(list)
    by_stem: defaultdict[About, list[Metered]] = defaultdict(list)
    for each in metered:
        for name in {each.resource, _plain(each.resource), _plain(each.name)} - {""}:
            by_name[each.kind, name].append(each)
            if numbered := _NUMBERED.fullmatch(name):
                by_stem[each.kind, numbered[1]].append(each)
    return dict(by_name), dict(by_stem)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _take(found: Matched, place: int | None, abouts: Sequence[About]) -> None:
    for about in abouts:
        if place is not None:
            found.setdefault(about, place)


def _line_of_machine(disk: Metered, machines: Mapping[str, int], found: Matched) -> int | None:
    """The line of the machine that a disk is in; where no log says which, of the one whose name
    the disk's begins with: web-1-data of web-1.
    """
    if disk.vm:
        return found.get(("vm", disk.vm))
    owners = {
        own[:place]
        for own in _names(disk)
        for place, sign in enumerate(own)
        if sign in _JOINTS and own[:place] in machines
    }
    return machines[max(owners, key=len)] if owners else None


def _names(each: Metered) -> Iterator[str]:
    yield from (name for name in (_plain(each.resource), _plain(each.name)) if name)
