"""Every setting, read once from the environment into one frozen value."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError

from dcx.settings.gateway import Gateway, cents
from dcx.settings.single_sign_on import SingleSignOn

ROOT = Path(__file__).resolve().parent.parent.parent
SHORTEST_SECRET = 32
MOST_PROVIDERS = 9
_DEVELOPMENT_SECRET = "only-for-development-on-this-machine"  # noqa: S105  # pragma: allowlist secret


class SettingsError(Exception):
    """The environment is not fit to start with; one line for each fault."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can choose. docs/operations.md describes each."""

    env: str
    secret_key: str
    database_url: str
    bronze_url: str
    public_url: str
    timezone: str
    currency: str
    locale: str
    provider: str
    scheduler: bool
    local_signin: bool
    demo: bool
    hosts: tuple[str, ...]
    proxies: int
    rate_limit: str
    encryption_keys: tuple[str, ...]
    smtp_url: str
    mail_from: str
    single_sign_on: tuple[SingleSignOn, ...]
    gateway: Gateway
    provider_address: str
    provider_vat_number: str
    bank_details: str
    top_up_least_cents: int
    top_up_most_cents: int
    second_person_cents: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read and check all settings; SettingsError lists every fault at once."""
        env = environment.get("DCX_ENV", "development")
        is_development = env == "development"

        def switch(name: str, *, default: bool) -> bool:
            return environment.get(name, "on" if default else "off") == "on"

        settings = cls(
            env=env,
            secret_key=environment.get("DCX_SECRET_KEY", _DEVELOPMENT_SECRET),
            database_url=environment.get("DCX_DATABASE_URL", _sqlite("dcx.sqlite3")),
            bronze_url=environment.get("DCX_BRONZE_URL", _sqlite("bronze.sqlite3")),
            public_url=environment.get("DCX_PUBLIC_URL", "http://127.0.0.1:5000"),
            timezone=environment.get("DCX_TIMEZONE", "Africa/Johannesburg"),
            currency=environment.get("DCX_CURRENCY", "ZAR"),
            locale=environment.get("DCX_LOCALE", "en_ZA"),
            provider=environment.get("DCX_PROVIDER", "Highveld Cloud"),
            scheduler=switch("DCX_SCHEDULER", default=True),
            local_signin=switch("DCX_LOCAL_SIGNIN", default=is_development),
            demo=switch("DCX_DEMO", default=False),
            hosts=_listed(environment.get("DCX_HOSTS", "")),
            proxies=_count(environment.get("DCX_PROXIES", "0")),
            rate_limit=environment.get("DCX_RATE_LIMIT", "6000 per minute").replace("off", ""),
            encryption_keys=_listed(environment.get("DCX_ENCRYPTION_KEYS", _DEVELOPMENT_SECRET)),
            smtp_url=environment.get("DCX_SMTP_URL", ""),
            mail_from=environment.get("DCX_MAIL_FROM", "billing@localhost"),
            single_sign_on=tuple(
                found
                for number in range(1, MOST_PROVIDERS + 1)
                if (found := SingleSignOn.read(environment, number))
            ),
            gateway=Gateway.read(environment),
            provider_address=environment.get("DCX_PROVIDER_ADDRESS", "").strip(),
            provider_vat_number=environment.get("DCX_PROVIDER_VAT_NUMBER", "").strip(),
            bank_details=environment.get("DCX_BANK_DETAILS", "").strip(),
            top_up_least_cents=cents(environment.get("DCX_TOP_UP_LEAST", "50.00")),
            top_up_most_cents=cents(environment.get("DCX_TOP_UP_MOST", "50000.00")),
            second_person_cents=cents(environment.get("DCX_SECOND_PERSON_FROM", "5000.00")),
        )
        faults = [*_misspelt_switches(environment), *settings.faults()]
        if settings.is_production and environment.get("FLASK_DEBUG", "0") not in {"", "0"}:
            faults.append("FLASK_DEBUG must not be set in production.")
        if faults:
            raise SettingsError("\n".join(faults))
        return settings

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def known_hosts(self) -> list[str]:
        """The names that a request's Host may say; in development also those of this machine."""
        own = urlsplit(self.public_url).hostname or "localhost"
        here = () if self.is_production else ("localhost", "127.0.0.1", "[::1]")
        return [own, *self.hosts, *here]

    def faults(self) -> list[str]:
        """One sentence for each setting that is weak, missing or not readable."""
        checks = [
            (
                self.env in {"development", "production"},
                "DCX_ENV must be development or production.",
            ),
            (self.timezone in _timezones(), f"DCX_TIMEZONE {self.timezone} is not known."),
            (_is_currency(self.currency), "DCX_CURRENCY must be three capital letters, like ZAR."),
            (_is_locale(self.locale), f"DCX_LOCALE {self.locale} is not known."),
            (
                _is_database(self.database_url),
                "DCX_DATABASE_URL must be sqlite or postgresql+psycopg.",
            ),
            (_is_database(self.bronze_url), "DCX_BRONZE_URL must be sqlite or postgresql+psycopg."),
            (
                0 <= self.proxies <= MOST_PROVIDERS,
                f"DCX_PROXIES must be a whole number up to {MOST_PROVIDERS}.",
            ),
            (_is_rate(self.rate_limit), "DCX_RATE_LIMIT is off or like 6000 per minute."),
            (
                _is_smtp(self.smtp_url),
                "DCX_SMTP_URL must be smtp:// or smtps:// and a host, like smtp://host:587.",
            ),
            (_is_sender(self.mail_from), "DCX_MAIL_FROM must be one e-mail address."),
            (
                0 < self.top_up_least_cents <= self.top_up_most_cents,
                "DCX_TOP_UP_LEAST and DCX_TOP_UP_MOST must be amounts like 50.00, in this order.",
            ),
            (
                self.second_person_cents >= 0,
                "DCX_SECOND_PERSON_FROM must be an amount like 5000.00.",
            ),
        ]
        if self.is_production:
            strong = _is_strong(self.secret_key)
            checks += [
                (strong, "DCX_SECRET_KEY must be set, with 32 characters or more."),
                (
                    bool(self.encryption_keys) and all(map(_is_strong, self.encryption_keys)),
                    "DCX_ENCRYPTION_KEYS must be set, each with 32 characters or more.",
                ),
                (
                    self.public_url.startswith("https://"),
                    "DCX_PUBLIC_URL must begin with https://.",
                ),
                (not self.demo, "DCX_DEMO must be off in production."),
            ]
        told = [sentence for holds, sentence in checks if not holds]
        told += self.gateway.faults(is_production=self.is_production)
        for provider in self.single_sign_on:
            told += provider.faults(is_production=self.is_production)
        return told


@cache
def _timezones() -> set[str]:
    """Looked for once: the names are those of hundreds of files."""
    return available_timezones()


def _count(text: str) -> int:
    """A whole number; -1, which no setting can be, where it is none."""
    return int(text) if text.isascii() and text.isdigit() else -1


def _is_rate(text: str) -> bool:
    return not text or re.fullmatch(r"[1-9]\d* per (second|minute|hour)", text) is not None


def _is_strong(secret: str) -> bool:
    return len(secret) >= SHORTEST_SECRET and secret != _DEVELOPMENT_SECRET


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _is_smtp(url: str) -> bool:
    if not url:
        return True
    try:
        parts = urlsplit(url)
        return parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_sender(words: str) -> bool:
    """Is this an address, or a name and an address in angle brackets?"""
    addresses = [address for _, address in getaddresses([words])]
    is_one = len(addresses) == 1 and words.isprintable()
    return is_one and bool(re.fullmatch(r"[!-?A-~]+@[A-Za-z0-9.-]+", addresses[0]))


def _sqlite(name: str) -> str:
    return f"sqlite:///{ROOT / 'instance' / name}"


def _misspelt_switches(environment: Mapping[str, str]) -> list[str]:
    names = ("DCX_SCHEDULER", "DCX_LOCAL_SIGNIN", "DCX_DEMO", "DCX_UNATTENDED_CARDS")
    return [
        f"{name} must be on or off."
        for name in names
        if environment.get(name, "on") not in {"on", "off"}
    ]


def _is_currency(currency: str) -> bool:
    return len(currency) == 3 and currency.isalpha() and currency.isupper()  # noqa: PLR2004


def _is_locale(locale: str) -> bool:
    try:
        Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _is_database(url: str) -> bool:
    return url.startswith(("sqlite:///", "postgresql+psycopg://"))
