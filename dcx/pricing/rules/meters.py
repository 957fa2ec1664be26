"""Meters: what is measured, in which unit, and how its exact quantity is shown."""

from dataclasses import dataclass

from dcx.kit.money import decimal_text, half_up
from dcx.kit.periods import HOUR_US

_SHOWN = 10**6


@dataclass(frozen=True, slots=True)
class Meter:
    """`divisor` turns an exact quantity (unit x microseconds) into the unit shown."""

    name: str
    unit: str
    divisor: int
    words: str

    @property
    def unit_a_month(self) -> str:
        """What a monthly price is for: "GiB and month" of GiB·h."""
        size = self.unit.removesuffix("h").removesuffix("·")
        return f"{size} and month" if size else "month"


METERS = {
    meter.name: meter
    for meter in (
        Meter("vm.hours", "h", HOUR_US, "Running time"),
        Meter("vm.vcpu_hours", "vCPU·h", HOUR_US, "vCPU"),
        Meter("vm.memory_gib_hours", "GiB·h", 1024 * HOUR_US, "Memory"),
        Meter("disk.gib_hours", "GiB·h", HOUR_US, "Disk"),
        Meter("ip.hours", "h", HOUR_US, "IP addresses"),
        Meter("backup.gib_hours", "GiB·h", HOUR_US, "Backup"),
        Meter("os.hours", "h", HOUR_US, "Operating system"),
    )
}


@dataclass(frozen=True, slots=True)
class Usage:
    """One resource's use of one meter in one configuration: `quantity` is unit x microseconds.

    With `copies` it stands for so many resources alike, each using `quantity`.
    """

    customer: str
    kind: str
    resource: str
    meter: str
    tier: str
    region: str
    flavor: str
    os: str
    quantity: int
    copies: int = 1


def quantity_micros(quantity: int, meter: str) -> int:
    """The quantity in millionths of its unit, rounded half up."""
    return half_up(quantity * _SHOWN, METERS[meter].divisor)


def quantity_text(quantity: int, meter: str) -> str:
    """The quantity in its unit with 6 decimals, for example "380.004167"."""
    return decimal_text(quantity_micros(quantity, meter), 6)
