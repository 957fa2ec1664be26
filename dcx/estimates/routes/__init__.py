"""Doors of estimates' pages."""

from dcx.estimates.routes import build, compare, one, sharing, stubs, words
from dcx.estimates.routes.ground import estimates_pages

__all__ = ["build", "compare", "estimates_pages", "one", "sharing", "stubs", "words"]
