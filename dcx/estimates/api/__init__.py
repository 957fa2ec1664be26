"""The API of estimates."""

from dcx.estimates.api import estimates, files, plans, shares
from dcx.estimates.api.ground import estimates_api

__all__ = ["estimates", "estimates_api", "files", "plans", "shares"]
