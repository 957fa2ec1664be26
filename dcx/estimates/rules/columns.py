"""The head of a table that somebody sends: which column is what, however it is called."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dcx.estimates.errors import UploadRefusedError

NAMES: Mapping[str, tuple[str, ...]] = {
    "kind": ("type", "resource", "resource type"),
    "name": ("vm name", "vm", "hostname", "server", "server name", "machine"),
    "count": ("quantity", "qty", "number", "copies", "instances", "how many"),
    "vcpus": ("vcpu", "cpu", "cpus", "cores", "cpu cores", "virtual cpus", "number of cpus"),
    "memory": ("ram", "mem", "vram"),
    "disks": ("disk sizes", "volumes", "drives"),
    "tier": ("disk tier", "storage tier", "disk type", "storage class", "volume type"),
    "size": ("disk", "disk size", "storage", "capacity", "volume size", "provisioned"),
    "hours": ("hours a month", "hours per month", "hours month", "running hours"),
    "os": ("operating system", "guest os"),
    "region": ("site", "location", "data centre", "data center", "datacenter"),
    "flavor": ("flavour", "vm size"),
}
"""Each field of a line with what else its column may be called; the unit comes apart from it."""
UNITS = ("mb", "mib", "gb", "gib", "tb", "tib")
OURS = ("row", "what to do")
"""What the file with the rows to mend has before the columns that were sent."""
_FIELD_OF = {name: field for field, names in NAMES.items() for name in (field, *names)}
SAID = {"memory": "memory_gib", "size": "size_gib"}
"""What templates call a field whose unit belongs to its name."""


@dataclass(frozen=True, slots=True)
class Head:
    """Of each field its place, its words as they stand in the file, and the unit they name."""

    places: Mapping[str, int]
    words: Mapping[str, str]
    units: Mapping[str, str]
    width: int
    unread: tuple[str, ...]

    def said(self, field: str) -> str:
        """The column's words; of a column that is not there, what it would be called."""
        return self.words.get(field) or SAID.get(field, field) or "row"


def read_head(cells: Sequence[str]) -> Head:
    """UploadRefusedError where two columns are the same, or none says what a row is."""
    places: dict[str, int] = {}
    units: dict[str, str] = {}
    unread = []
    for place, words, base, unit in _named(cells):
        field = _FIELD_OF.get(base)
        if field is None:
            unread += [] if base in OURS else [words]
            continue
        if field in places:
            raise UploadRefusedError.of(
                f"Two columns are the same: {cells[places[field]]} and {words}. Keep one of them."
            )
        places[field] = place
        units[field] = unit
    if not {"kind", "vcpus"} & places.keys():
        known = ", ".join(SAID.get(field, field) for field in NAMES)
        raise UploadRefusedError.of(
            f"The first row must name the columns, at least kind or vcpus. Known are {known}."
        )
    words_of = {field: cells[place] for field, place in places.items()}
    return Head(places, words_of, units, len(cells), tuple(unread))


def _named(cells: Sequence[str]) -> Iterator[tuple[int, str, str, str]]:
    """Place, words, name without unit, and unit of each column: RAM (GB) is ram and gb."""
    for place, words in enumerate(cells):
        base = " ".join(re.sub(r"[\W_]+", " ", words.casefold()).split())
        bare, _, last = base.rpartition(" ")
        if not base:
            continue
        if bare and last in UNITS:
            yield place, words, bare, last
        else:
            yield place, words, base, ""
