"""Statements that look for what must never be in the ledger."""

from dcx.repository.base import Repository


class CheckRepository(Repository):
    """One question for each promise."""
