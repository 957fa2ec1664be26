"""Doors of estimates' pages."""

from dcx.estimates.routes import build, every, start, words
from dcx.estimates.routes.ground import estimates_pages

__all__ = ["build", "estimates_pages", "every", "start", "words"]
