"""A line of an estimate out of a calculator's answer."""

import math

from dcx.estimates.rules.asks import AskedLine
from dcx.estimates.rules.disks.answers import DiskAnswer
from dcx.estimates.rules.disks.calculators import BACKUP, DISK, VM, Calculator
from dcx.estimates.rules.reading import MOST_GIB
from dcx.kit.money import E8

STANDARD_TIER = "standard"


def line_of(tool: Calculator, answer: DiskAnswer) -> AskedLine | None:
    """What an estimate would have of it; None where nothing is sold of it, nothing is known, or it
    is more than a line can be. Disks are sold in whole GiB; of thin ones what is provisioned is.
    """
    if tool.adds == VM:
        return _machine(tool, answer)
    found = answer.more.get("provisioned_gib", answer.gib)
    size = math.ceil(found) if found else 0
    if tool.adds not in {DISK, BACKUP} or not 0 < size <= MOST_GIB:
        return None
    tier = STANDARD_TIER if tool.adds == DISK else ""
    return AskedLine(kind=tool.adds, name=tool.title, tier=tier, size_e8=size * E8)


def _machine(tool: Calculator, answer: DiskAnswer) -> AskedLine | None:
    vcpus, memory = answer.more["vcpus"], answer.more["memory_gib"]
    if vcpus is None or memory is None:
        return None
    return AskedLine(kind=VM, name=tool.title, vcpus=vcpus, memory_mib=int(memory * 1024))
