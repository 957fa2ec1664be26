"""What the home pages show: costs, what waits for staff, search, and the tables of all."""

from dcx.dashboard.service.costs import (
    CustomerCost,
    Found,
    MonthCosts,
    PeriodCosts,
    ResourceCost,
    Waiting,
    customer_costs,
    left_cents,
    meter_words,
    month_costs,
    period_costs,
    resource_costs,
    search,
    waiting,
)
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

__all__ = [
    "CUSTOMER_COLUMNS", "METER_COLUMNS", "RESOURCE_COLUMNS", "THING_COLUMNS", "CustomerCost",
    "CustomerRow", "Found", "MeterCost", "MonthCosts", "PeriodCosts", "ResourceCost", "Thing",
    "Waiting", "customer_costs", "customer_rows", "day_columns", "left_cents", "meter_costs",
    "meter_words", "month_costs", "period_costs", "resource_costs", "search", "things_of",
    "waiting",
]  # fmt: skip
