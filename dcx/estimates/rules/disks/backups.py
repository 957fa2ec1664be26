"""What backups take in their repository (D6)."""

from fractions import Fraction

from dcx.estimates.rules.disks.answers import Step, Worked, step
from dcx.estimates.rules.disks.inputs import MOST_DAYS, SIZE, Given, Input, share, size, whole
from dcx.estimates.rules.policies import backup_gib

BACKUP_FORMULA = (
    "gib = ratio x data_gib x (fulls + retention x change + working); with weekly, monthly or"
    " yearly fulls kept: ratio x data_gib x (fulls + weekly + monthly + yearly + 1 + retention x"
    " change + working), where 1 is the full being made"
)
BACKUP_SOURCE = (
    "Veeam's published formula; data is what is used, not what is provisioned. Compression of 2 : 1"
    " is usual, a change of 2 to 5 % a day typical, of databases up to 50 %. Kept fulls are counted"
    " whole: block cloning of XFS or ReFS needs much less."
)
_KEPT = ("weekly", "monthly", "yearly")


def backup_inputs() -> tuple[Input, ...]:
    return (
        size("data_gib", "Data that is used", example="1000"),
        share("ratio", "What compression leaves", "0.5", least=SIZE),
        whole("fulls", "Full backups", "1", span=(1, 100)),
        whole("retention", "Daily increments kept", "14", span=(0, MOST_DAYS)),
        share("change", "Changed each day", "0.05", unit="% a day"),
        whole("weekly", "Weekly fulls kept", "0", span=(0, 520)),
        whole("monthly", "Monthly fulls kept", "0", span=(0, 600)),
        whole("yearly", "Yearly fulls kept", "0", span=(0, 100)),
        Input("working", "Working space", "fulls", default="0", least=Fraction(0),
              most=Fraction(10), hint="1.25 where a chain is transformed in place."),
    )  # fmt: skip


def backup(given: Given) -> Worked:
    """D6: fulls, increments, fulls kept for weeks, months and years, and space to work in."""
    data, ratio, change = (given.number(key) for key in ("data_gib", "ratio", "change"))
    retention, working = given.whole("retention"), given.number("working")
    long_kept = sum(given.whole(key) for key in _KEPT)
    fulls = given.whole("fulls") + (long_kept + 1 if long_kept else 0)
    whole_gib = backup_gib(data, ratio=ratio, fulls=fulls, retention=0, change=0)
    daily_gib = backup_gib(data, ratio=ratio, fulls=0, retention=retention, change=change)
    working_gib = ratio * data * working
    found = whole_gib + daily_gib + working_gib
    steps = [
        *_kept_steps(given, fulls, long_kept),
        step("Fulls: {} x {} % x {} GiB = {} GiB", fulls, ratio * 100, data, whole_gib),
        step("Increments: {} x {} % x {} % x {} GiB = {} GiB",
             retention, ratio * 100, change * 100, data, daily_gib),
        step("Working space: {} fulls = {} GiB", working, working_gib),
        step("Together {} GiB", found),
    ]  # fmt: skip
    return Worked(found, steps, {"fulls_gib": whole_gib, "increments_gib": daily_gib})


def _kept_steps(given: Given, fulls: int, long_kept: int) -> list[Step]:
    if not long_kept:
        return []
    counts = [given.whole(key) for key in ("fulls", *_KEPT)]
    words = "Fulls kept: {} + {} weekly + {} monthly + {} yearly + 1 being made = {}"
    return [step(words, *counts, fulls)]
