"""Lines of the log: one line for each event, no secret in it, and no second line smuggled in."""

import logging
import time

from flask import Flask, Response, request
from flask.logging import default_handler

from dcx.web.doors import actor

log = logging.getLogger("dcx.security")
_SHOWN = 200


class OneLine(logging.Formatter):
    """Time in UTC, level, logger and message; a traceback follows, each of its lines set in.

    What a browser sent may hold line breaks and other control signs: they are written as escapes,
    so that no line of the log can be made up from outside.
    """

    converter = time.gmtime  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return _plain(super().formatMessage(record))

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        told = super().formatException(ei)  # type: ignore[arg-type]
        return "\n".join(f"  | {_plain(line)}" for line in told.splitlines())


def write_plainly(app: Flask) -> None:
    """Give the log its form, and gunicorn's access log a name for what was asked for."""
    default_handler.setFormatter(OneLine())
    if not app.logger.handlers:
        app.logger.addHandler(default_handler)

    @app.after_request
    def name_route(response: Response) -> Response:
        request.environ["dcx.route"] = route()
        return response


def route() -> str:
    """What was asked for, without what it was asked with: addresses may hold links' secrets."""
    return request.url_rule.rule if request.url_rule else "no such page"


def note(event: str, reason: str, *, who: str | None = None) -> None:
    """Write that somebody was refused: who, from where, at which door, why. `reason` must hold
    nothing that opens anything.
    """
    said = who or actor().who
    where = request.remote_addr or "nowhere"
    log.warning(
        "%s: %s from %s at %s %s: %s", event, said, where, request.method, route(), reason[:_SHOWN]
    )


def _plain(text: str) -> str:
    """Printable signs as they are, all others as escapes."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)
