"""The time, as doors of payments read it: rules and services are told it."""

from collections.abc import Callable
from datetime import UTC, datetime

from dcx.kit.periods import to_us

Clock = Callable[[], int]


def now_us() -> int:
    return to_us(datetime.now(UTC))
