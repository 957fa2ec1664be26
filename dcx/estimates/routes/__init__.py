"""Doors of estimates' pages."""

from dcx.estimates.routes.ground import estimates_pages

__all__ = ["estimates_pages"]
