"""What a Terraform plan costs: before and after by the one pricing function, and the difference."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.estimates.rules.answers import Answer
from dcx.estimates.rules.asks import Ask, AskedLine
from dcx.estimates.rules.plans.found import Found
from dcx.estimates.rules.plans.resources import Plan
from dcx.estimates.rules.plans.rows import (
    CLASSES,
    PricedSide,
    Row,
    gaps_of,
    grouped,
    incomparable,
    lines_of,
    priced_side,
    rows_of,
)
from dcx.estimates.rules.plans.sent import Wish
from dcx.estimates.service.prices import Desk, estimate

NAME = "Terraform plan"
WHOLE_MONTHS = (
    "Before and after are a whole month each: the days until apply and what is done once"
    " cost nothing here."
)
ONLY_THE_PLAN = "What the plan does not manage is on neither side."
NOT_TOLD = (
    "Licences of operating systems that the plan does not name: those of images and templates",
    "Disks and addresses that the plan only attaches",
)


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """A plan as it is priced: its resources, and the two sides as estimates."""

    rows: tuple[Row, ...]
    before: Answer
    after: Answer
    stepped: tuple[int, int]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    missing_flavors: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many resources are in each class; every class is named."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in CLASSES}

    @property
    def is_complete(self) -> bool:
        """Is everything that the plan holds in the sums?"""
        counts = self.counts
        return not self.warnings and not any(counts[verdict] for verdict in CLASSES[2:])

    @property
    def delta_cents(self) -> int:
        return self.after.net_cents - self.before.net_cents

    @property
    def total_delta_cents(self) -> int:
        return self.after.total_cents - self.before.total_cents

    @property
    def stepped_delta_cents(self) -> int:
        return self.stepped[1] - self.stepped[0]

    @property
    def assumptions(self) -> tuple[str, ...]:
        return (*self.after.assumptions, WHOLE_MONTHS, ONLY_THE_PLAN, *self.notes)

    @property
    def not_estimated(self) -> tuple[str, ...]:
        return (*self.after.not_estimated, *NOT_TOLD)


def estimate_plan(session: Session, plan: Plan, wish: Wish, desk: Desk) -> PlanAnswer:
    """Price both sides of a plan by the same book and month. Reads only; keeps nothing.

    A resource of which before and after lack not the same is in neither sum: the sum of all
    differences is always the difference of the sums.
    """
    before, after = _both(session, plan, wish, desk, ())
    left_out = gaps_of(plan, incomparable(plan, before, after), before, after)
    if left_out:
        before, after = _both(session, plan, wish, desk, left_out)
    return PlanAnswer(
        rows=rows_of(plan, before, after, left_out),
        before=before.answer,
        after=after.answer,
        stepped=(before.stepped_cents, after.stepped_cents),
        warnings=plan.warnings,
        notes=tuple(sorted({note for found in _sides(plan) for note in found.notes})),
        missing_flavors=tuple(sorted(_missing(plan))),
    )


def ask_of_plan(plan: Plan, wish: Wish) -> Ask:
    """What there will be after apply, as an estimate: all of it that has a known size."""
    return Ask(NAME, wish.price_book, wish.month, grouped(plan))


def _both(
    session: Session, plan: Plan, wish: Wish, desk: Desk, left_out: Iterable[int]
) -> tuple[PricedSide, PricedSide]:
    before, after = (
        _priced(session, lines_of(plan, side, left_out), wish, desk) for side in ("before", "after")
    )
    return before, after


def _priced(
    session: Session, lines: Sequence[tuple[int, AskedLine]], wish: Wish, desk: Desk
) -> PricedSide:
    ask = Ask(NAME, wish.price_book, wish.month, tuple(line for _, line in lines))
    return priced_side(estimate(session, ask, desk), [place for place, _ in lines])


def _missing(plan: Plan) -> set[str]:
    return {gap.flavor for found in _sides(plan) for gap in found.gaps} - {""}


def _sides(plan: Plan) -> Iterator[Found]:
    for planned in plan.resources:
        yield from (found for found in (planned.before, planned.after) if found)
