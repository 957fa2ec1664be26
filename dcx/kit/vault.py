"""Secrets at rest: sealed with the newest key, opened with any that is still listed."""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealBrokenError(Exception):
    """What was sealed cannot be opened: its key is no longer listed, or it was changed."""


class Vault:
    """Seals and opens short texts with keys of any length, newest first.

    To rotate: put a new key in front; what is sealed again uses it, the old key still opens.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_as_fernet_key(key)) for key in keys])

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text; SealBrokenError where no key opens it."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealBrokenError(
                "A stored secret cannot be opened: DCX_ENCRYPTION_KEYS lacks the key it was sealed"
                " with."
            ) from error


def _as_fernet_key(key: str) -> bytes:
    """Any text as the 32 bytes that Fernet wants; keys are long and random: one hash is enough."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())
