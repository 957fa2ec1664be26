"""Doors of building an estimate."""

from flask import render_template
from flask.typing import ResponseReturnValue

from dcx.estimates import service
from dcx.estimates.routes.ground import desk
from dcx.estimates.service import Ask
from dcx.repository.session import reading


def builder_page(customer: str, ask: Ask, note: str = "") -> ResponseReturnValue:
    """The builder filled with an ask, however it came about; `note` says where it is from."""
    with reading() as session:
        answer = service.estimate(session, ask, desk())
    return render_template("estimates/build.html", key=customer, answer=answer, note=note)
