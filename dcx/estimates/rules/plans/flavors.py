"""Flavours: the sizes behind the names in a plan, from the plan itself or from who sends it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dcx.estimates.errors import AskRefusedError
from dcx.estimates.rules.plans.attributes import Gap
from dcx.estimates.rules.reading import LONGEST_TEXT, read_ask

MOST_FLAVORS = 1_000
_KEYS = {"vcpus", "memory_gib", "disk_gib"}
_PLACE = re.compile(r"lines\.(\d+)(?:\.disks\.0)?\.?(.*)")


@dataclass(frozen=True, slots=True)
class Flavor:
    """A size of machine; `disk_gib` 0 brings no disk of its own."""

    name: str
    vcpus: int
    memory_mib: int
    disk_gib: int = 0


@dataclass(frozen=True, slots=True)
class Flavors:
    """Flavours by name and by id, of the plan first; and by (module, "type.name") those that the
    plan has, where all of that address are alike. A Gap is one whose size is not known.
    """

    of_plan: Mapping[str, Flavor | Gap] = field(default_factory=dict)
    by_address: Mapping[tuple[str, str], Flavor | Gap] = field(default_factory=dict)
    given: Mapping[str, Flavor] = field(default_factory=dict)

    def find(self, name: str) -> Flavor | Gap | None:
        return self.of_plan.get(name) or self.given.get(name)

    def find_referred(self, module: str, addresses: tuple[str, ...]) -> Flavor | Gap | None:
        """The flavour of the plan that an attribute refers to."""
        for address in addresses:
            found = self.by_address.get((module, ".".join(address.split(".")[:2])))
            if found is not None:
                return found
        return None


def read_flavors(given: Any) -> dict[str, Flavor]:
    """{"m1.small": {"vcpus": 1, "memory_gib": "2", "disk_gib": "20"}}; AskRefusedError names each
    fault by its place, like flavors.m1.small.vcpus. Sizes are read as those of an estimate's lines.
    """
    if not isinstance(given, Mapping):
        raise AskRefusedError({"flavors": "Flavours are an object: a size for each name."})
    if len(given) > MOST_FLAVORS:
        raise AskRefusedError({"flavors": f"At most {MOST_FLAVORS} flavours, not {len(given)}."})
    faults = dict(_shape_faults(given))
    if faults:
        raise AskRefusedError(faults)
    names = list(given)
    if not names:
        return {}
    try:
        ask = read_ask({"lines": [_as_line(given[name]) for name in names]}, this_month="730")
    except AskRefusedError as error:
        raise AskRefusedError(_placed(error.fields, names)) from error
    return {
        name: Flavor(name, line.vcpus, line.memory_mib, sum(disk.size_gib for disk in line.disks))
        for name, line in zip(names, ask.lines, strict=True)
    }


def _shape_faults(given: Mapping[str, Any]) -> Any:
    for name, size in given.items():
        shown = name[:LONGEST_TEXT]
        if not 0 < len(name) <= LONGEST_TEXT or not name.isprintable():
            yield f"flavors.{shown}", f"A name has 1 to {LONGEST_TEXT} printable signs."
        elif not isinstance(size, Mapping):
            yield f"flavors.{shown}", "A flavour is an object with vcpus and memory_gib."
        elif size.keys() - _KEYS:
            yield f"flavors.{shown}", f"Known here are {', '.join(sorted(_KEYS))}."


def _as_line(size: Mapping[str, Any]) -> dict[str, Any]:
    line = {"kind": "vm", "vcpus": size.get("vcpus"), "memory_gib": size.get("memory_gib")}
    disk = size.get("disk_gib")
    has_disk = disk is not None and str(disk) not in {"0", "0.0"}
    return line | {"disks": [{"size_gib": disk}] if has_disk else []}


def _placed(faults: Mapping[str, str], names: list[str]) -> dict[str, str]:
    placed = {}
    for place, words in faults.items():
        found = _PLACE.fullmatch(place)
        key = "disk_gib" if found and found[2] == "size_gib" else found[2] if found else place
        name = names[int(found[1])] if found else ""
        placed[f"flavors.{name}.{key}"] = words
    return placed
