"""Every calculator: what it is for, what it asks, and how it works its answer out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from dcx.estimates.errors import AskRefusedError
from dcx.estimates.rules.disks import backups, capacity, datastores, fits, volumes
from dcx.estimates.rules.disks.answers import DiskAnswer, Worked
from dcx.estimates.rules.disks.inputs import Given, Input, read_given

MOST_ANSWER_GIB = Fraction(2**50)
DISK, BACKUP, VM = "disk", "backup", "vm"


@dataclass(frozen=True, slots=True)
class Calculator:
    """One kind of calculation. `adds` is the kind of line that an estimate takes of its answer: a
    disk, a backup, a VM, or "" where nothing is sold of it.
    """

    kind: str
    title: str
    words: str
    inputs: Sequence[Input]
    work: Callable[[Given], Worked]
    formula: str
    source: str
    adds: str = ""


_ALL = (
    Calculator(
        "guest", "Volume of a machine",
        "How large a volume must be for its data, its growth and its file system.",
        volumes.guest_inputs(), volumes.guest, volumes.GUEST_FORMULA, volumes.GUEST_SOURCE, DISK,
    ),
    Calculator(
        "datastore", "VMs on a vSphere datastore",
        "What VMs take with swap, snapshots and small files.",
        datastores.datastore_inputs(), datastores.datastore, datastores.DATASTORE_FORMULA,
        datastores.DATASTORE_SOURCE, DISK,
    ),
    Calculator(
        "snapshots", "Snapshots",
        "What snapshots take while their disk is written to.",
        datastores.snapshots_inputs(), datastores.snapshots, datastores.SNAPSHOTS_FORMULA,
        datastores.SNAPSHOTS_SOURCE, BACKUP,
    ),
    Calculator(
        "thin", "Thin provisioning",
        "What is used of what was promised, and when the datastore is full.",
        datastores.thin_inputs(), datastores.thin, datastores.THIN_FORMULA,
        datastores.THIN_SOURCE, DISK,
    ),
    Calculator(
        "backup", "Backup repository",
        "What full backups and increments take, kept for days, weeks, months and years.",
        backups.backup_inputs(), backups.backup, backups.BACKUP_FORMULA, backups.BACKUP_SOURCE,
        BACKUP,
    ),
    Calculator(
        "redundancy", "Redundancy",
        "The raw capacity behind what is stored: RAID, vSAN, Ceph.",
        capacity.redundancy_inputs(), capacity.redundancy, capacity.REDUNDANCY_FORMULA,
        capacity.REDUNDANCY_SOURCE,
    ),
    Calculator(
        "units", "Units",
        "TB, GB and MiB in GiB, which is what is billed.",
        capacity.units_inputs(), capacity.units, capacity.UNITS_FORMULA, capacity.UNITS_SOURCE,
        DISK,
    ),
    Calculator(
        "full", "Months until full",
        "When a volume or a datastore is as full as it may be.",
        fits.full_inputs(), fits.full, fits.FULL_FORMULA, fits.FULL_SOURCE,
    ),
    Calculator(
        "rightsize", "Right size of a machine",
        "The vCPUs and the memory that fit what a machine uses.",
        fits.rightsize_inputs(), fits.rightsize, fits.RIGHTSIZE_FORMULA, fits.RIGHTSIZE_SOURCE,
        VM,
    ),
)  # fmt: skip
CALCULATORS: Mapping[str, Calculator] = {each.kind: each for each in _ALL}


def disk_estimate(kind: Any, given: Any) -> DiskAnswer:
    """Work it out; AskRefusedError names what is missing, unknown or beyond all measure by its
    place: kind, given.growth.
    """
    found = CALCULATORS.get(kind) if isinstance(kind, str) else None
    if found is None:
        raise AskRefusedError({"kind": f"A kind is one of {', '.join(CALCULATORS)}."})
    worked = found.work(read_given(found.inputs, given))
    if worked.gib is not None and worked.gib > MOST_ANSWER_GIB:
        raise AskRefusedError({"given": "This comes to more than can be estimated."})
    return DiskAnswer(worked.gib, found.formula, tuple(worked.steps), found.source, worked.more)


def disk_asked(sent: Any) -> DiskAnswer:
    """The same of a whole body of POST /disk-estimates."""
    if not isinstance(sent, Mapping):
        raise AskRefusedError({"": "Send a JSON object with kind and given."})
    unknown = sorted(map(str, sent.keys() - {"kind", "given"}))
    if unknown:
        raise AskRefusedError(dict.fromkeys(unknown, "Unknown here. Known are given, kind."))
    return disk_estimate(sent.get("kind"), sent.get("given", {}))
