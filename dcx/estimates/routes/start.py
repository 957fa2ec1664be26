"""Doors of beginning an estimate: from scratch, a usual set-up, a machine, a month, another one."""

from collections.abc import Callable
from functools import partial

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from dcx.accounts import service as accounts
from dcx.estimates import service
from dcx.estimates.errors import AskRefusedError
from dcx.estimates.routes.build import builder_page
from dcx.estimates.routes.ground import at_both, desk, place, seen_by
from dcx.estimates.rules.starts import SCRATCH, STARTS, Start, lines_of
from dcx.estimates.service import Ask, offers, starting
from dcx.estimates.service.starting import Begun
from dcx.kit.errors import NotFoundError
from dcx.kit.periods import month_before
from dcx.repository.session import reading

OTHERS = ("every", "upload", "terraform", "disks")


@at_both("/new")
def new(customer: str) -> ResponseReturnValue:
    """Where to begin; with `from` in the address (scratch, template:database, vm:ID, disk:ID,
    usage, estimate:KEY) the builder, begun so.
    """
    what, _, which = request.args.get("from", "").partition(":")
    begin = _BEGINNINGS.get(what)
    if begin is None:
        return _start_page(customer)
    try:
        begun = begin(customer, which)
    except AskRefusedError as error:
        flash(error.message, "bad")
        return redirect(place(customer, "new"), 303)
    return builder_page(customer, begun.ask, begun.note)


def _start_page(customer: str) -> ResponseReturnValue:
    with reading() as session:
        things = starting.things_of(session, customer) if customer else []
        customers = [] if customer else accounts.customers(session)
    return render_template(
        "estimates/start.html",
        key=customer,
        starts=STARTS,
        things=things,
        customers=customers,
        last_month=month_before(desk().this_month),
        addresses={each: place(customer, each) for each in OTHERS},
        new=lambda **values: place(customer, "new", **values),
    )


def _scratch(customer: str, _: str) -> Begun:
    return _from(customer, SCRATCH)


def _template(customer: str, key: str) -> Begun:
    found = next((each for each in STARTS if each.key == key), None)
    if found is None:
        raise NotFoundError("There is no such set-up to begin with.")
    return _from(customer, found)


def _from(customer: str, start: Start) -> Begun:
    month = desk().this_month
    with reading() as session:
        book = offers.books_for(session, customer)[0]
        offered = offers.offer(session, book, month, desk(), customer=customer)
    lines = lines_of(start, offered.tier, offered.systems)
    ask = Ask(start.title if start.words else "", book, month, lines)
    note = f"{start.words}. Change what you like." if start.words else ""
    return Begun(ask, note)


def _like(kind: str, customer: str, resource: str) -> Begun:
    with reading() as session:
        return starting.like_resource(session, customer, kind, resource, desk())


def _usage(customer: str, _: str) -> Begun:
    with reading() as session:
        month = month_before(desk().this_month)
        return starting.like_month(session, customer, month, desk())


def _saved(customer: str, key: str) -> Begun:
    """A copy: the one it is of stays as it is."""
    with reading() as session:
        saved = service.get_saved(session, key, customer=seen_by(customer))
    return Begun(saved.ask, "A copy. The estimate that it is of stays as it is.")


_BEGINNINGS: dict[str, Callable[[str, str], Begun]] = {
    "scratch": _scratch,
    "template": _template,
    "vm": partial(_like, "vm"),
    "disk": partial(_like, "disk"),
    "usage": _usage,
    "estimate": _saved,
}
