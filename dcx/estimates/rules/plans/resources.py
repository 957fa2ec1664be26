"""The resources of a plan, each with what it comes to before and after: nothing else is kept."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dcx.estimates.rules.plans import nsxt, openstack, plain, vcd, vsphere
from dcx.estimates.rules.plans.attributes import Attributes, Gap, GapError
from dcx.estimates.rules.plans.flavors import Flavor, Flavors
from dcx.estimates.rules.plans.found import Found, Rule, Side
from dcx.estimates.rules.plans.frame import Change, Frame, read_frame
from dcx.estimates.rules.plans.written import Configuration, read_configuration
from dcx.estimates.rules.reading import LONGEST_TEXT

RULES: Mapping[str, Rule] = {**openstack.RULES, **vsphere.RULES, **vcd.RULES, **nsxt.RULES}
_SIZES: dict[str, Callable[[Attributes], Flavor]] = {
    "openstack_compute_flavor_v2": openstack.flavor,
    "vcd_vm_sizing_policy": vcd.sizing_policy,
}
_IDS = ("name", "flavor_id", "id")
_WHICH = Gap("Known only after apply: which of several flavours it has.", is_unknown=True)
READ = Found(free="It is only read.")


@dataclass(frozen=True, slots=True)
class Planned:
    """A resource of a plan. A side that is None does not exist; `unsupported` says why nothing here
    can tell what the resource costs.
    """

    address: str
    module: str
    kind: str
    name: str
    action: str
    before: Found | None
    after: Found | None
    unsupported: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan comes to, without any value of it that has no price."""

    resources: tuple[Planned, ...]
    warnings: tuple[str, ...]


def read_plan(given: Any, flavors: Mapping[str, Flavor]) -> Plan:
    """The resources of the JSON of `terraform show -json`; `flavors` are sizes that it may lack.

    Read from resource_changes alone: planned_values misses what a targeted plan leaves out.
    AskRefusedError where it is no plan. Source: estimates.md, section 5.
    """
    frame = read_frame(given)
    reader = _Reader(frame, read_configuration(frame.configuration), flavors)
    return Plan(tuple(reader.planned(change) for change in frame.changes), frame.warnings)


class _Reader:
    """Reads the two sides of each change; what spans resources is looked up once."""

    def __init__(
        self, frame: Frame, configuration: Configuration, flavors: Mapping[str, Flavor]
    ) -> None:
        self._configuration = configuration
        self._flavors = {
            side: _flavors_of(self._sides(frame, side, _SIZES), flavors)
            for side in ("before", "after")
        }
        own_disks = self._sides(frame, "before", {"vcd_vm_internal_disk"})
        self._elsewhere = frozenset(_ids(attributes) for _, attributes in own_disks) - {""}

    def planned(self, change: Change) -> Planned:
        before = after = None
        unsupported = _unsupported(change)
        rule = RULES.get(change.kind) or plain.rule_of(change.kind)
        if change.mode == "data":
            after = READ
        elif rule and not unsupported:
            before = self._found(rule, change, "before")
            after = before if change.action == "forget" else self._found(rule, change, "after")
        return Planned(
            change.address, change.module, change.kind, change.name, change.action or "other",
            before, after, unsupported,
        )  # fmt: skip

    def _found(self, rule: Rule, change: Change, side: str) -> Found | None:
        attributes = self._attributes(change, side)
        if attributes is None:
            return None
        name = line_name(_short(change))
        return rule(Side(name, change.module, attributes, self._flavors[side], self._elsewhere))

    def _attributes(self, change: Change, side: str) -> Attributes | None:
        values = change.side(side)
        if values is None:
            return None
        return Attributes(
            values,
            change.change.get("after_unknown") if side == "after" else None,
            change.change.get(f"{side}_sensitive"),
            self._configuration.of(change.module, f"{change.kind}.{change.name}"),
        )

    def _sides(
        self, frame: Frame, side: str, kinds: Iterable[str]
    ) -> list[tuple[Change, Attributes]]:
        found = []
        for change in frame.changes:
            attributes = self._attributes(change, side) if change.kind in kinds else None
            if attributes is not None:
                found.append((change, attributes))
        return found


def _unsupported(change: Change) -> str:
    if change.mode == "data":
        return ""
    if not change.action:
        return "What Terraform does with it is not known here."
    if change.kind in RULES or plain.rule_of(change.kind):
        return ""
    provider = f" of {change.provider}" if change.provider else ""
    return f"The type {change.kind}{provider} is not known here."


def _flavors_of(made: Iterable[tuple[Change, Attributes]], given: Mapping[str, Flavor]) -> Flavors:
    """The sizes that the plan makes, by every name that they go by."""
    of_plan: dict[str, Flavor | Gap] = {}
    by_address: dict[tuple[str, str], Flavor | Gap] = {}
    for change, attributes in made:
        size = _size(change, attributes)
        for key in _IDS:
            name = _text(attributes, key)
            if name:
                of_plan[name] = size
        place = (change.module, f"{change.kind}.{change.name}")
        alike = by_address.setdefault(place, size)
        if alike != size:
            by_address[place] = _WHICH
    return Flavors(of_plan, by_address, given)


def _size(change: Change, attributes: Attributes) -> Flavor | Gap:
    try:
        return _SIZES[change.kind](attributes)
    except GapError as error:
        return error.gap


def _ids(attributes: Attributes) -> str:
    return _text(attributes, "id")


def _text(attributes: Attributes, key: str) -> str:
    try:
        return attributes.text(key, key)
    except GapError:
        return ""


def _short(change: Change) -> str:
    """module.db.primary[0]: an address without the type, which a line's kind tells."""
    own = change.address.removeprefix(f"{change.module}.") if change.module else change.address
    own = own.removeprefix(f"{change.kind}.")
    return f"{change.module}.{own}" if change.module else own


def line_name(address: str) -> str:
    """An address as the name of a line: its end tells more than its beginning."""
    return address if len(address) <= LONGEST_TEXT else f"…{address[1 - LONGEST_TEXT :]}"
