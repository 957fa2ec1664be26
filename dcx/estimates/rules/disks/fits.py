"""When it is full, and which size fits what is used (D9, D10)."""

from fractions import Fraction

from dcx.estimates.rules.disks.answers import Step, Worked, step
from dcx.estimates.rules.disks.growth import (
    MOST_MONTHS_AHEAD,
    growth_inputs,
    growth_of,
    months_exactly,
    months_to_reach,
)
from dcx.estimates.rules.disks.inputs import MOST_DAYS, SIZE, Given, Input, share, size, whole

LEAST_DAYS = 14
MOST_VCPUS = 4_096
FULL_FORMULA = (
    "months = ln(capacity_gib x fill / used_gib) / ln(1 + growth), rounded up; with growth_gib:"
    " (capacity_gib x fill - used_gib) / growth_gib"
)
FULL_SOURCE = "Compound growth solved for the months; checked month by month, not by logarithms."
RIGHTSIZE_FORMULA = (
    "vcpus = the next size from vcpus x cpu_p95 / target; memory_gib = the next size from"
    " memory_p99_gib x (1 + headroom); sizes are 1, 2, 4, 8 and so on"
)
RIGHTSIZE_SOURCE = (
    "What a machine uses 95 % (CPU) and 99 % (memory) of the time. Target and headroom are ours."
)


def full_inputs() -> tuple[Input, ...]:
    return (
        size("capacity_gib", "Capacity", example="1500"),
        size("used_gib", "Used now", example="900"),
        *growth_inputs(),
        share("fill", "Full means filled to", "0.8", least=SIZE),
    )


def full(given: Given) -> Worked:
    """D9: whole months until it is as full as it may be."""
    capacity, used, fill = (given.number(key) for key in ("capacity_gib", "used_gib", "fill"))
    growth, goal = growth_of(given), capacity * fill
    months = months_to_reach(used, goal, growth)
    steps = [step("Full at {} x {} % = {} GiB", capacity, fill * 100, goal)]
    steps.append(_when(used, goal, growth, months))
    return Worked(None, steps, {"months": months})


def _when(
    used: Fraction, goal: Fraction, growth: tuple[Fraction, Fraction], months: int | None
) -> Step:
    if months == 0:
        return step("{} GiB is used: it is full already", used)
    if months is None:
        words = "not within {} months" if any(growth) else "it does not grow"
        return step(f"{{}} GiB is never reached: {words}", goal, MOST_MONTHS_AHEAD)
    return _reckoned(used, goal, growth, months)


def _reckoned(
    used: Fraction, goal: Fraction, growth: tuple[Fraction, Fraction], months: int
) -> Step:
    by_share, by_gib = growth
    exactly = months_exactly(used, goal, growth)
    if by_gib:
        return step("({} - {}) / {} = {}: in month {}", goal, used, by_gib, exactly, months)
    words = "ln({} / {}) / ln(1 + {} %) = {}: in month {}"
    return step(words, goal, used, by_share * 100, exactly, months)


def rightsize_inputs() -> tuple[Input, ...]:
    return (
        whole("days", "Days of samples", span=(0, MOST_DAYS), unit="days", example="30",
              hint="Fewer than 14 say too little."),
        whole("vcpus", "vCPUs now", span=(1, MOST_VCPUS), example="8"),
        share("cpu_p95", "CPU used, 95th percentile", example="0.22"),
        share("target", "CPU that it should be", "0.6", least=SIZE),
        size("memory_p99_gib", "Memory used, 99th percentile", "", example="11.2",
             hint="Leave it empty for CPU only."),
        share("headroom", "Headroom of memory", "0.2"),
    )  # fmt: skip


def rightsize(given: Given) -> Worked:
    """D10: the next size up from what is used, once there are enough samples to know it."""
    days = given.whole("days")
    if days < LEAST_DAYS:
        words = "Not enough data: {} days of samples, and it takes {}"
        return Worked(None, [step(words, days, LEAST_DAYS)], {"vcpus": None, "memory_gib": None})
    cores, used, target = (given.number(key) for key in ("vcpus", "cpu_p95", "target"))
    needed = cores * used / target
    vcpus = next_size(needed)
    steps = [
        step("CPU: {} x {} % / {} % = {}: {} vCPU",
             cores, used * 100, target * 100, needed, vcpus)
    ]  # fmt: skip
    memory = None
    if "memory_p99_gib" in given:
        p99, headroom = given.number("memory_p99_gib"), given.number("headroom")
        memory = Fraction(next_size(p99 * (1 + headroom)))
        steps.append(step("Memory: {} x (1 + {} %) = {}: {} GiB",
                          p99, headroom * 100, p99 * (1 + headroom), memory))  # fmt: skip
    return Worked(None, steps, {"vcpus": vcpus, "memory_gib": memory})


def next_size(needed: Fraction) -> int:
    """1, 2, 4, 8 and so on: the first that is not smaller."""
    found = 1
    while found < needed:
        found *= 2
    return found
