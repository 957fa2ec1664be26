"""Doors of estimates' pages."""

from dcx.estimates.routes import (
    build,
    compare,
    disks,
    every,
    files,
    forecasts,
    one,
    plans,
    sharing,
    start,
    upload,
    words,
)
from dcx.estimates.routes.ground import estimates_pages

__all__ = [
    "build", "compare", "disks", "estimates_pages", "every", "files", "forecasts", "one", "plans",
    "sharing", "start", "upload", "words",
]  # fmt: skip
