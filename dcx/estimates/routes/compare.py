"""Doors of comparing: up to four estimates side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from flask import render_template, request
from flask.typing import ResponseReturnValue

from dcx.estimates import service
from dcx.estimates.routes.ground import at_both, place, seen_by
from dcx.estimates.rules.comparing import HEAD, LEAST, MOST, file_rows
from dcx.estimates.rules.comparing import compare as compared
from dcx.estimates.service import Saved
from dcx.estimates.service.listing import ListedRow, Wanted, list_estimates
from dcx.kit.sorting import Ask, Sort
from dcx.repository.session import reading
from dcx.web.tables import as_csv, wants_csv

NEWEST = Ask(Sort("made", down=True), limit=20)


@dataclass(frozen=True, slots=True)
class Choice:
    """An estimate that may be compared."""

    key: str
    name: str
    month: str
    total_cents: int
    created_us: int
    is_chosen: bool


@at_both("/compare")
def compare(customer: str) -> ResponseReturnValue:
    """`e` names each estimate; the first is what the others are compared with."""
    sent = [key for key in request.args.getlist("e") if key]
    keys = list(dict.fromkeys(sent))
    with reading() as session:
        chosen = [
            service.get_saved(session, key, customer=seen_by(customer)) for key in keys[: MOST + 1]
        ]
        newest = list_estimates(session, Wanted(seen_by(customer)), NEWEST).rows
    fault = _fault(len(keys), len(sent))
    comparison = None if fault else compared(chosen)
    if comparison and wants_csv():
        return as_csv("comparison.csv", HEAD, file_rows(comparison))
    page = render_template(
        "estimates/compare.html",
        key=customer,
        chosen=chosen,
        choices=_choices(chosen, newest),
        comparison=comparison,
        fault=fault,
        address=partial(place, customer),
    )
    return page, 422 if fault and len(sent) > 1 else 200


def _fault(count: int, sent: int) -> str:
    """What to do before anything can be compared; '' where it can."""
    if count > MOST:
        return f"Up to {MOST} estimates stand side by side. Untick some of them."
    if count >= LEAST:
        return ""
    if count < sent:
        return "This is the same estimate twice. Tick another one beside it."
    return "Tick one more, to see how they differ." if count else "Tick two to four estimates."


def _choices(chosen: Sequence[Saved], newest: Sequence[ListedRow]) -> list[Choice]:
    """What was chosen first, then the newest others."""
    keys = {each.key for each in chosen}
    own = [
        Choice(each.key, each.answer.name, each.answer.month, each.answer.total_cents,
               each.created_us, is_chosen=True)
        for each in chosen
    ]  # fmt: skip
    return own + [
        Choice(row.key, row.name, row.month, row.total_cents, row.created_us, is_chosen=False)
        for row in newest
        if row.key not in keys
    ]
