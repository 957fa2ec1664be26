"""Where a published version stands in time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the list of all; `ends_us` is when the next one of its book starts, 0: never."""

    book: str
    number: int
    starts_us: int
    ends_us: int
    published_us: int

    def state(self, now_us: int) -> str:
        """scheduled, in force, or superseded."""
        if self.starts_us > now_us:
            return "scheduled"
        return "superseded" if 0 < self.ends_us <= now_us else "in force"
