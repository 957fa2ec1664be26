"""Doors of the calculators of disk space. All that was typed stands in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from dcx.accounts import service as accounts
from dcx.estimates.errors import AskRefusedError
from dcx.estimates.routes.build import builder_page
from dcx.estimates.routes.disk_words import headline, look, results, steps
from dcx.estimates.routes.ground import at_both, desk, place
from dcx.estimates.rules.asks import AskedLine
from dcx.estimates.rules.disks.answers import DiskAnswer
from dcx.estimates.rules.disks.calculators import CALCULATORS, Calculator, disk_estimate
from dcx.estimates.rules.disks.lines import line_of
from dcx.estimates.rules.disks.typed import first_typed, given_typed
from dcx.estimates.service import Ask
from dcx.kit.errors import NotFoundError
from dcx.repository.session import reading
from dcx.web.htmx import render


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in: what it comes to, or what is wrong by field ("" is all of it)."""

    texts: Mapping[str, str]
    answer: DiskAnswer | None
    faults: Mapping[str, str]


@at_both("/disk")
def disks(customer: str) -> ResponseReturnValue:
    return render_template(
        "estimates/disks.html",
        key=customer,
        tools=CALCULATORS.values(),
        there=partial(place, customer),
    )


@at_both("/disk/<kind>")
def disk_calculator(customer: str, kind: str) -> ResponseReturnValue:
    """The calculator, or only its answer at each keystroke."""
    tool = _tool(kind)
    filled = _filled(tool)
    answer = filled.answer
    return render(
        "estimates/disk.html",
        "estimates/_disk_swap.html",
        key=customer,
        tool=tool,
        filled=filled,
        firsts=first_typed(tool.inputs, look),
        headline=headline(answer) if answer else "",
        results=results(answer) if answer else [],
        steps=steps(answer) if answer else [],
        line=line_of(tool, answer) if answer else None,
        there=partial(place, customer),
    )


@at_both("/disk/<kind>/estimate")
def add_disk_space(customer: str, kind: str) -> ResponseReturnValue:
    """The builder with a line of what was worked out; nothing is kept yet."""
    tool = _tool(kind)
    filled = _filled(tool)
    line = line_of(tool, filled.answer) if filled.answer else None
    if line is None:
        return redirect(place(customer, "disk_calculator", kind=kind, **filled.texts), code=303)
    return builder_page(customer, _ask(customer, line), f"From the calculator: {tool.title}.")


def _tool(kind: str) -> Calculator:
    found = CALCULATORS.get(kind)
    if found is None:
        raise NotFoundError("This page does not exist, or it is not yours to see.")
    return found


def _filled(tool: Calculator) -> Filled:
    """What the address says, or the form as it is shown first."""
    keys = [each.key for each in tool.inputs]
    sent = {key: request.args[key] for key in keys if key in request.args}
    texts = {key: sent.get(key, "") for key in keys} if sent else first_typed(tool.inputs, look)
    given, faults = given_typed(tool.inputs, texts)
    try:
        answer = disk_estimate(tool.kind, given)
    except AskRefusedError as error:
        found = {_field(where): words for where, words in error.fields.items()}
        return Filled(texts, None, {**found, **faults})
    return Filled(texts, None if faults else answer, faults)


def _field(where: str) -> str:
    """given.growth is the field growth; what is wrong with all of it, none."""
    return where.partition(".")[2]


def _ask(customer: str, line: AskedLine) -> Ask:
    now = desk()
    book = "standard"
    if customer:
        with reading() as session:
            book = accounts.get_customer(session, customer).price_book
    return Ask("", book, now.this_month, (line,))
