"""A plan as it is sent: the JSON of Terraform itself, or that with a book, a month and flavours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dcx.estimates.errors import AskRefusedError
from dcx.estimates.rules.asks import memory_text
from dcx.estimates.rules.plans.flavors import Flavor, read_flavors
from dcx.estimates.rules.plans.frame import read_file, refused
from dcx.estimates.rules.plans.resources import Plan, read_plan
from dcx.estimates.rules.reading import read_ask
from dcx.estimates.rules.typed import typed_gib, typed_number

_COLUMNS = ("VCPUs", "RAM", "Disk")
_KEYS = {"plan", "price_book", "month", "flavors"}


@dataclass(frozen=True, slots=True)
class Wish:
    """By which book, and for which month, a plan is priced: as an estimate names them."""

    price_book: str
    month: str


def read_sent(sent: bytes, *, this_month: str) -> tuple[Plan, Wish]:
    """A body of the API. AskRefusedError names what is wrong by its place."""
    given = read_file(sent)
    if not isinstance(given, Mapping) or "plan" not in given or "format_version" in given:
        given = {"plan": given}
    unknown = sorted(str(key)[:100] for key in given.keys() - _KEYS)
    if unknown:
        known = f"Unknown here. Known are {', '.join(sorted(_KEYS))}."
        raise AskRefusedError(dict.fromkeys(unknown, known))
    wish = read_wish(given, this_month=this_month)
    flavors = read_flavors({} if given.get("flavors") is None else given["flavors"])
    return read_plan(given["plan"], flavors), wish


def read_wish(given: Mapping[str, Any], *, this_month: str) -> Wish:
    """The book and the month, by the rules of any estimate."""
    chosen = {key: given.get(key) for key in ("price_book", "month")}
    ask = read_ask({**chosen, "lines": [{"kind": "ip"}]}, this_month=this_month)
    return Wish(ask.price_book, ask.month)


def read_typed_flavors(text: str) -> dict[str, Flavor]:
    """Flavours as people give them: one a line (name, vCPU, memory, disk), or what
    `openstack flavor list -f json` prints. AskRefusedError says which line is wrong.
    """
    given = _listed(text) if text.lstrip().startswith("[") else _typed(text)
    try:
        return read_flavors(given)
    except AskRefusedError as error:
        raise AskRefusedError({"flavors": error.message}) from error


def _typed(text: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.replace(";", " ").split()
        if not words:
            continue
        if not 3 <= len(words) <= 4:  # noqa: PLR2004 - with or without a disk
            raise _wrong(number, "write it like m1.small 1 2 20")
        name, vcpus, memory, disk = (*words, "0")[:4]
        try:
            given[name] = {
                "vcpus": typed_number(vcpus),
                "memory_gib": typed_gib(memory),
                "disk_gib": typed_gib(disk),
            }
        except ValueError as error:
            raise _wrong(number, str(error)) from None
    return given


def _listed(text: str) -> dict[str, Any]:
    listed = read_file(text.encode("utf-8", "replace"))
    given = {}
    for number, each in enumerate(listed, 1):
        size = [each.get(key) for key in _COLUMNS] if isinstance(each, Mapping) else []
        whole = [value for value in size if type(value) is int]
        if len(whole) < len(_COLUMNS) or not isinstance(each.get("Name"), str):
            raise _wrong(number, "it must have Name, VCPUs, RAM and Disk")
        vcpus, memory_mib, disk = whole
        memory = memory_text(memory_mib)
        given[each["Name"]] = {"vcpus": vcpus, "memory_gib": memory, "disk_gib": disk}
    return given


def _wrong(number: int, words: str) -> AskRefusedError:
    return AskRefusedError({"flavors": f"Flavour {number}: {words.rstrip('.')}."})


def read_uploaded(file: bytes, flavors: Mapping[str, Flavor]) -> Plan:
    """A plan of a file; AskRefusedError under `plan` where it is none."""
    if not file.strip():
        raise refused("Choose the file plan.json: this one is empty.")
    return read_plan(read_file(file), flavors)
