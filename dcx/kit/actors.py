"""Who does something: what the audit writes beside every change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a program behind a key, the clock or the command line; where from, and as whom."""

    who: str
    address: str = ""
    as_customer: str = ""


CLOCK = Actor("Clock")
