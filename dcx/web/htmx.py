"""Page or fragment: the only file that speaks htmx."""

import json
from typing import cast

from flask import Flask, Response, make_response, redirect, render_template
from htmx_flask import Htmx, request
from werkzeug.wrappers import Response as AnyResponse


def start_htmx(app: Flask) -> None:
    """Let requests be read with `request.htmx`, and keep caches from mixing pages and fragments."""
    Htmx(app)

    @app.after_request
    def vary(response: Response) -> Response:
        response.vary.add("HX-Request")
        return response


def wants_fragment() -> bool:
    """True for an htmx request that swaps a part; boosted and history requests get the page."""
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render(page: str, fragment: str, /, **context: object) -> Response:
    """The page, or only its fragment where htmx asked."""
    return make_response(render_template(fragment if wants_fragment() else page, **context))


def tell(event: str, fragment: str, back: str, /, **context: object) -> AnyResponse:
    """After a change: the changed fragment and an event for htmx, a redirect to `back` for a plain
    form.
    """
    if not wants_fragment():
        return redirect(back, code=303)
    response = make_response(render_template(fragment, **context))
    response.headers["HX-Trigger"] = event
    return response


def go(address: str, *, message: str | None = None) -> AnyResponse:
    """Send the browser to another page of ours, whichever way it asked."""
    if not request.htmx:
        return redirect(address, code=303)
    response = cast("AnyResponse", make_response("", 204))
    response.headers["HX-Redirect"] = address
    if message:
        response.headers["HX-Trigger"] = json.dumps({"toast": message})
    return response
