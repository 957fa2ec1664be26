"""Where a database is, in words that may be shown: never a name, password or option of its URL."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError


def place_of(url: URL | str) -> str:
    """A path, or database@host:port; "an address that is none" for anything else."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        return "an address that is none"
    if address.get_backend_name() == "sqlite":
        path, _, _ = (address.database or "memory").removeprefix("file:").partition("?")
        return path
    port = f":{address.port}" if address.port else ""
    return f"{address.database or ''}@{address.host or 'localhost'}{port}"
