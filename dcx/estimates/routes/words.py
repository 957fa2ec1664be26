"""How templates say what an estimate answers."""

from collections.abc import Mapping

from flask import current_app

from dcx.estimates.routes.ground import estimates_pages
from dcx.estimates.rules.groups import Group, Quantity, groups_of, quantity_of
from dcx.estimates.service import Answer, AnswerLine, NotPriced
from dcx.pricing.service import METERS
from dcx.web.looks import Looks

_FACETS = {"tier": "tier", "region": "region", "flavor": "flavour", "os": "operating system"}


@estimates_pages.app_template_filter("month_asked")
def month_asked(month: str) -> str:
    """August 2026, or 730 hours."""
    return f"{month} hours" if month.isdigit() else Looks(current_app.config["DCX"]).month(month)


@estimates_pages.app_template_filter("by_line")
def by_line(answer: Answer) -> list[Group]:
    return groups_of(answer)


@estimates_pages.app_template_filter("quantity")
def quantity(line: AnswerLine) -> Quantity:
    return quantity_of(line)


@estimates_pages.app_template_filter("amount_words")
def amount_words(line: AnswerLine | NotPriced) -> str:
    """Disk 2, ssd: what an amount is for."""
    words = METERS[line.meter].words + (f" {line.disk}" if line.disk else "")
    tier = line.tier if isinstance(line, AnswerLine) else line.where.get("tier", "")
    return f"{words}, {tier}" if tier else words


@estimates_pages.app_template_filter("facets")
def facets(where: Mapping[str, str]) -> str:
    """tier nvme, region north: for what there is no price; '' where nothing narrows it down."""
    return ", ".join(f"{_FACETS.get(key, key)} {value}" for key, value in where.items() if value)
