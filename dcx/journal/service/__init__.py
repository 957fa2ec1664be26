"""What every room may write: the audit chain, counts of tries, runs of jobs, answers to repeated
requests.
"""

from dcx.journal.repository import Wanted
from dcx.journal.service.audit import (
    ChainEnd,
    Change,
    Deed,
    Entry,
    breaches,
    chain_end,
    entries,
    every_entry,
    people,
    record,
)
from dcx.journal.service.jobs import (
    JOB_RUN_COLUMNS,
    beat,
    claim_slot,
    end_job,
    every_job_run,
    forget_runs,
    job_runs,
    last_beat,
    last_job_runs,
)
from dcx.journal.service.requests import (
    KeyReusedError,
    claim_request,
    keep_answer,
    release_request,
)
from dcx.journal.service.tries import WINDOW_US, count, counted, forget

__all__ = [
    "JOB_RUN_COLUMNS", "WINDOW_US", "ChainEnd", "Change", "Deed", "Entry", "KeyReusedError",
    "Wanted", "beat", "breaches", "chain_end", "claim_request", "claim_slot", "count", "counted",
    "end_job", "entries", "every_entry", "every_job_run", "forget", "forget_runs", "job_runs",
    "keep_answer", "last_beat", "last_job_runs", "people", "record", "release_request",
]  # fmt: skip
