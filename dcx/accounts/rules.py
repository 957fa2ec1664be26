"""Pure rules of accounts: what a key, an e-mail and a password look like, and who may do what."""

import re

STAFF_ROLES = ("admin", "billing", "support")
CUSTOMER_ROLES = ("owner", "viewer")
BILLINGS = ("invoice", "prepaid")
SCOPES = (
    "metering:write", "metering:read", "estimates", "billing:read", "wallet:read", "payments:write",
    "network:read", "network:write", "vms:read", "vms:write", "deployments:write",
)  # fmt: skip
SHORTEST_PASSWORD = 12
IDLE_US = 12 * 3_600 * 1_000_000
ABSOLUTE_US = 7 * 24 * 3_600 * 1_000_000
_KEY = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,99}$")
_EMAIL = re.compile(r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+$")


def key_fault(key: str) -> str | None:
    if _KEY.match(key):
        return None
    signs = "letters, digits or . _ : @ + -, the first a letter or digit"
    return f"The key {key!r} must be 1 to 100 {signs}."


def email_fault(email: str) -> str | None:
    return None if _EMAIL.match(email) else f"{email!r} is not an e-mail address."


def password_fault(password: str) -> str | None:
    if len(password) >= SHORTEST_PASSWORD:
        return None
    return f"A password needs at least {SHORTEST_PASSWORD} characters."


def is_own_path(address: str) -> bool:
    """Is this a path of ours, safe to go to after signing in?"""
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    return is_path and "\\" not in address and all(character.isprintable() for character in address)
