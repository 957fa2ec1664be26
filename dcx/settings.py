"""Every setting, read once from the environment into one frozen value."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError

ROOT = Path(__file__).resolve().parent.parent
SHORTEST_SECRET = 32
_DEVELOPMENT_SECRET = "only-for-development-on-this-machine"  # noqa: S105


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
        )
        faults = [*_misspelt_switches(environment), *settings.faults()]
        if faults:
            raise SettingsError("\n".join(faults))
        return settings

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    def faults(self) -> list[str]:
        """One sentence for each setting that is weak, missing or not readable."""
        checks = [
            (
                self.env in {"development", "production"},
                "DCX_ENV must be development or production.",
            ),
            (self.timezone in available_timezones(), f"DCX_TIMEZONE {self.timezone} is not known."),
            (_is_currency(self.currency), "DCX_CURRENCY must be three capital letters, like ZAR."),
            (_is_locale(self.locale), f"DCX_LOCALE {self.locale} is not known."),
            (
                _is_database(self.database_url),
                "DCX_DATABASE_URL must be sqlite or postgresql+psycopg.",
            ),
            (_is_database(self.bronze_url), "DCX_BRONZE_URL must be sqlite or postgresql+psycopg."),
        ]
        if self.is_production:
            strong = (
                len(self.secret_key) >= SHORTEST_SECRET and self.secret_key != _DEVELOPMENT_SECRET
            )
            checks += [
                (strong, "DCX_SECRET_KEY must be set, with 32 characters or more."),
                (
                    self.public_url.startswith("https://"),
                    "DCX_PUBLIC_URL must begin with https://.",
                ),
                (not self.demo, "DCX_DEMO must be off in production."),
            ]
        return [sentence for holds, sentence in checks if not holds]


def _sqlite(name: str) -> str:
    return f"sqlite:///{ROOT / 'instance' / name}"


def _misspelt_switches(environment: Mapping[str, str]) -> list[str]:
    names = ("DCX_SCHEDULER", "DCX_LOCAL_SIGNIN", "DCX_DEMO")
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
