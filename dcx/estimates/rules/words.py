"""What an estimate rests on and what it leaves out, in words."""

from collections.abc import Callable, Iterable, Sequence, Set

from dcx.estimates.rules.asks import Ask
from dcx.estimates.rules.months import Month
from dcx.pricing.rules.meters import METERS
from dcx.pricing.rules.rating import Priced

METERED = frozenset({"vm.hours", "vm.vcpu_hours", "vm.memory_gib_hours", "disk.gib_hours"})
"""The meters for which logs arrive."""
SHORTEST, LONGEST = 672, 744
NOT_ESTIMATED = (
    "Network traffic",
    "Software licences other than the operating system's",
    "Set-up, migration and support by people",
)


def assumptions(
    ask: Ask, month: Month, priced: Priced, *, zone: str, free: Iterable[str]
) -> list[str]:
    """Each a sentence, in the order in which people ask."""
    meters = {line.meter for line in priced.lines} | {each.meter for each in priced.unpriced}
    says = [
        _month_words(month, zone),
        "Machines run the whole month unless their line has hours or a schedule;"
        " their disks exist, and operating systems are licensed, the whole month.",
        "Each machine and each disk is rounded to the cent by itself, as on the bill.",
    ]
    if month.is_calendar and any(line.hours_e8 is not None for line in ask.lines):
        says.append("Hours of a line count from the start of the month.")
    says += [f"{METERS[meter].words} is free." for meter in sorted(free)]
    unmetered = sorted(METERS[meter].words for meter in meters - METERED)
    if unmetered:
        says.append(f"Not metered yet, so a bill does not have it: {', '.join(unmetered)}.")
    if any(line.snapshots for line in ask.lines):
        says.append("Snapshots are counted as backup space, in the worst case: all changes new.")
    return says


def tier_words(ask: Ask, priced: Priced, known: Set[str]) -> list[str]:
    """Which tiers are priced as any other is: mostly a typing mistake. `known` have prices of their
    own; a disk for which nobody chose a tier is `standard`.
    """
    asked = {line.tier for line in ask.lines if line.kind == "disk"}
    asked |= {disk.tier for line in ask.lines for disk in line.disks}
    unpriced = {dict(each.where).get("tier") for each in priced.unpriced}
    others = sorted(asked - known - unpriced - {"standard"})
    if not others or not known:
        return []
    odd, own = ", ".join(others), ", ".join(sorted(known))
    return [f"Priced as any tier, without a price of its own: {odd}. Own prices: {own}."]


def range_words(costs: Sequence[tuple[int, int]], amount: Callable[[int], str]) -> str:
    """What the same costs in the shortest and the longest real month: (hours, cents) of each."""
    said = " and ".join(f"{amount(cents)} in one of {hours} hours" for hours, cents in costs)
    return f"Real months differ: without VAT the same is {said}."


def not_estimated(ask: Ask) -> list[str]:
    left_out = list(NOT_ESTIMATED)
    machines = [line for line in ask.lines if line.kind == "vm"]
    has_backup = any(line.kind == "backup" for line in ask.lines)
    if machines and not has_backup and not any(line.backup for line in machines):
        left_out.insert(0, "Backups: no line has any")
    return left_out


def _month_words(month: Month, zone: str) -> str:
    if month.is_calendar:
        return f"{month.name} has {month.hours} hours, by the clock of {zone}."
    return f"A month of {month.hours} hours, which no calendar month need have."
