"""Doors of estimates' pages."""

from dcx.estimates.routes import build, disks, every, forecasts, start, words
from dcx.estimates.routes.ground import estimates_pages

__all__ = ["build", "disks", "estimates_pages", "every", "forecasts", "start", "words"]
