"""How much space backups and snapshots take, in GiB. Source: Veeam's published sizing formula for
backups; for snapshots the worst case, in which every change is a new block.
"""

from fractions import Fraction

from dcx.estimates.rules.asks import BackupPolicy, SnapshotPolicy
from dcx.kit.money import E8, half_up

Number = Fraction | int


def backup_gib(
    data: Number, *, ratio: Number, fulls: Number, retention: Number, change: Number
) -> Fraction:
    """ratio x (fulls x data + retention x change x data)"""
    return Fraction(ratio) * (fulls * Fraction(data) + retention * change * Fraction(data))


def snapshot_gib(size: Number, *, change: Number, days: Number) -> Fraction:
    """The smaller of the disk and what is written anew: size x change x days."""
    return min(Fraction(size), Fraction(size) * change * days)


def backup_e8(data_gib: int, policy: BackupPolicy) -> int:
    """Of a VM with so many GiB of disks, x 10^8."""
    space = backup_gib(
        data_gib,
        ratio=Fraction(policy.ratio_e8, E8),
        fulls=policy.fulls,
        retention=policy.retention,
        change=Fraction(policy.change_e8, E8),
    )
    return _e8(space)


def snapshots_e8(data_gib: int, policy: SnapshotPolicy) -> int:
    """Of a VM with so many GiB of disks, x 10^8."""
    return _e8(snapshot_gib(data_gib, change=Fraction(policy.change_e8, E8), days=policy.days))


def _e8(gib: Fraction) -> int:
    return half_up(gib.numerator * E8, gib.denominator)
