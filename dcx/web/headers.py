"""Headers on every answer: a strict content policy, no sniffing, no framing."""

from urllib.parse import urlsplit

from flask import Flask, Response, request


def harden(app: Flask) -> None:
    """Set the security headers: nothing inline, nothing foreign."""
    is_secure = app.config["SESSION_COOKIE_SECURE"]
    away = " ".join(sorted({_origin(one.issuer) for one in app.config["DCX"].single_sign_on}))

    @app.after_request
    def headers(response: Response) -> Response:
        policy = response.content_security_policy
        policy.default_src = policy.base_uri = policy.frame_ancestors = policy.object_src = "'none'"
        policy.script_src = policy.style_src = policy.font_src = policy.connect_src = "'self'"
        policy.img_src = "'self' data:"
        policy.form_action = f"'self' {away}".strip()
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        if is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def _origin(address: str) -> str:
    """Scheme and host of an address: where a form that signs out may lead on to."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
