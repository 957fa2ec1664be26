"""How templates say what an estimate answers."""

from flask import current_app

from dcx.estimates.routes.ground import desk, estimates_pages
from dcx.estimates.rules.groups import amount_words, facets, groups_of, quantity_of
from dcx.estimates.service import offers
from dcx.web.looks import Looks

MONTHS_OF_HOURS = (
    ("730", "730 hours, a twelfth of a year"),
    ("720", "720 hours, 30 days"),
    ("744", "744 hours, 31 days"),
)


@estimates_pages.app_template_filter("month_asked")
def month_asked(month: str) -> str:
    """August 2026, or 730 hours."""
    return f"{month} hours" if month.isdigit() else Looks(current_app.config["DCX"]).month(month)


def months_offered() -> list[tuple[str, str]]:
    """The months that a form offers, each with its words: this one and the next, or hours."""
    months = [(each, month_asked(each)) for each in offers.months_ahead(desk())]
    return [*months, *MONTHS_OF_HOURS]


for _name, _words in (
    ("by_line", groups_of), ("quantity", quantity_of), ("amount_words", amount_words),
    ("facets", facets),
):  # fmt: skip
    estimates_pages.add_app_template_filter(_words, _name)
