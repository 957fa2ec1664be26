"""What VMs take on a datastore: disks, swap, snapshots, and disks that grow as they fill (D3, D4,
D5).
"""

from fractions import Fraction

from dcx.estimates.errors import AskRefusedError
from dcx.estimates.rules.disks.answers import Step, Worked, step
from dcx.estimates.rules.disks.growth import (
    MOST_MONTHS_AHEAD,
    grown,
    growth_inputs,
    growth_of,
    months_to_reach,
)
from dcx.estimates.rules.disks.inputs import (
    MOST_COUNT,
    MOST_DAYS,
    SIZE,
    SIZES,
    Given,
    Input,
    share,
    size,
    whole,
)
from dcx.estimates.rules.policies import snapshot_gib

DATASTORE_FORMULA = (
    "gib = count x (disks_gib + (memory_gib - reserved_gib) + the smaller of disks_gib and"
    " disks_gib x change x days + memory_snapshots x memory_gib + other_gib) / fill"
)
DATASTORE_SOURCE = (
    "VMware: the swap file is memory less its reservation, made at power-on; a snapshot with memory"
    " adds the memory. A rule of thumb keeps 20 % of a disk for snapshots, and a fill of 80 % keeps"
    " 20 % of the datastore free. A guest's page file lies inside its disk."
)
SNAPSHOTS_FORMULA = (
    "gib = snapshots x the smaller of size_gib and size_gib x change x days (all changes new);"
    " unique_gib = snapshots x size_gib x (1 - (1 - change)^days)"
)
SNAPSHOTS_SOURCE = (
    "A delta grows with what is written and never above its disk; of several in a chain each has"
    " its own (opvizor's manual). Merging a chain needs some space more for a while."
)
THIN_FORMULA = (
    "gib = count x size_gib x used; overcommit = count x size_gib / capacity_gib; months until"
    " gib x (1 + growth)^months reaches capacity_gib x fill"
)
THIN_SOURCE = (
    "Arithmetic of thin provisioning. The shares at which to warn are ours; bills count what is"
    " provisioned, not what is used."
)
FINE, WARN, ALARM = "fine", "warn", "alarm"


def datastore_inputs() -> tuple[Input, ...]:
    zero = Fraction(0)
    return (
        Input("disks_gib", "Disks of a VM", "GiB each", SIZES, example="100, 500",
              hint="Several with a comma and a space, or a line each."),
        size("memory_gib", "Memory of a VM", example="16"),
        size("reserved_gib", "Of it reserved", "0", least=zero,
             hint="What is reserved needs no swap file."),
        share("change", "Written anew each day", "0.05", unit="% a day"),
        whole("days", "Days a snapshot is kept", "3", span=(0, MOST_DAYS), unit="days",
              hint="0 for no snapshots."),
        whole("memory_snapshots", "Snapshots with memory", "0", span=(0, 100)),
        size("other_gib", "Small files", "0.5", least=zero),
        whole("count", "VMs like this", "1", span=(1, MOST_COUNT)),
        share("fill", "Datastore filled to at most", "1", least=SIZE,
              hint="80 % keeps a fifth free, which vSphere likes."),
    )  # fmt: skip


def datastore(given: Given) -> Worked:
    """D3: what one VM takes, times so many, over the share of the datastore that may be filled."""
    disks, memory = given.sizes("disks_gib"), given.number("memory_gib")
    reserved, other, fill = (given.number(key) for key in ("reserved_gib", "other_gib", "fill"))
    if reserved > memory:
        raise AskRefusedError({"given.reserved_gib": "No more can be reserved than there is."})
    change, days, count = given.number("change"), given.whole("days"), given.whole("count")
    deltas = sum((snapshot_gib(disk, change=change, days=days) for disk in disks), Fraction(0))
    kept = given.whole("memory_snapshots") * memory
    one = sum(disks) + memory - reserved + deltas + kept + other
    steps = [
        step("Disks: {} GiB", sum(disks)),
        step("Swap: {} - {} = {} GiB", memory, reserved, memory - reserved),
        step("Snapshots of {} days at {} % a day, at most the disk: {} GiB",
             days, change * 100, deltas),
        step("Snapshots with memory: {} x {} = {} GiB",
             given.whole("memory_snapshots"), memory, kept),
        step("With {} GiB of small files, one VM takes {} GiB", other, one),
        step("Such VMs, filled to {} %: {} x {} / {} = {} GiB",
             fill * 100, count, one, fill, count * one / fill),
    ]  # fmt: skip
    return Worked(count * one / fill, steps, {"one_gib": one, "snapshots_gib": deltas})


def snapshots_inputs() -> tuple[Input, ...]:
    return (
        size("size_gib", "Disk", example="500"),
        share("change", "Written anew each day", "0.05", unit="% a day"),
        whole("days", "Days each is kept", "3", span=(1, MOST_DAYS), unit="days"),
        whole("snapshots", "Snapshots in the chain", "1", span=(1, 100)),
    )


def snapshots(given: Given) -> Worked:
    """D4: in the worst case, in which every change is a new block, and where blocks change again
    and again.
    """
    disk, change, days = given.number("size_gib"), given.number("change"), given.whole("days")
    count = given.whole("snapshots")
    written = disk * change * days
    worst = snapshot_gib(disk, change=change, days=days)
    unique = unique_gib(disk, change, days)
    steps = [
        step("All changes new: {} x {} % x {} days = {} GiB", disk, change * 100, days, written),
        step("Never more than the disk: {} GiB", worst),
        step("Where blocks change again: {} x (1 - (1 - {} %)^{}) = {} GiB",
             disk, change * 100, days, unique),
        step("{} in the chain: {} GiB, or {} GiB", count, count * worst, count * unique),
    ]  # fmt: skip
    return Worked(count * worst, steps, {"unique_gib": count * unique})


def unique_gib(disk: Fraction, change: Fraction, days: int) -> Fraction:
    """size x (1 - (1 - change)^days): each day changes a share of blocks, some of them again."""
    return disk * (1 - (1 - change) ** days)


def thin_inputs() -> tuple[Input, ...]:
    return (
        whole("count", "Disks", "1", span=(1, MOST_COUNT), example="20"),
        size("size_gib", "Size of each", example="100"),
        share("used", "Used of them", example="0.45"),
        size("capacity_gib", "Capacity of the datastore", example="1500"),
        *growth_inputs(),
        share("fill", "Filled to at most", "0.8", least=SIZE),
        share("warn_at", "Warn above", "0.75"),
        share("alarm_at", "Alarm above", "0.85"),
    )


def thin(given: Given) -> Worked:
    """D5: what is used of what was promised, and when the datastore is as full as it may be."""
    count, size_gib, share_used = (given.number(key) for key in ("count", "size_gib", "used"))
    capacity, growth = given.number("capacity_gib"), growth_of(given)
    provisioned, goal = count * size_gib, capacity * given.number("fill")
    used = provisioned * share_used
    months = months_to_reach(used, goal, growth)
    steps = [
        step("Provisioned: {} x {} = {} GiB", count, size_gib, provisioned),
        step("Used: {} x {} % = {} GiB", provisioned, share_used * 100, used),
        step("Overcommit: {} / {} = {}", provisioned, capacity, provisioned / capacity),
        step("Filled: {} / {} = {} %", used, capacity, 100 * used / capacity),
        _reached(used, goal, growth, months),
    ]
    more = {
        "provisioned_gib": provisioned, "overcommit": provisioned / capacity,
        "filled": used / capacity, "state": _state(used / capacity, given), "months": months,
    }  # fmt: skip
    return Worked(used, steps, more)


def _reached(
    used: Fraction, goal: Fraction, growth: tuple[Fraction, Fraction], months: int | None
) -> Step:
    if months == 0:
        return step("{} GiB is reached already", goal)
    if months is None:
        return step("{} GiB is not reached within {} months", goal, MOST_MONTHS_AHEAD)
    then = grown(used, growth, months)
    return step("{} GiB is reached in month {}, with {} GiB", goal, months, then)


def _state(filled: Fraction, given: Given) -> str:
    if filled > given.number("alarm_at"):
        return ALARM
    return WARN if filled > given.number("warn_at") else FINE
