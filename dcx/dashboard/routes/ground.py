"""What the doors of the home pages share."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, url_for

from dcx.accounts import service as accounts
from dcx.billing import service as billing
from dcx.billing.service import Desk
from dcx.dashboard import service
from dcx.kit.periods import month_name, to_us
from dcx.prepaid.service.standing import Standing, standing
from dcx.pricing.service import Unpriced
from dcx.web import charts

dashboard_pages = Blueprint("dashboard", __name__)
Costs = service.MonthCosts | service.PeriodCosts


@dashboard_pages.app_template_filter("words_of")
def words_of(line: billing.BillLine) -> str:
    """What a line is for, in a word."""
    return service.meter_words(line)


@dashboard_pages.app_template_filter("unpriced_words")
def unpriced_words(entry: Unpriced) -> str:
    """What has no price: disk.gib_hours (tier gold)."""
    conditions = ", ".join(f"{name} {value}" for name, value in entry.where)
    return f"{entry.meter} ({conditions})" if conditions else entry.meter


@dashboard_pages.app_template_filter("month_of")
def month_of(us: int) -> str:
    """The calendar month of an instant, 2026-11."""
    return month_name(us, desk().zone)


def desk() -> Desk:
    """Where billing happens, by the settings."""
    settings = current_app.config["DCX"]
    return Desk(settings.zone, settings.currency)


def wallet_of(session: Any, customer: str) -> Standing | None:
    """Where a prepaid customer's wallet stands; None for whoever pays by invoice."""
    if accounts.get_customer(session, customer).billing != "prepaid":
        return None
    return standing(session, customer, desk(), now_us=to_us(datetime.now(UTC)))


def this_month() -> str:
    return month_name(to_us(datetime.now(UTC)), desk().zone)


def bars_of(costs: Costs, frame: charts.Frame) -> charts.Bars:
    """A month's bars, each meter in its own colour."""
    return charts.stacked_bars(
        [day.parts for day in costs.days],
        costs.slots,
        frame,
        colours=[series.colour for series in costs.series],
        first=costs.days[0].day if costs.days else None,
    )


def days_of_month(costs: Costs, endpoint: str, values: dict[str, str]) -> list[dict[str, object]]:
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
