"""Doors of one saved estimate: what it says, its versions, pricing it again, removing it."""

from functools import partial

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from dcx.estimates import service
from dcx.estimates.routes.ground import CHANGERS, at_both, desk, place, seen_by
from dcx.estimates.service import removal
from dcx.estimates.service.actuals import actuals
from dcx.estimates.service.view import view
from dcx.repository.session import reading, transaction
from dcx.web.doors import actor
from dcx.web.htmx import go


@at_both("/<estimate>")
def one(customer: str, estimate: str) -> ResponseReturnValue:
    now = desk()
    with reading() as session:
        found = view(session, estimate, now, customer=seen_by(customer))
        saved = found.given.saved
        became = actuals(session, saved, now)
    return render_template(
        "estimates/one.html",
        key=customer,
        view=found,
        saved=saved,
        answer=saved.answer,
        became=became,
        address=partial(place, customer),
    )


@at_both("/<estimate>/again", ("POST",))
def again(customer: str, estimate: str) -> ResponseReturnValue:
    with transaction() as session:
        saved = service.get_saved(session, estimate, customer=seen_by(customer))
        fresh = service.price_again(session, saved, desk(), by=actor())
    flash(f"Priced again, as version {fresh.number}. The versions before stay as they were.", "ok")
    return go(place(customer, "one", estimate=fresh.key))


@at_both("/<estimate>/remove", doors=CHANGERS)
def ask_remove(customer: str, estimate: str) -> ResponseReturnValue:
    with reading() as session:
        found = view(session, estimate, desk(), customer=seen_by(customer))
    return render_template(
        "estimates/remove.html", key=customer, view=found, address=partial(place, customer)
    )


@at_both("/<estimate>/remove", ("POST",), CHANGERS)
def remove(customer: str, estimate: str) -> ResponseReturnValue:
    with transaction() as session:
        saved = service.get_saved(session, estimate, customer=seen_by(customer))
        removal.remove(session, saved, by=actor(), now_us=desk().now_us)
    flash(f"{saved.answer.name or 'The estimate'} is removed.", "ok")
    return go(place(customer, "every"))
