"""The API of estimates."""

from dcx.estimates.api import disks, estimates, files, plans, shares
from dcx.estimates.api.ground import estimates_api

__all__ = ["disks", "estimates", "estimates_api", "files", "plans", "shares"]
