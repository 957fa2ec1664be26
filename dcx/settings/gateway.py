"""The settings of the payment gateway: where it is, who we are there, what we may ask of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from babel.core import get_global

PAYGATE = "https://secure.paygate.co.za/payweb3"
PAYHOST = "https://secure.paygate.co.za/payhost/process.trans"
TEST_MERCHANT = "10011072130"
TEST_SECRETS = {"secret", "test"}
_LONG_NAMES = {
    short[0]: name
    for name, short in get_global("territory_aliases").items()
    if len(name) == 3 and name.isalpha()  # noqa: PLR2004 - letters of ISO 3166-1 alpha-3
}
_CENTS = re.compile(r"(\d{1,9})(?:\.(\d{2}))?")


def cents(text: str) -> int:
    """An amount like 50.00 in cents; -1, which no setting can be, where it is none."""
    found = _CENTS.fullmatch(text.strip())
    return int(found[1]) * 100 + int(found[2] or 0) if found else -1


@dataclass(frozen=True, slots=True)
class Gateway:
    """PayGate: PayWeb3 has an id and a key, PayHost a password of its own for the same id.

    `is_on`: can customers pay here? Without an id they cannot. `charges_alone`: may a saved card be
    charged without its owner at the page? PayGate must have agreed to that for the id. `language`
    is its page's, like en-za, and `country` ours in three letters (ISO 3166).
    """

    paygate_id: str
    paygate_key: str
    paygate_url: str
    payhost_url: str
    payhost_password: str
    charges_alone: bool
    language: str
    country: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        locale = environment.get("DCX_LOCALE", "en_ZA")
        return cls(
            paygate_id=environment.get("DCX_PAYGATE_ID", "").strip(),
            paygate_key=environment.get("DCX_PAYGATE_KEY", "").strip(),
            paygate_url=environment.get("DCX_PAYGATE_URL", PAYGATE).rstrip("/"),
            payhost_url=environment.get("DCX_PAYHOST_URL", PAYHOST).rstrip("/"),
            payhost_password=environment.get("DCX_PAYHOST_PASSWORD", "").strip(),
            charges_alone=environment.get("DCX_UNATTENDED_CARDS", "off") == "on",
            language=locale.lower().replace("_", "-"),
            country=_LONG_NAMES.get(locale.rpartition("_")[2], ""),
        )

    @property
    def is_on(self) -> bool:
        return bool(self.paygate_id)

    @property
    def is_simulated(self) -> bool:
        """Does it lead to this machine, where only a simulator can be?"""
        return urlsplit(self.paygate_url).hostname in {"127.0.0.1", "localhost", "::1"}

    @property
    def origin(self) -> str:
        """Where a browser is sent to pay."""
        parts = urlsplit(self.paygate_url)
        return f"{parts.scheme}://{parts.netloc}"

    def faults(self, *, is_production: bool) -> list[str]:
        """What stands against using it, one sentence each."""
        if not self.is_on:
            return []
        checks = [
            (
                self.paygate_id.isascii() and self.paygate_id.isdigit(),
                "DCX_PAYGATE_ID must be digits.",
            ),
            (self.paygate_key, "DCX_PAYGATE_KEY must be set beside DCX_PAYGATE_ID."),
            (self.country, "DCX_LOCALE must name a country for PayGate, like en_ZA."),
            (_is_url(self.paygate_url), "DCX_PAYGATE_URL must be an address."),
            (_is_url(self.payhost_url), "DCX_PAYHOST_URL must be an address."),
            (
                self.payhost_password or not self.charges_alone,
                "DCX_UNATTENDED_CARDS needs DCX_PAYHOST_PASSWORD.",
            ),
        ]
        if is_production:
            checks += [
                (
                    self.paygate_id != TEST_MERCHANT,
                    "DCX_PAYGATE_ID is the public test merchant: use your own.",
                ),
                (
                    self.paygate_key not in TEST_SECRETS,
                    "DCX_PAYGATE_KEY is the public test key: use your own.",
                ),
                (
                    self.payhost_password not in TEST_SECRETS,
                    "DCX_PAYHOST_PASSWORD is the public test password: use your own.",
                ),
                *(
                    (_is_paygates(url), f"{name} must lead to https://secure.paygate.co.za.")
                    for name, url in (
                        ("DCX_PAYGATE_URL", self.paygate_url),
                        ("DCX_PAYHOST_URL", self.payhost_url),
                    )
                ),
            ]
        return [sentence for holds, sentence in checks if not holds]


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_paygates(url: str) -> bool:
    if not _is_url(url):
        return False
    parts = urlsplit(url)
    return (parts.scheme, parts.netloc) == ("https", "secure.paygate.co.za")
