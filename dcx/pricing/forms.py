"""What comes in from the forms of pricing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self
from zoneinfo import ZoneInfo

from dcx.kit.errors import FormError
from dcx.kit.money import parse_e8
from dcx.kit.periods import day_period

Faults = Mapping[str, str]
_PERCENT = re.compile(r"^\d{1,2}([.,]\d{1,4})?\s*%?$")


@dataclass(frozen=True, slots=True)
class VatForm:
    """A VAT rate in percent and the day that it begins on."""

    rate_e8: int
    starts_us: int

    @classmethod
    def read(cls, sent: Mapping[str, str], zone: ZoneInfo) -> Self:
        """The rate as 15,5 or 15.5; FormError names what is wrong with each field."""
        faults: dict[str, str] = {}
        percent, day = sent.get("percent", "").strip(), sent.get("from", "").strip()
        if not _PERCENT.match(percent):
            faults["percent"] = "Give the rate in percent, for example 15,5."
        try:
            starts_us = day_period(date.fromisoformat(day), zone).starts_us
        except (ValueError, OverflowError):
            faults["from"] = "Give the day that it begins on, for example 2027-04-01."
            starts_us = 0
        if faults:
            raise FormError(faults)
        rate = parse_e8(percent.rstrip("% \u00a0").replace(",", "."))
        return cls(rate // 100, starts_us)
