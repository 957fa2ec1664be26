"""The doors of the wallet's pages."""

from dcx.prepaid.routes import settings, staff, statement, wallet
from dcx.prepaid.routes.ground import prepaid_pages

__all__ = ["prepaid_pages", "settings", "staff", "statement", "wallet"]
