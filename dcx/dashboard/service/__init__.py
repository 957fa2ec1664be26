"""What the home pages show: costs, what waits and what comes, search, and the tables of all."""

from dcx.dashboard.service.costs import (
    CustomerCost,
    MonthCosts,
    PeriodCosts,
    ResourceCost,
    colours,
    customer_costs,
    left_cents,
    meter_words,
    month_costs,
    period_costs,
    resource_costs,
    words_for,
)
from dcx.dashboard.service.search import Found, search
from dcx.dashboard.service.tables import (
    CUSTOMER_COLUMNS,
    METER_COLUMNS,
    RESOURCE_COLUMNS,
    THING_COLUMNS,
    CustomerRow,
    MeterCost,
    Thing,
    customer_rows,
    day_columns,
    meter_costs,
    things_of,
)
from dcx.dashboard.service.waiting import Coming, Waiting, coming, waiting

__all__ = [
    "CUSTOMER_COLUMNS", "METER_COLUMNS", "RESOURCE_COLUMNS", "THING_COLUMNS", "Coming",
    "CustomerCost", "CustomerRow", "Found", "MeterCost", "MonthCosts", "PeriodCosts",
    "ResourceCost", "Thing", "Waiting", "colours", "coming", "customer_costs", "customer_rows",
    "day_columns", "left_cents", "meter_costs", "meter_words", "month_costs", "period_costs",
    "resource_costs", "search", "things_of", "waiting", "words_for",
]  # fmt: skip
