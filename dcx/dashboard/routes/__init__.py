"""Doors of the home pages: of staff, of a customer, and what composes several rooms."""

from dcx.dashboard.routes import customer, resource, staff, usage
from dcx.dashboard.routes.ground import dashboard_pages

__all__ = ["customer", "dashboard_pages", "resource", "staff", "usage"]
