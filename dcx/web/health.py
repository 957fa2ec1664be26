"""What a load balancer asks: is the process up, is it ready to work."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from dcx.repository.migrations import databases_behind
from dcx.web.doors import Who, open_to

health = Blueprint("health", __name__)


@health.get("/healthz")
@open_to(Who.ANYONE)
def alive() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "ok"}


@health.get("/readyz")
@open_to(Who.ANYONE)
def ready() -> ResponseReturnValue:
    """Both databases answer and stand at the newest migration."""
    behind = databases_behind()
    return {"status": "behind" if behind else "ok", "behind": behind}, 503 if behind else 200
