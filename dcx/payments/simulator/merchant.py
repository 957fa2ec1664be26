"""Whom the simulator serves: one merchant, and what was agreed with PayGate for it."""

from dataclasses import dataclass, replace
from typing import Self

MINUTE_S = 60


@dataclass
class Merchant:
    """PayWeb3 signs with `key`, PayHost with `password`: the public test merchant's by default.

    `strict_order`: is a checksum taken in the order of the documents, or as posted? `tries_again`:
    does the page offer another card after a decline? `returns_by` POST or GET. `retries_after_s`:
    how long after each notice that was not taken the next one goes out.
    """

    paygate_id: str = "10011072130"
    key: str = "secret"  # pragma: allowlist secret
    password: str = "test"  # noqa: S105 # pragma: allowlist secret
    is_enabled: bool = True
    currencies: tuple[str, ...] = ("ZAR", "EUR", "USD", "NAD")
    methods: tuple[str, ...] = ("CC", "BT")
    has_vault: bool = True
    vaults_declined: bool = False
    strict_order: bool = True
    tries_again: bool = False
    returns_by: str = "POST"
    retries_after_s: tuple[int, ...] = (30 * MINUTE_S,) * 3

    def changed(self, **options: object) -> Self:
        """The same merchant with other options; TypeError for one that there is not."""
        listed = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in options.items()
        }
        return replace(self, **listed)  # type: ignore[arg-type]
