"""What goes wrong on purpose, where, and how often."""

from collections.abc import Collection
from dataclasses import dataclass
from threading import Lock

PLACES = ("initiate", "process", "query", "payhost", "notify", "return", "charge", "refund")
TRANSPORT = ("http_500", "timeout", "truncated", "html", "empty", "huge", "slow", "error")
"""Of an answer: it is an error page, never comes, is cut, is no answer, is 10 MB, comes late, or is
`ERROR=` and `value`."""
CONTENT = ("tamper", "forge", "wrong_checksum", "null_auth")
"""Of signed fields: one is changed after signing, or before it; the checksum is wrong; AUTH_CODE is
the word null."""
DELIVERY = ("drop", "delay", "duplicate", "after_return")
"""Of a notice: it is lost, comes `seconds` later, comes `count` times more, or after the return."""
OUTCOME = ("result",)
"""Of a charge or refund through PayHost: its result code is `value`."""
KINDS = (*TRANSPORT, *CONTENT, *DELIVERY, *OUTCOME)
ALWAYS = -1


@dataclass
class Fault:
    """One thing that goes wrong `times` times (ALWAYS: until it is cleared) at one place.

    `after_work`: is what was asked done all the same? So it is when the answer is lost on its way.
    """

    kind: str
    on: str
    times: int = 1
    seconds: float = 0
    count: int = 1
    field: str = ""
    value: str = ""
    after_work: bool | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind} is not a fault: {', '.join(KINDS)}.")
        if self.on not in PLACES:
            raise ValueError(f"{self.on} is not a place of faults: {', '.join(PLACES)}.")
        if self.after_work is None:
            self.after_work = self.kind in {"timeout", "truncated", "slow"}


class Faults:
    """The faults that are set; each is used up as it happens."""

    def __init__(self) -> None:
        self._set: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._set.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._set.clear()

    def take(self, on: str, kinds: Collection[str]) -> Fault | None:
        """The first fault of these kinds at this place, once less from now on."""
        with self._lock:
            for fault in self._set:
                if fault.on == on and fault.kind in kinds:
                    self._use(fault)
                    return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.times == ALWAYS:
            return
        fault.times -= 1
        if fault.times <= 0:
            self._set.remove(fault)
