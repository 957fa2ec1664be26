"""What comes in from the pages of the wallet, and what the API is asked for and answers."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dcx.kit.errors import FormError
from dcx.kit.money import typed_cents
from dcx.kit.periods import day_period
from dcx.prepaid.rules import AT_ZERO, SUSPEND, AutoTerms, Terms
from dcx.wallet.service import Wish

MOST_THRESHOLDS = 3
MOST_CENTS = 10_000_000_00
MOST_GRACE_HOURS = 30 * 24
MOST_A_DAY = 5
_AMOUNT = "Give an amount, for example 250,00."


def read_terms(sent: Mapping[str, str], before: Terms, *, top_up: tuple[int, int]) -> Terms:
    """What an owner arranges; FormError names every field that is wrong. `top_up`: the least and
    the most cents of one payment.
    """
    faults: dict[str, str] = {}
    thresholds = _thresholds(sent, faults)
    at_zero = sent.get("at_zero", "")
    if at_zero not in AT_ZERO:
        faults["at_zero"] = "Choose what happens when nothing is left."
    hours = _hours(sent, before, faults) if at_zero == SUSPEND else before.grace_hours
    auto = _auto(sent, before.auto, top_up, faults)
    if faults:
        raise FormError(faults)
    return Terms(thresholds, at_zero, hours, sent.get("pays") == "on", auto)


def _thresholds(sent: Mapping[str, str], faults: dict[str, str]) -> tuple[int, ...]:
    """The balances that are warned of, largest first; empty fields are none."""
    found = set()
    for place in range(1, MOST_THRESHOLDS + 1):
        name = f"threshold-{place}"
        if sent.get(name, "").strip():
            found.add(_money(sent, name, faults))
    return tuple(sorted(found, reverse=True)) if not faults else ()


def _hours(sent: Mapping[str, str], before: Terms, faults: dict[str, str]) -> int:
    text = sent.get("grace_hours", str(before.grace_hours)).strip()
    if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST_GRACE_HOURS:
        return int(text)
    faults["grace_hours"] = f"Give whole hours, from 1 to {MOST_GRACE_HOURS}."
    return 0


def _auto(
    sent: Mapping[str, str], before: AutoTerms, top_up: tuple[int, int], faults: dict[str, str]
) -> AutoTerms:
    """Where the page does not offer it, or it is off, its figures stay as they were."""
    if "auto_offered" not in sent:
        return before
    if sent.get("auto") != "on":
        return AutoTerms(False, before.cents, before.below_cents, "", before.a_day)  # noqa: FBT003
    cents, below = _money(sent, "auto_cents", faults), _money(sent, "auto_below", faults)
    least, most = top_up
    if "auto_cents" not in faults and not least <= cents <= most:
        faults["auto_cents"] = f"One top-up is from {least // 100} to {most // 100}."
    card, times = sent.get("auto_card", ""), sent.get("auto_a_day", "")
    if not card:
        faults["auto_card"] = "Choose the card that is charged."
    if times not in {str(number) for number in range(1, MOST_A_DAY + 1)}:
        faults["auto_a_day"] = f"Choose from 1 to {MOST_A_DAY}."
    return AutoTerms(True, cents, below, card, int(times) if "auto_a_day" not in faults else 1)  # noqa: FBT003


def _money(sent: Mapping[str, str], name: str, faults: dict[str, str]) -> int:
    """Cents above zero."""
    cents = typed_cents(sent.get(name, ""))
    if cents is None or not 0 < cents <= MOST_CENTS:
        faults[name] = _AMOUNT
        return 0
    return cents


def read_wish(sent: Mapping[str, str], customer: str, zone: ZoneInfo) -> Wish:
    """What staff ask for by hand; FormError names every field that is wrong."""
    kind, faults = sent.get("kind", ""), dict[str, str]()
    cents = 0
    if kind != "write_off":
        cents = typed_cents(sent.get("amount", "")) or 0
        if not cents:
            faults["amount"] = _AMOUNT
    reason = sent.get("reason", "").strip()
    if not reason:
        faults["reason"] = "Say why, so that anybody can follow it later."
    expires_us = _expiry(sent.get("expires", "").strip(), zone, faults)
    if faults:
        raise FormError(faults)
    document, form_key = sent.get("document", "").strip(), sent.get("form_key", "")
    return Wish(customer, kind, cents, reason, document, 0, expires_us, form_key)


def _expiry(text: str, zone: ZoneInfo, faults: dict[str, str]) -> int | None:
    """The end of a day; None where none is given."""
    if not text:
        return None
    try:
        return day_period(date.fromisoformat(text), zone).ends_us
    except (ValueError, OverflowError):
        faults["expires"] = "Give a date, for example 2026-11-23."
        return None


def a_year_on() -> date:
    """What a credit's expiry is offered as."""
    return (datetime.now(UTC) + timedelta(days=365)).date()
