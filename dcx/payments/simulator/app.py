"""The simulator as a small application of its own."""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, request
from jinja2 import StrictUndefined

from dcx.payments.simulator.book import Book, Clock
from dcx.payments.simulator.control import control
from dcx.payments.simulator.desk import Deliver, Simulator, post
from dcx.payments.simulator.machine import machine
from dcx.payments.simulator.merchant import Merchant
from dcx.payments.simulator.pages import pages
from dcx.settings import ROOT

OWN_PAGES = (
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; script-src 'self'; "
    "style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'"
)


def create_simulator(
    merchant: Merchant | None = None,
    *,
    path: Path | None = None,
    deliver: Deliver = post,
    clock: Clock | None = None,
) -> Flask:
    """An application of its own. `path` keeps its book in a file; without one it forgets at its
    end. Its parts are at `app.config["SIMULATOR"]`.
    """
    app = Flask(
        "dcx.payments.simulator",
        template_folder=str(ROOT / "templates" / "simulator"),
        static_folder=str(ROOT / "static"),
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["rand"] = _amount
    app.config["SIMULATOR"] = Simulator(
        Book(path=path, clock=clock), merchant or Merchant(), deliver=deliver
    )
    app.after_request(_harden)
    for blueprint in (machine, pages, control):
        app.register_blueprint(blueprint)
    return app


def _harden(response: Response) -> Response:
    """Nothing inline; a page that leads back to a merchant may post to that merchant."""
    away = response.headers.pop("X-Leads-To", "")
    parts = urlsplit(away)
    origin = f" {parts.scheme}://{parts.netloc}" if away else ""
    response.headers["Content-Security-Policy"] = OWN_PAGES + origin
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _amount(cents: str) -> str:
    """150,00 of "15000"."""
    whole, rest = divmod(int(cents), 100)
    return f"{whole:,}".replace(",", "\N{NO-BREAK SPACE}") + f",{rest:02}"
