"""How values look: money, numbers and times in the provider's locale and zone."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import dates, numbers

from dcx.kit.money import E8
from dcx.kit.periods import FOREVER, HOUR_US, from_us
from dcx.kit.words import bent
from dcx.settings import Settings

format_currency = lru_cache(maxsize=20_000)(numbers.format_currency)
format_decimal = lru_cache(maxsize=20_000)(numbers.format_decimal)
format_date = lru_cache(maxsize=5_000)(dates.format_date)
"""Pages show the same few amounts and days again and again: each is written out once."""
NO_BREAK = "\u00a0"
MINUS = "\u2212"


class Looks:
    """The looks of values under some settings."""

    def __init__(self, settings: Settings) -> None:
        self._zone, self._locale, self._currency = settings.zone, settings.locale, settings.currency
        self._months = _short_months(settings.locale)

    def money(self, cents: int) -> str:
        """R1 234,50, with a true minus."""
        value = Decimal(abs(cents)) / 100
        return self._signed(cents, format_currency(value, self._currency, locale=self._locale))

    def whole_money(self, cents: int) -> str:
        """R1 234, for figures on homes."""
        value = Decimal(abs(cents) + 50) // 100
        text = format_currency(
            value, self._currency, "¤#,##0", locale=self._locale, currency_digits=False
        )
        return self._signed(cents, text)

    def amount(self, cents: int) -> str:
        """1 234,50, where the head of the column names the currency."""
        value = Decimal(abs(cents)) / 100
        return self._signed(cents, format_decimal(value, "#,##0.00", locale=self._locale))

    def unit_price(self, price_e8: int) -> str:
        """R0,1450: 4 to 8 decimals."""
        pattern = "¤#,##0.0000####"
        value = Decimal(price_e8) / E8
        return format_currency(
            value, self._currency, pattern, locale=self._locale, currency_digits=False
        )

    def micros(self, millionths: int) -> str:
        """A quantity given in millionths: always 6 decimals."""
        value = Decimal(abs(millionths)) / 1_000_000
        return self._signed(millionths, format_decimal(value, "#,##0.000000", locale=self._locale))

    def short(self, millionths: int) -> str:
        """1 460 or 0,5: a quantity given in millionths, with the decimals that it has."""
        value = Decimal(abs(millionths)) / 1_000_000
        return self._signed(millionths, format_decimal(value, "#,##0.######", locale=self._locale))

    def number(self, value: int) -> str:
        return self._signed(value, format_decimal(abs(value), "#,##0", locale=self._locale))

    def decimal(self, value: Decimal) -> str:
        """1 234,5: a number with just the decimals that it has."""
        text = format_decimal(abs(value), "#,##0.############", locale=self._locale)
        return self._signed(value, text)

    def counted(self, number: int, one: str, many: str = "") -> str:
        """1 invoice, 2 invoices."""
        return f"{self.number(number)} {bent(number, one, many)}"

    def percent(self, share: float) -> str:
        """39 %, of a share between 0 and 1."""
        return f"{round(share * 100)}{NO_BREAK}%"

    def rate(self, rate_e8: int) -> str:
        """15 or 15,5: a rate in percent, its sign not with it."""
        return format_decimal(Decimal(rate_e8 * 100) / E8, "0.######", locale=self._locale)

    def day(self, when: int | datetime | date) -> str:
        """03 Nov 2026, in tables."""
        day = self._date(when)
        return f"{day.day:02} {self._months[day.month]} {day.year}"

    def short_day(self, when: int | datetime | date) -> str:
        """3 Nov, under charts and where the year goes without saying."""
        day = self._date(when)
        return f"{day.day} {self._months[day.month]}"

    def long_day(self, when: int | datetime | date) -> str:
        """23 November 2026, in prose."""
        return format_date(self._date(when), "d MMMM yyyy", locale=self._locale)

    def clock(self, when: int | datetime) -> str:
        """19:15 today, 22 Nov 17:02 this year, else with the year."""
        local, now = self._local(when), datetime.now(self._zone)
        if local.date() == now.date():
            return local.strftime("%H:%M")
        year = "" if local.year == now.year else f" {local.year}"
        return f"{local.day:02} {self._months[local.month]}{year} {local:%H:%M}"

    def minute(self, when: int | datetime) -> str:
        """14:02, beside a date."""
        return self._local(when).strftime("%H:%M")

    def second(self, when: int | datetime) -> str:
        """01 Oct 2026 00:00:00, in segments and logs; "open" for what has not ended."""
        if when == FOREVER:
            return "open"
        local = self._local(when)
        return f"{local.day:02} {self._months[local.month]} {local.year} {local:%H:%M:%S}"

    def iso(self, when: int | datetime) -> str:
        return self._local(when).isoformat()

    def month(self, name: str) -> str:
        """2026-11 as November 2026."""
        return format_date(date.fromisoformat(f"{name}-01"), "MMMM yyyy", locale=self._locale)

    def month_word(self, name: str) -> str:
        """2026-11 as November, where the year goes without saying."""
        return format_date(date.fromisoformat(f"{name}-01"), "MMMM", locale=self._locale)

    def gib(self, mib: int) -> str:
        """19,5 of 20 000 MiB: GiB with one decimal where it is not whole."""
        value = Decimal(mib) / 1024
        return self._signed(mib, format_decimal(abs(value), "#,##0.#", locale=self._locale))

    def hours(self, length_us: int) -> str:
        """A length of time in hours with 6 decimals."""
        return self.micros((2 * length_us * 1_000_000 + HOUR_US) // (2 * HOUR_US))

    def took(self, length_us: int) -> str:
        """2,1 s, as a duration."""
        value = Decimal(length_us) / 1_000_000
        pattern = "0.00" if value < 1 else "0.0"
        return f"{format_decimal(value, pattern, locale=self._locale)}{NO_BREAK}s"

    def offset(self, when: int | datetime) -> str:
        """UTC+2, the zone's distance at an instant."""
        text = self._local(when).strftime("%z")
        minutes = f":{text[3:]}" if text[3:] != "00" else ""
        return f"UTC{text[0]}{int(text[1:3])}{minutes}"

    def _signed(self, value: int | Decimal, text: str) -> str:
        return f"{MINUS}{text}" if value < 0 else text

    def _local(self, when: int | datetime) -> datetime:
        instant = from_us(when) if isinstance(when, int) else when
        return instant.astimezone(self._zone)

    def _date(self, when: int | datetime | date) -> date:
        if isinstance(when, int | datetime):
            return self._local(when if isinstance(when, int) else when.astimezone(UTC)).date()
        return when


def _short_months(locale: str) -> dict[int, str]:
    """The locale's short months; English ones in three letters, where its own data has Sept."""
    names = dates.get_month_names("abbreviated", locale=locale)
    length = 3 if locale.startswith("en") else None
    return {number: str(names[number])[:length] for number in range(1, 13)}
