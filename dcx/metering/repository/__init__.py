"""Every statement of metering but the bulk ones of bronze.py."""

from dcx.metering.repository.logs import CONFLICT_COLUMNS, QUARANTINE_COLUMNS, BronzeRepository
from dcx.metering.repository.segments import HALF_BITS, RUN_COLUMNS, SegmentRepository
from dcx.metering.repository.values import chunks

__all__ = [
    "CONFLICT_COLUMNS", "HALF_BITS", "QUARANTINE_COLUMNS", "RUN_COLUMNS", "BronzeRepository",
    "SegmentRepository", "chunks",
]  # fmt: skip
