"""What the doors of the home pages share."""

from collections.abc import Sequence
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, url_for

from dcx.billing import service as billing
from dcx.billing.service import Desk
from dcx.dashboard import service
from dcx.kit.csv import csv_lines
from dcx.kit.periods import month_name, to_us
from dcx.web import charts

dashboard_pages = Blueprint("dashboard", __name__)
PER_PAGE = 25


@dashboard_pages.app_template_filter("words_of")
def words_of(line: billing.BillLine) -> str:
    """What a line is for, in a word."""
    return service.meter_words(line)


@dashboard_pages.app_template_filter("month_of")
def month_of(us: int) -> str:
    """The calendar month of an instant, 2026-11."""
    return month_name(us, desk().zone)


def desk() -> Desk:
    """Where billing happens, by the settings."""
    settings = current_app.config["DCX"]
    return Desk(settings.zone, settings.currency)


def this_month() -> str:
    return month_name(to_us(datetime.now(UTC)), desk().zone)


def as_csv(name: str, head: Sequence[str], rows: object) -> Response:
    """A CSV to download, streamed."""
    response = Response(csv_lines(head, rows), mimetype="text/csv")  # type: ignore[arg-type]
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def bars_of(costs: service.MonthCosts, frame: charts.Frame) -> charts.Bars:
    """A month's bars, each meter in its own colour."""
    return charts.stacked_bars(
        [day.parts for day in costs.days],
        costs.slots,
        frame,
        colours=[series.colour for series in costs.series],
        first=costs.days[0].day if costs.days else None,
    )


def days_of_month(
    costs: service.MonthCosts, endpoint: str, values: dict[str, str]
) -> list[dict[str, object]]:
    """What each bar says and where it leads."""
    money = current_app.jinja_env.filters["money"]
    days: list[dict[str, object]] = []
    for day in costs.days:
        parts = " · ".join(
            f"{series.words} {money(cents)}"
            for series, cents in zip(costs.series, day.parts, strict=True)
            if cents
        )
        label = f"{day.day.strftime('%a %-d %b')}: {money(day.cents)}" + (
            f" ({parts})" if parts else ""
        )
        is_open = costs.is_running and day is costs.days[-1]
        href = url_for(endpoint, day=day.day.isoformat(), **values)  # type: ignore[arg-type]
        days.append({"date": day.day, "label": label, "href": href, "is_open": is_open})
    return days
