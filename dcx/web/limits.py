"""Limits of requests: so many a minute for each key, person or address, by DCX_RATE_LIMIT.

They are counted in each worker's memory and protect the machine. What must not be guessed, as
passwords, is counted in the database instead (journal's tries).
"""

from typing import Any

from flask import Flask, request
from flask_limiter import Limiter, RequestLimit

from dcx.kit.errors import TooManyError
from dcx.web.doors import viewer

EXEMPT = {"static", "journal.alive", "journal.ready"}


def limit_requests(app: Flask) -> None:
    """Refuse with 429 and Retry-After what comes too fast."""
    limit = app.config["DCX"].rate_limit
    limiter = Limiter(
        _who_asks,
        default_limits=[limit] if limit else [],
        storage_uri="memory://",
        headers_enabled=True,
        enabled=bool(limit),
        on_breach=_refuse,
    )
    limiter.init_app(app)
    limiter.request_filter(lambda: request.endpoint in EXEMPT)


def _who_asks() -> str:
    """A key or a person where there is one, else the address. Names of keys and e-mails may be
    several people's: nobody spends what is another's.
    """
    asks: Any = viewer()
    if not asks.is_authenticated:
        return request.remote_addr or "nowhere"
    return str(asks.get_id() if asks.scopes is not None else f"person {asks.key}")


def _refuse(limit: RequestLimit) -> None:
    raise TooManyError(f"More than {limit.limit} requests. Wait a little, then go on.")
