"""What comes in from the filter of the audit."""

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from dcx.journal.service import Wanted
from dcx.kit.errors import BadRequestError
from dcx.kit.periods import Period, day_period

LAST_NUMBER = 2**63 - 1


def read_wanted(sent: Mapping[str, str], zone: ZoneInfo) -> Wanted:
    """Which entries are asked for. Both days of `from` and `to` are whole and belong to it.

    BadRequestError where one is no day.
    """
    first, last = _day(sent, "from", zone), _day(sent, "to", zone)
    return Wanted(
        who=_text(sent, "who"),
        words=_text(sent, "q"),
        customer=_text(sent, "customer"),
        since_us=first.starts_us if first else None,
        until_us=last.ends_us if last else None,
    )


def read_before(sent: Mapping[str, str]) -> int | None:
    """The number that the page begins below; None for the first page."""
    text = sent.get("after", "")
    return min(int(text[:20]), LAST_NUMBER) if text.isascii() and text.isdigit() else None


def _text(sent: Mapping[str, str], name: str) -> str:
    return sent.get(name, "").replace("\0", "").strip()


def _day(sent: Mapping[str, str], name: str, zone: ZoneInfo) -> Period | None:
    text = _text(sent, name)
    if not text:
        return None
    try:
        return day_period(date.fromisoformat(text), zone)
    except (ValueError, OverflowError) as error:
        raise BadRequestError(f"{name}: {text!r} is not a day, for example 2026-11-23.") from error
