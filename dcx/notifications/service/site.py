"""Whose DCX this is, where people reach it, and how its mails write values."""

from dataclasses import dataclass
from typing import Self

from dcx.kit.words import lines_of
from dcx.notifications.service.letters import File, Message, Words
from dcx.settings import Settings
from dcx.web.looks import Looks


@dataclass(frozen=True, slots=True)
class Site:
    """What a mail needs to know of the provider. `looks` writes money and days as pages do;
    `postal` is its postal address in one line.
    """

    address: str
    provider: str
    looks: Looks
    postal: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        postal = ", ".join(lines_of(settings.provider_address))
        return cls(settings.public_url, settings.provider, Looks(settings), postal)

    def link(self, path: str) -> str:
        return f"{self.address.rstrip('/')}{path}"

    def message(self, to: str, words: Words, files: tuple[File, ...] = ()) -> Message:
        """A mail of this site's."""
        return Message(to, self.provider, words, files, self.postal)
