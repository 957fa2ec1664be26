"""Headers on every answer: a strict content policy, no sniffing, no framing."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request

View = TypeVar("View", bound=Callable[..., Any])
STRICT = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self' data:",
    "form-action": "'self'",
}
SENDS_TO_GATEWAY = STRICT | {"form-action": "'self' {gateway}"}
"""For the page whose form leads to the payment gateway."""
SHOWS_FRAME = STRICT | {"frame-src": "'self'"}
"""For a page that shows another one of ours in a frame."""
FRAMED_MAIL = {
    "default-src": "'none'",
    "style-src": "'unsafe-inline'",
    "img-src": "data:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
    "sandbox": "",
}
"""For a mail shown in a frame of ours: its own styles, and nothing that acts."""

_OWN_FORMS = ("form-action", "'self'")


def harden(app: Flask) -> None:
    """Set the security headers: nothing inline, nothing foreign."""
    is_secure = app.config["SESSION_COOKIE_SECURE"]
    origins = sorted({_origin(one.issuer) for one in app.config["DCX"].single_sign_on})
    gateway = app.config["DCX"].gateway.origin
    away = "".join(f" {origin}" for origin in origins)

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "; ".join(
            f"{name} {value}{away if (name, value) == _OWN_FORMS else ''}".strip().replace(
                "{gateway}", gateway
            )
            for name, value in _policy(response).items()
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def _origin(address: str) -> str:
    """Scheme and host of an address: where a form that signs out may lead on to."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def with_policy(policy: Mapping[str, str]) -> Callable[[View], View]:
    """Give one view a content policy of its own; all others keep the strict one."""

    def declare(view: View) -> View:
        view.__dict__["policy"] = policy
        return view

    return declare


def _policy(response: Response) -> Mapping[str, str]:
    """The view's own policy where it has one; what it refuses is a page like all others."""
    view = current_app.view_functions.get(request.endpoint or "")
    policy: Mapping[str, str] = getattr(view, "policy", STRICT)
    return policy if response.status_code == HTTPStatus.OK else STRICT
