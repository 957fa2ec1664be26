"""Doors of estimates' pages."""

from dcx.estimates.routes import build, every, plans, start, words
from dcx.estimates.routes.ground import estimates_pages

__all__ = ["build", "estimates_pages", "every", "plans", "start", "words"]
