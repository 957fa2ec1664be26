"""Doors of estimates' pages."""

from dcx.estimates.routes import build, disks, forecasts, words
from dcx.estimates.routes.ground import estimates_pages

__all__ = ["build", "disks", "estimates_pages", "forecasts", "words"]
