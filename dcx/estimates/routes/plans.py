"""Doors of Terraform plans: the file is sent, priced at once, and never kept."""

import json
from contextlib import closing
from dataclasses import dataclass, field, replace

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue

from dcx.estimates import service
from dcx.estimates.errors import AskRefusedError
from dcx.estimates.routes.build import MOST_BYTES_OF_ASK, Faults, builder_page
from dcx.estimates.routes.ground import at_both, desk, estimates_pages, place
from dcx.estimates.routes.words import months_offered
from dcx.estimates.rules.plans.frame import MOST_BYTES, TOO_LARGE, refused
from dcx.estimates.rules.plans.modules import modules_of, shown
from dcx.estimates.rules.plans.sent import read_typed_flavors, read_uploaded, read_wish
from dcx.estimates.rules.reading import MOST_LINES
from dcx.estimates.service import Ask, offers, plans
from dcx.estimates.service.plans import PlanAnswer
from dcx.repository.session import reading
from dcx.web.htmx import render
from dcx.web.looks import Looks
from dcx.web.sizes import takes

_PLACES = ("every", "new", "terraform", "price_plan", "open_plan")
_FIELDS = ("month", "price_book", "flavors")
MOST_ROWS = 500
NOTE = "What there will be after terraform apply. What the plan does not tell is not in it."


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it was sent, with the answer or what is wrong with it."""

    month: str = ""
    price_book: str = ""
    flavors: str = ""
    answer: PlanAnswer | None = None
    ask: Ask | None = None
    faults: Faults = field(default_factory=Faults)


@at_both("/terraform")
def terraform(customer: str) -> ResponseReturnValue:
    return _page(customer, Form())


@at_both("/terraform", ("POST",))
def price_plan(customer: str) -> ResponseReturnValue:
    """What the plan in a file will cost."""
    month, book, flavors = (request.form.get(key, "") for key in _FIELDS)
    form = Form(month, book, flavors)
    try:
        answer, ask = _priced(customer, form)
    except AskRefusedError as error:
        return _page(customer, replace(form, faults=Faults(error.fields))), 422
    return _page(customer, replace(form, answer=answer, ask=ask))


@at_both("/terraform/open", ("POST",))
@takes(MOST_BYTES_OF_ASK)
def open_plan(customer: str) -> ResponseReturnValue:
    """The builder with what a plan comes to afterwards."""
    try:
        given = json.loads(request.form.get("ask", ""))
    except (ValueError, RecursionError):
        raise AskRefusedError({"ask": "This is no estimate. Send the plan again."}) from None
    return builder_page(customer, service.read_ask(given, this_month=desk().this_month), NOTE)


@estimates_pages.app_template_filter("signed")
def signed(cents: int) -> str:
    """+501,20: an amount as a difference."""
    return f"{'+' if cents > 0 else ''}{Looks(current_app.config['DCX']).amount(cents)}"


@estimates_pages.app_template_filter("signed_money")
def signed_money(cents: int) -> str:
    """+R501,20"""
    return f"{'+' if cents > 0 else ''}{Looks(current_app.config['DCX']).money(cents)}"


def _sent_file() -> bytes:
    """The file; AskRefusedError where there is none or it is too large."""
    file = request.files.get("plan")
    if file is None or not file.filename:
        raise refused("Choose the file that terraform show -json made.")
    with closing(file):
        sent = file.stream.read(MOST_BYTES + 1)
    if len(sent) > MOST_BYTES:
        raise refused(TOO_LARGE)
    return sent


def _priced(customer: str, form: Form) -> tuple[PlanAnswer, Ask]:
    plan = read_uploaded(_sent_file(), read_typed_flavors(form.flavors))
    with reading() as session:
        book = form.price_book or offers.books_for(session, customer)[0]
        chosen = {"month": form.month or None, "price_book": book}
        wish = read_wish(chosen, this_month=desk().this_month)
        ask = plans.ask_of_plan(plan, wish)
        if customer:
            service.require_open_book(session, ask, customer)
        return plans.estimate_plan(session, plan, wish, desk()), ask


def _page(customer: str, form: Form) -> Response:
    modules = modules_of(form.answer.rows) if form.answer else []
    with reading() as session:
        books = offers.books_for(session, customer)
    return render(
        "estimates/terraform.html",
        "estimates/_terraform.html",
        form=form,
        modules=shown(modules, MOST_ROWS),
        most=MOST_ROWS,
        opens=_opens(form.ask),
        books=[(each, each) for each in books],
        months=months_offered(),
        addresses={each: place(customer, each) for each in _PLACES},
    )


def _opens(ask: Ask | None) -> str:
    """The estimate that the builder opens, as a form carries it; '' where there is none."""
    if ask is None or not 0 < len(ask.lines) <= MOST_LINES:
        return ""
    return json.dumps(service.ask_json(ask), ensure_ascii=False)
