"""Doors of estimates' pages."""

from dcx.estimates.routes import (
    build,
    compare,
    every,
    files,
    one,
    plans,
    sharing,
    start,
    upload,
    words,
)
from dcx.estimates.routes.ground import estimates_pages

__all__ = [
    "build", "compare", "estimates_pages", "every", "files", "one", "plans", "sharing", "start",
    "upload", "words",
]  # fmt: skip
