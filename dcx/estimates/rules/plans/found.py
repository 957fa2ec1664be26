"""What one side of a resource comes to, and how the readers of each provider say it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from dcx.estimates.rules.asks import AskedDisk, AskedLine
from dcx.estimates.rules.plans.attributes import Attributes, Gap, GapError, not_told
from dcx.estimates.rules.plans.flavors import Flavor, Flavors
from dcx.estimates.rules.reading import MOST_GIB
from dcx.kit.money import E8

STANDARD = "standard"
NO_TIER = "Disks for which a plan chooses no type are priced as tier standard."
WHOLE_GIB = "Sizes in MB are rounded up to whole GiB, as disks are metered."
STOPPED = "A machine that is off uses no vCPU and no memory: only its disks are priced."
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """Lines to price, what of the resource has no price or is not known, what was assumed, and why
    it is free where it is.
    """

    lines: tuple[AskedLine, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    free: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """A resource before or after apply, and what else of the plan it needs to be understood.

    `name` is its address, fit for a line of an estimate; `elsewhere` are ids of disks that the plan
    has as resources of their own.
    """

    name: str
    module: str
    given: Attributes
    flavors: Flavors
    elsewhere: frozenset[str]


Rule = Callable[[Side], Found]


class Gathering:
    """Reads one value after the other and keeps the gaps: one that is missing hides no other."""

    def __init__(self) -> None:
        self.gaps: list[Gap] = []
        self.notes: list[str] = []

    def ask(self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except GapError as error:
            self.gaps.append(error.gap)
            return None

    def found(self, lines: Iterable[AskedLine] = (), free: str = "") -> Found:
        return Found(tuple(lines), tuple(self.gaps), tuple(self.notes), free)


def costs_nothing(words: str) -> Rule:
    return lambda _: Found(free=words)


def rules_of(prefix: str, priced: Mapping[str, Rule], free: Mapping[str, str]) -> dict[str, Rule]:
    """A provider's table: what has a price, and the names of what has none for each reason."""
    rules = {
        name: costs_nothing(words) for words, names in free.items() for name in names.split()
    } | dict(priced)
    return {f"{prefix}{name}": rule for name, rule in rules.items()}


def no_meter(what: str) -> Rule:
    """Of something that may well cost money, for which no price can be written."""
    return lambda _: Found(gaps=(Gap(f"{what}: price books have no meter for this."),))


def flavor_of(side: Side, keys: tuple[str, ...]) -> Flavor:
    """The flavour under one of some keys: the one that was written, for the others may be of the
    past. GapError where it is not known or has no size here.
    """
    written = [key for key in keys if not side.given.written.leaves_out(key)]
    for key in written or keys:
        if side.given.has(key):
            return _sized(side, key)
    raise not_told("Not in the plan: its flavour.")


def _sized(side: Side, key: str) -> Flavor:
    try:
        name = side.given.text(key, "its flavour")
    except GapError as error:
        found = side.flavors.find_referred(side.module, side.given.written.referred(key))
        if found is None or not error.gap.is_unknown:
            raise
    else:
        found = side.flavors.find(name)
        if found is None:
            words = f"Not in the plan: the size of flavour {name}. Give it with the plan."
            raise GapError(Gap(words, flavor=name))
    if isinstance(found, Gap):
        raise GapError(found)
    return found


def machine(
    side: Side,
    size: Flavor,
    disks: Iterable[AskedDisk],
    gathering: Gathering,
    *,
    is_on: bool,
    facets: Mapping[str, str],
) -> Found:
    """A machine with its disks; one that is off, its disks alone. `facets` are region and os."""
    if is_on:
        line = AskedLine(
            "vm",
            side.name,
            vcpus=size.vcpus,
            memory_mib=size.memory_mib,
            disks=tuple(disks),
            os=facets.get("os", ""),
            region=facets.get("region", ""),
            flavor=size.name,
        )
        return gathering.found([line])
    gathering.notes.append(STOPPED)
    lines = [
        AskedLine(
            "disk",
            side.name,
            tier=disk.tier,
            size_e8=disk.size_gib * E8,
            region=facets.get("region", ""),
        )
        for disk in disks
    ]
    return gathering.found(lines, free="" if lines else "It is off and has no disks of its own.")


def disk(side: Side, gathering: Gathering, size_gib: int | None, tier: str | None) -> Found:
    """A disk that is a resource by itself."""
    region = gathering.ask(lambda: side.given.chosen("region", "its region"))
    if size_gib is None or tier is None or region is None:
        return gathering.found()
    made = asked_disk(size_gib, tier, gathering)
    size_e8 = made.size_gib * E8
    line = AskedLine("disk", side.name, tier=made.tier, size_e8=size_e8, region=region)
    return gathering.found([line])


def asked_disk(size_gib: int, tier: str, gathering: Gathering) -> AskedDisk:
    if not tier:
        gathering.notes.append(NO_TIER)
    return AskedDisk(tier or STANDARD, size_gib)


def gib_of_mb(given: Attributes, key: str, words: str, gathering: Gathering) -> int:
    """A size in MB as whole GiB, rounded up; GapError as of `Attributes.whole`."""
    size = given.whole(key, words, most=MOST_GIB * 1024)
    if size % 1024:
        gathering.notes.append(WHOLE_GIB)
    return -(-size // 1024)
