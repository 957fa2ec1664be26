"""Whose DCX this is, where people reach it, and how its mails write values."""

from dataclasses import dataclass
from typing import Self

from dcx.settings import Settings
from dcx.web.looks import Looks


@dataclass(frozen=True, slots=True)
class Site:
    """What a mail needs to know of the provider. `looks` writes money and days as pages do."""

    address: str
    provider: str
    looks: Looks

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.public_url, settings.provider, Looks(settings))

    def link(self, path: str) -> str:
        return f"{self.address.rstrip('/')}{path}"
