"""Doors of building an estimate: the form, its price at each keystroke, and keeping it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from dcx.estimates import service
from dcx.estimates.errors import AskRefusedError
from dcx.estimates.routes.ground import at_both, desk, place
from dcx.estimates.routes.words import months_offered
from dcx.estimates.rules.deeds import changed
from dcx.estimates.rules.sheets import Sheet, given_by, sheet_of, typed_sheet
from dcx.estimates.service import Answer, Ask, Saved, offers
from dcx.repository.session import reading, transaction
from dcx.web.doors import actor
from dcx.web.htmx import go, wants_fragment
from dcx.web.sizes import takes

MOST_BYTES_OF_ASK = 8 * 1024 * 1024
"""An ask that is carried whole comes back with every keystroke in its name."""
MOST_FAULTS = 200
PAGE, LINES = "estimates/build.html", "estimates/_changed.html"
PRICE = "estimates/_priced.html"


class Faults(dict[str, str]):
    """What is wrong by field; '' where nothing is."""

    def __missing__(self, _: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it is shown: `count` lines that can be priced; `focus` is the field to go on
    with.
    """

    sheet: Sheet
    count: int = 0
    answer: Answer | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    focus: str = ""


def builder_page(customer: str, ask: Ask, note: str = "") -> ResponseReturnValue:
    """The builder filled with an ask, however it came about; `note` says where it is from."""
    return _shown(PAGE, customer, Form(sheet_of(ask), note=note), ask)


@at_both("/price", ("POST",))
@takes(MOST_BYTES_OF_ASK)
def price(customer: str) -> ResponseReturnValue:
    """What a keystroke changes; the whole page for a browser without scripts."""
    return _shown(_fragment_or_page(PRICE), customer, Form(_sent_sheet()))


@at_both("/new", ("POST",))
@takes(MOST_BYTES_OF_ASK)
def change(customer: str) -> ResponseReturnValue:
    """Add, copy or remove a line or a disk, as a button says."""
    sheet = _sent_sheet()
    with reading() as session:
        offered = offers.offer(session, sheet.price_book, sheet.month, desk(), customer=customer)
    sheet, focus = changed(sheet, request.form.get("do", ""), offered.tier)
    return _shown(_fragment_or_page(LINES), customer, Form(sheet, focus=focus))


@at_both("", ("POST",))
@takes(MOST_BYTES_OF_ASK)
def keep(customer: str) -> ResponseReturnValue:
    sheet = _sent_sheet()
    try:
        saved = _saved(customer, _ask_of(sheet))
    except AskRefusedError as error:
        return _drawn(PAGE, customer, Form(sheet, faults=error.fields)), 422
    flash("The estimate is saved.", "ok")
    return go(place(customer, "one", estimate=saved.key))


def _fragment_or_page(fragment: str) -> str:
    return fragment if wants_fragment() else PAGE


def _saved(customer: str, ask: Ask) -> Saved:
    with transaction() as session:
        if customer:
            service.require_open_book(session, ask, customer)
        return service.save(session, ask, desk(), customer=customer, by=actor())


def _sent_sheet() -> Sheet:
    return typed_sheet(request.form.items(multi=True))


def _ask_of(sheet: Sheet) -> Ask:
    """What the form asks for; AskRefusedError names every fault by its field."""
    given, faults = given_by(sheet)
    try:
        ask = service.read_ask(given, this_month=desk().this_month)
    except AskRefusedError as error:
        raise AskRefusedError(_in_order({**error.fields, **faults})) from error
    if faults:
        raise AskRefusedError(_in_order(faults))
    return ask


def _in_order(faults: Mapping[str, str]) -> dict[str, str]:
    """As the lines stand on the page, what is about all of them first."""
    return dict(sorted(faults.items(), key=lambda fault: _number_of(fault[0])))


def _number_of(name: str) -> int:
    number = name.split(".")[1] if name.startswith("lines.") else ""
    return int(number) if number.isdecimal() else -1


def _shown(template: str, customer: str, form: Form, ask: Ask | None = None) -> ResponseReturnValue:
    """The form with its price, or with what is wrong; a form without lines is no fault yet. `ask`
    is what it means, where that is known already.
    """
    try:
        ask = ask or _ask_of(form.sheet)
        answer = _priced(customer, ask)
    except AskRefusedError as error:
        if not form.sheet.lines and set(error.fields) == {"lines"}:
            return _drawn(template, customer, form)
        status = 422 if template == PAGE and request.method == "POST" else 200
        return _drawn(template, customer, replace(form, faults=error.fields)), status
    return _drawn(template, customer, replace(form, answer=answer, count=len(ask.lines)))


def _priced(customer: str, ask: Ask) -> Answer:
    with reading() as session:
        if customer:
            service.require_open_book(session, ask, customer)
        return service.estimate(session, ask, desk())


def _drawn(template: str, customer: str, form: Form) -> str:
    is_price = template == PRICE
    said = {*form.faults, *request.form.get("faulty", "").split()}
    return render_template(
        template,
        key=customer,
        sheet=form.sheet,
        count=form.count,
        answer=form.answer,
        faults=Faults(form.faults),
        faulty=sorted(said)[:MOST_FAULTS] if is_price else [],
        starts_us=_starts_us(form),
        note=form.note,
        focus=form.focus,
        **({} if is_price else _about_fields(customer, form.sheet)),
    )


def _starts_us(form: Form) -> int | None:
    """When the prices begin, where none is in force in the month that is asked for."""
    if form.answer is None or form.answer.version:
        return None
    with reading() as session:
        return offers.starts_of(session, form.sheet.price_book)


def _about_fields(customer: str, sheet: Sheet) -> dict[str, Any]:
    """What the fields offer."""
    months = months_offered()
    if sheet.month and sheet.month not in dict(months):
        months = [(sheet.month, sheet.month), *months]
    with reading() as session:
        books = offers.books_for(session, customer)
        offered = offers.offer(session, sheet.price_book, sheet.month, desk(), customer=customer)
    return {
        "offer": offered,
        "books": books if sheet.price_book in books else [sheet.price_book, *books],
        "months": months,
        "addresses": {each: place(customer, each) for each in ("every", "new", "price", "keep")},
    }
