"""What paying needs of the house: the gateway, the vault, the site, and the limits of amounts."""

from dataclasses import dataclass
from typing import Self

from dcx.kit.actors import CLOCK, Actor
from dcx.kit.vault import Vault
from dcx.notifications.service import Site
from dcx.payments.paygate import PayGate
from dcx.settings import Settings

GATEWAY = Actor("PayGate")
"""Who did it where nobody here did: the gateway's word, by whatever door it came."""
BROWSER = Actor("Browser")
"""Whoever came back from the gateway's page."""
__all__ = ["BROWSER", "CLOCK", "GATEWAY", "Desk"]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where payments are made."""

    gateway: PayGate
    vault: Vault
    site: Site
    currency: str
    least_cents: int
    most_cents: int

    @classmethod
    def of(cls, settings: Settings, vault: Vault) -> Self:
        return cls(
            PayGate(settings.gateway), vault, Site.of(settings), settings.currency,
            settings.top_up_least_cents, settings.top_up_most_cents,
        )  # fmt: skip
