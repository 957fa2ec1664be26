"""Doors of accounts: coming in and going out, people, keys, customers."""

from dcx.accounts.routes import (
    customers,
    invitations,
    keys,
    me,
    members,
    people,
    reset,
    signin,
    sso,
)
from dcx.accounts.routes.ground import accounts_pages
from dcx.accounts.routes.sso import backchannel_logout

__all__ = [
    "accounts_pages", "backchannel_logout", "customers", "invitations", "keys", "me", "members",
    "people", "reset", "signin", "sso",
]  # fmt: skip
