"""What the home pages show: costs, what waits and what comes, search."""

from dcx.dashboard.service.costs import (
    CustomerCost,
    MonthCosts,
    ResourceCost,
    colours,
    customer_costs,
    left_cents,
    meter_words,
    month_costs,
    resource_costs,
    words_for,
)
from dcx.dashboard.service.search import Found, search
from dcx.dashboard.service.waiting import Coming, Waiting, coming, waiting

__all__ = [
    "Coming", "CustomerCost", "Found", "MonthCosts", "ResourceCost", "Waiting",
    "colours", "coming", "customer_costs", "left_cents", "meter_words", "month_costs",
    "resource_costs", "search", "waiting", "words_for",
]  # fmt: skip
