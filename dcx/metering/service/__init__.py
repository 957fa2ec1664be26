"""What can be done with logs and usage."""

from dcx.metering.service.ingest import Delivery, Receipt, ingest
from dcx.metering.service.run import (
    forget,
    late_changes,
    mark_billed,
    refold,
    splice_in,
    turn,
)
from dcx.metering.service.runs import fail_run, finish_run, runs, start_run
from dcx.metering.service.sources import add_source, get_source, sources
from dcx.metering.service.usage import (
    GROUPS,
    metered_until,
    usage,
    usage_answer,
    usage_by_day,
)

__all__ = [
    "GROUPS",
    "Delivery",
    "Receipt",
    "add_source",
    "fail_run",
    "finish_run",
    "forget",
    "get_source",
    "ingest",
    "late_changes",
    "mark_billed",
    "metered_until",
    "refold",
    "runs",
    "sources",
    "splice_in",
    "start_run",
    "turn",
    "usage",
    "usage_by_day",
    "usage_answer",
]
