"""One place turns refusals into a page, a fragment or JSON."""

import logging
import sqlite3
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

import psycopg
from flask import (
    Flask,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.wrappers import Response

from dcx.kit.errors import DomainError, FormError, NotSignedInError
from dcx.repository.session import place_of_error
from dcx.web.htmx import wants_fragment
from dcx.web.logs import note, route

log = logging.getLogger(__name__)
_NOTED = {401, 403, 404, 429}
_WORDS = {
    400: ("This request cannot be read", "Go back, reload the page and try again."),
    404: ("Nothing here", "This page does not exist, or it is not yours to see."),
    405: ("Not that way", "This address does not answer to that kind of request."),
    413: ("Too large", "Send it in smaller parts, or import it with flask metering import."),
    429: ("Too many tries", "Wait a minute, then try again."),
    500: (
        "This did not work",
        "It is our fault and has been written to the log. Nothing was changed.",
    ),
    503: ("The database does not answer", "Nothing was changed. Try again in a moment."),
}


def handle_errors(app: Flask) -> None:
    """Register the handlers for refusals, HTTP errors, a busy database and what nobody expected."""
    app.register_error_handler(NotSignedInError, _not_signed_in)
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SecurityError, _foreign_host)
    for failure in (OperationalError, sqlite3.OperationalError, psycopg.OperationalError):
        app.register_error_handler(failure, _database)
    app.register_error_handler(Exception, _unexpected)


def is_api() -> bool:
    return request.path.startswith("/api/")


def _not_signed_in(error: NotSignedInError) -> Response:
    if is_api():
        return _refused(error)
    address = url_for("accounts.signin", next=_where_they_were())
    if wants_fragment():
        response = make_response("", 401)
        response.headers["HX-Redirect"] = address
        return response
    if "_user_id" in session:
        return make_response(render_template("errors/ended.html", address=address), 401)
    return redirect(address)


def _where_they_were() -> str:
    """The page in the address bar, as far as this request tells; "/" where it does not."""
    if request.method == "GET" and not wants_fragment():
        return request.full_path.rstrip("?")
    told = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    if told.netloc != request.host:
        return "/"
    return f"{told.path}?{told.query}" if told.query else told.path or "/"


def _refused(error: DomainError) -> Response:
    if error.status in _NOTED:
        note("Refused", error.message)
    fields = error.fields if isinstance(error, FormError) else None
    title = _WORDS.get(error.status, ("Not done", ""))[0]
    return answer(error.status, error.code, title, error.message, fields)


def _csrf(error: CSRFError) -> Response:
    note("Forged or stale form", error.description or "")
    return answer(400, "csrf", "This form has gone stale", "Reload the page and send it again.")


def _foreign_host(_: SecurityError) -> Response:
    """No page can be drawn for a host that is not ours: it has no addresses here."""
    note("Foreign host", request.environ.get("HTTP_HOST", ""), who="Somebody")
    response = make_response("This host is not served here. DCX_HOSTS names those that are.\n", 400)
    response.mimetype = "text/plain"
    return response


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None:
        return cast("Response", error.response)
    name = HTTPStatus(status).phrase
    title, words = _WORDS.get(status, (name, error.description or name))
    response = answer(status, name.lower().replace(" ", "_"), title, words)
    for header, value in error.get_headers():
        if header in {"Allow", "Retry-After"}:
            response.headers[header] = value
    return response


def _database(error: Exception) -> Response:
    log.error("The %s does not answer: %s", place_of_error(error), error)
    return answer(503, "unavailable", *_WORDS[503])


def _unexpected(error: Exception) -> Response:
    log.error("%s %s failed", request.method, route(), exc_info=error)
    if is_api():
        return answer(500, "internal", *_WORDS[500])
    return _http(InternalServerError(original_exception=error))


def answer(
    status: int, code: str, title: str, message: str, fields: dict[str, str] | None = None
) -> Response:
    if is_api():
        error: dict[str, object] = {"code": code, "message": message}
        if fields:
            error["fields"] = fields
        return make_response({"error": error}, status)
    said = {"status": status, "title": title, "message": message}
    if wants_fragment():
        return make_response(render_template("errors/_error.html", **said), status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return make_response(_bare_page(said), status)
    return make_response(render_template("errors/error.html", **said), status)


def _bare_page(said: dict[str, object]) -> str:
    """A page that asks nothing of the databases, which may be what failed."""
    settings = current_app.config["DCX"]
    frame = {
        "viewer": None,
        "theme": request.cookies.get("theme", "system"),
        "provider": settings.provider,
        "page_language": settings.locale.replace("_", "-"),
    }
    template = current_app.jinja_env.get_template("errors/error.html")
    return template.render(**frame, **said)
