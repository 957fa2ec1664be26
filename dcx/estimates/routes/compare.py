"""Doors of comparing: up to four estimates side by side."""

from collections.abc import Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue

from dcx.estimates import service
from dcx.estimates.routes.ground import at_both, place, seen_by
from dcx.estimates.rules.comparing import HEAD, LEAST, MOST, file_rows
from dcx.estimates.rules.comparing import compare as compared
from dcx.estimates.service import Saved
from dcx.repository.session import reading
from dcx.web.tables import as_csv, wants_csv

OFFERED = 20


@at_both("/compare")
def compare(customer: str) -> ResponseReturnValue:
    """`e` names each estimate, the first is what the others are compared with."""
    keys = list(dict.fromkeys(key for key in request.args.getlist("e") if key))
    with reading() as session:
        chosen = [
            service.get_saved(session, key, customer=seen_by(customer)) for key in keys[: MOST + 1]
        ]
        offered = service.newest(session, customer=seen_by(customer), limit=OFFERED)
    fault = _fault(keys, len(request.args.getlist("e")))
    comparison = None if fault else compared(chosen)
    if comparison and wants_csv():
        return as_csv("comparison.csv", HEAD, file_rows(comparison))
    page = render_template(
        "estimates/compare.html",
        key=customer,
        chosen=chosen,
        offered=_choices(chosen, offered),
        comparison=comparison,
        fault=fault,
        most=MOST,
        address=place,
    )
    return page, 422 if fault and keys else 200


def _fault(keys: Sequence[str], sent: int) -> str:
    """What to do before anything can be compared; '' where it can."""
    if len(keys) > MOST:
        return f"Up to {MOST} estimates stand side by side. Choose {MOST} of them."
    if len(keys) >= LEAST:
        return ""
    if keys and sent > 1:
        return "This is the same estimate twice. Choose another one beside it."
    return "Choose one more, to see how they differ." if keys else "Choose two to four estimates."


def _choices(chosen: Sequence[Saved], offered: Sequence[Saved]) -> list[Saved]:
    """What was chosen first, then the newest others."""
    keys = {each.key for each in chosen}
    return [*chosen, *(each for each in offered if each.key not in keys)]
