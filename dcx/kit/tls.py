"""Which certificates a call to the outside trusts."""

import ssl
from functools import lru_cache

import httpx


@lru_cache(maxsize=1)
def trust() -> ssl.SSLContext:
    """The authorities that httpx trusts, read once: that costs more than a whole answer."""
    return httpx.create_ssl_context()
