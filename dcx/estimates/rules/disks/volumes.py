"""The size of a guest's volume, and what file systems keep for themselves (D1, D2)."""

import math
from fractions import Fraction

from dcx.estimates.rules.disks.answers import Step, Worked, step
from dcx.estimates.rules.disks.growth import grown, grown_step, growth_inputs, growth_of
from dcx.estimates.rules.disks.inputs import (
    CHOICE,
    MOST_MONTHS,
    SIZE,
    Given,
    Input,
    share,
    size,
    whole,
)

LOSSES = {
    "ext4": Fraction(75, 1000), "ext4-m0": Fraction(25, 1000), "xfs": Fraction(2, 100),
    "ntfs": Fraction(2, 100),
}  # fmt: skip
"""What a file system keeps for itself where nobody says it."""
FILE_SYSTEMS = (
    ("ext4", "ext4"), ("ext4-m0", "ext4 made with -m 0"), ("xfs", "XFS"), ("ntfs", "NTFS"),
)  # fmt: skip
_INODES = Fraction(256, 16 * 1024)
_ROOT_RESERVE = Fraction(5, 100)
_JOURNALS = (
    (1, 16), (2, 32), (16, 64), (32, 128), (64, 256), (128, 512),
)  # fmt: skip
"""Of a volume below so many GiB the journal has so many MiB; of a larger one 1024."""

GUEST_FORMULA = (
    "gib = data_gib x (1 + growth)^months / (fill x (1 - loss)), rounded up to a multiple of"
    " step_gib; with growth_gib: (data_gib + growth_gib x months) / (fill x (1 - loss))"
)
GUEST_SOURCE = (
    "Growth, fill and steps are yours. What ext4 keeps was measured with the defaults of mkfs.ext4:"
    " 256-byte inodes each 16 KiB, a journal, 5 % for root. XFS: a new file system shows 2 to 8 %"
    " used, by its size (Oracle). NTFS: not verified."
)


def guest_inputs() -> tuple[Input, ...]:
    return (
        size("data_gib", "Data now", example="200"),
        *growth_inputs(),
        whole("months", "Months ahead", "12", span=(0, MOST_MONTHS), unit="months"),
        share("fill", "Filled to at most", "0.8", least=SIZE,
              hint="The rest stays free, for what nobody foresaw."),
        Input("filesystem", "File system", "", CHOICE, "ext4", choices=FILE_SYSTEMS),
        share("loss", "Or what it keeps for itself", "", most=Fraction(9, 10),
              hint="Where you know better than the file system's default."),
        size("step_gib", "Sold in steps of", "10"),
    )  # fmt: skip


def guest(given: Given) -> Worked:
    """D1: what the data will be, over the share of the volume that it may fill."""
    growth, months = growth_of(given), given.whole("months")
    data, fill, multiple = (given.number(key) for key in ("data_gib", "fill", "step_gib"))
    file_system = given.choice("filesystem")
    loss = given.number("loss") if "loss" in given else LOSSES[file_system]
    then = grown(data, growth, months)
    exact = then / (fill * (1 - loss))
    found = math.ceil(exact / multiple) * multiple
    usable = found * (1 - loss) if "loss" in given else usable_gib(found, file_system)
    steps: tuple[Step, ...] = (
        grown_step(data, growth, months),
        step("Filled to {} %, after {} % for the file system: {} / ({} x {}) = {} GiB",
             fill * 100, loss * 100, then, fill, 1 - loss, exact),
        step("In steps of {} GiB: {} GiB", multiple, found),
        step("Of these about {} GiB can be used", usable),
    )  # fmt: skip
    return Worked(found, steps, {"exact_gib": exact, "data_then_gib": then, "usable_gib": usable})


def usable_gib(volume: Fraction | int, file_system: str) -> Fraction:
    """D2: what users can fill of a new volume. Of ext4 as its parts add up, within 0.5 % of what
    was measured from 10 to 1,000 GiB; of others after their usual loss.
    """
    volume = Fraction(volume)
    if not file_system.startswith("ext4"):
        return volume * (1 - LOSSES[file_system])
    reserve = 0 if file_system == "ext4-m0" else volume * _ROOT_RESERVE
    return max(volume * (1 - _INODES) - _journal_gib(volume) - reserve, Fraction(0))


def _journal_gib(volume: Fraction) -> Fraction:
    mib = next((mib for below, mib in _JOURNALS if volume < below), 1024)
    return Fraction(mib, 1024)
