"""Doors of the list of estimates."""

from collections.abc import Iterator

from flask import request
from flask.typing import ResponseReturnValue

from dcx.accounts import service as accounts
from dcx.estimates.routes.ground import at_both, place, seen_by
from dcx.estimates.service.listing import (
    LISTED_COLUMNS,
    Wanted,
    every_estimate,
    list_estimates,
)
from dcx.kit.money import cents_text
from dcx.kit.periods import instant_text
from dcx.kit.sorting import Ask
from dcx.repository.session import reading
from dcx.web.htmx import render
from dcx.web.tables import as_csv, asked, wants_csv

NOBODYS = "-"
"""The choice of estimates that are for nobody in particular."""
HEAD = (
    "estimate", "name", "customer", "month", "price_book", "price_book_version", "versions", "net",
    "total", "complete", "made_at", "made_by",
)  # fmt: skip


@at_both("")
def every(customer: str) -> ResponseReturnValue:
    ask, chosen = asked(LISTED_COLUMNS, "-made"), request.args.get("customer", "")
    wanted = _wanted(customer, chosen)
    if wants_csv():
        return as_csv("estimates.csv", HEAD, lambda: _rows(wanted, ask))
    with reading() as session:
        names = [] if customer else accounts.customers(session)
        page = list_estimates(session, wanted, ask)
    return render(
        "estimates/every.html",
        "estimates/_every.html",
        key=customer,
        page=page,
        names=names,
        name_of={each.key: each.name for each in names},
        nobodys=NOBODYS,
        customer=chosen,
        words=wanted.words,
        address=lambda view, **values: place(customer, view, **values),
    )


def _wanted(customer: str, chosen: str) -> Wanted:
    whose = seen_by(customer) or {"": None, NOBODYS: ""}.get(chosen, chosen)
    return Wanted(whose, request.args.get("q", "").strip())


def _rows(wanted: Wanted, ask: Ask) -> Iterator[tuple[object, ...]]:
    """All estimates that a filter shows, under HEAD, read as they are sent."""
    with reading() as session:
        for row in every_estimate(session, wanted, ask):
            yield (
                row.key, row.name, row.customer, row.month, row.book, row.version, row.versions,
                cents_text(row.net_cents), cents_text(row.total_cents),
                "yes" if row.is_complete else "no", instant_text(row.created_us), row.made_by,
            )  # fmt: skip
