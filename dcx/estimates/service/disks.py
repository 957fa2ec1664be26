"""Disk space for programs: the same answer by API and command."""

from typing import Any

from dcx.estimates.rules.disks.answers import disk_json
from dcx.estimates.rules.disks.calculators import disk_asked


def disk_answer(sent: Any) -> dict[str, Any]:
    """What a body of POST /disk-estimates comes to; AskRefusedError names every fault's place."""
    return disk_json(disk_asked(sent))
