"""Every statement of metering but the bulk ones of bronze.py."""

from dcx.metering.repository.logs import BronzeRepository
from dcx.metering.repository.segments import HALF_BITS, SegmentRepository
from dcx.metering.repository.values import chunks

__all__ = ["HALF_BITS", "BronzeRepository", "SegmentRepository", "chunks"]
