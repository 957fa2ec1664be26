"""Doors of forecasts: a customer's own disks and VMs."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from flask import current_app, request
from flask.typing import ResponseReturnValue

from dcx.estimates.routes.ground import desk, estimates_pages, place
from dcx.estimates.rules.forecast import LEAST_DAYS, Trend
from dcx.estimates.rules.typed import typed_gib, typed_number
from dcx.estimates.service.history import MEASURES, Subject, subjects
from dcx.estimates.service.outlook import Outlook, Wish, outlook
from dcx.kit.errors import NotFoundError
from dcx.repository.session import reading
from dcx.web.doors import Who, open_to
from dcx.web.htmx import render
from dcx.web.looks import Looks
from dcx.web.totals import PHONE, WIDE
from dcx.web.trends import TrendChart, trend_chart

DAYS = (30, 90, 180, 365)
USUAL_DAYS = 90
MOST_SIZE = 2**20
PAST_SHOWN = 2
"""Of the past twice as much is drawn as of the future."""


@estimates_pages.get("/c/<customer>/estimates/forecast")
@open_to(Who.CUSTOMER)
def forecast(customer: str) -> ResponseReturnValue:
    """Where something is heading; what was asked stands in the address."""
    wish, faults = _wish()
    with reading() as session:
        known = subjects(session, customer)
        subject = _subject(known)
        found = outlook(session, customer, subject, wish, desk()) if subject else None
    return render(
        "estimates/forecast.html",
        "estimates/_forecast_swap.html",
        key=customer,
        known=known if subject is None or subject in known else [*known, subject],
        subject=subject,
        wish=wish,
        spans=DAYS,
        texts={name: request.args.get(name, "") for name in ("limit", "size")},
        faults=faults,
        found=found,
        charts=_charts(found, found.trend, wish) if found and found.trend else None,
        least_days=LEAST_DAYS,
        there=partial(place, customer),
    )


def _subject(known: Sequence[Subject]) -> Subject | None:
    """What the address names, or the first that there is."""
    asked = request.args.get("resource", "")
    if not asked:
        return known[0] if known else None
    if asked.partition("/")[0] not in MEASURES:
        raise NotFoundError("This page does not exist, or it is not yours to see.")
    name = asked.partition("/")[2]
    return next((each for each in known if each.key == asked), Subject(asked, name))


def _wish() -> tuple[Wish, Mapping[str, str]]:
    """What is asked of the forecast, and what is wrong with it by field."""
    days = request.args.get("days", USUAL_DAYS, type=int)
    faults: dict[str, str] = {}
    counts = request.args.get("resource", "").startswith("vcpus/")
    limit, size = (_size(name, faults, counts=counts) for name in ("limit", "size"))
    return Wish(days if days in DAYS else USUAL_DAYS, limit, size), faults


def _size(name: str, faults: dict[str, str], *, counts: bool) -> float | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        size = float((typed_number if counts else typed_gib)(text))
    except ValueError as error:
        faults[name] = str(error)
        return None
    if not 1 <= size <= MOST_SIZE:
        faults[name] = f"From 1 to {whole_size(MOST_SIZE)}."
        return None
    return size


def _charts(found: Outlook, trend: Trend, wish: Wish) -> list[TrendChart]:
    """Drawn for a wide screen and for a phone."""
    shown = found.past.sizes[-PAST_SHOWN * wish.days :]
    first = found.today - timedelta(days=len(shown) - 1)
    days = [trend.ahead(day) for day in range(1, wish.days + 1)]
    ahead = [(day.low, day.likely, day.high) for day in days]
    return [trend_chart(shown, ahead, first, wish.limit, frame) for frame in (WIDE, PHONE)]


@estimates_pages.app_template_filter("whole_size")
def whole_size(size: float) -> str:
    """1 234: a forecast is no truer than that."""
    return Looks(current_app.config["DCX"]).number(round(size))


@estimates_pages.app_template_filter("signed_size")
def signed_size(size: float) -> str:
    """+12 or a true minus."""
    text = whole_size(size)
    return f"+{text}" if round(size) > 0 else text
