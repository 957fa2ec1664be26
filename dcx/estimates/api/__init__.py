"""The API of estimates."""

from dcx.estimates.api import estimates, plans
from dcx.estimates.api.ground import estimates_api

__all__ = ["estimates", "estimates_api", "plans"]
