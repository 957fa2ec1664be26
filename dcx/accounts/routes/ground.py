"""What the doors of accounts share: who comes, from where, and how they are let in."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user
from werkzeug.wrappers import Response

from dcx.accounts.errors import SigninRefusedError, SlowDownError
from dcx.accounts.oidc import Provider
from dcx.accounts.rules import SCOPE_WORDS
from dcx.accounts.service import SignedIn, session_of
from dcx.accounts.service.passwords import Entered
from dcx.accounts.service.sessions import Came
from dcx.kit.errors import DomainError, NotFoundError
from dcx.kit.periods import to_us
from dcx.kit.vault import Vault
from dcx.notifications.service import Site
from dcx.repository.session import reading
from dcx.settings import Settings
from dcx.web.htmx import go
from dcx.web.logs import note

accounts_pages = Blueprint("accounts", __name__)
accounts_pages.add_app_template_global(SCOPE_WORDS, "SCOPE_WORDS")  # type: ignore[arg-type]
YEAR_S = 365 * 24 * 3600


def settings() -> Settings:
    found: Settings = current_app.config["DCX"]
    return found


def vault() -> Vault:
    found: Vault = current_app.config["VAULT"]
    return found


def providers() -> dict[str, Provider]:
    """The providers of single sign-on, by their slug."""
    found: dict[str, Provider] = current_app.config["PROVIDERS"]
    return found


def site() -> Site:
    return Site.of(settings())


def now_us() -> int:
    return to_us(datetime.now(UTC))


def person() -> SignedIn:
    """Whoever is signed in, out of flask-login's proxy: only for doors that ask for somebody."""
    found = current_user._get_current_object()  # noqa: SLF001
    if not isinstance(found, SignedIn):
        raise NotFoundError("This page does not exist, or it is not yours to see.")
    return found


def came() -> Came:
    """Where this request comes from."""
    agent = request.headers.get("User-Agent", "")
    return Came(request.remote_addr or "", agent, request.cookies.get(_device_cookie()))


def let_in(token: str, wanted: str, device: str | None = None) -> Response:
    """Give the browser its session: nothing of the one before it is kept."""
    session.clear()
    with reading() as database:
        login_user(session_of(database, token, now_us=now_us()).person)
    response = redirect(wanted, code=303)
    if device:
        keep_cookie(response, _device_cookie(), device)
    return response


def keep_cookie(response: Response, name: str, value: str) -> None:
    """Let the browser keep something for a year, out of reach of scripts and other sites."""
    response.set_cookie(
        name,
        value,
        max_age=YEAR_S,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
    )


def require_passwords() -> None:
    """NotFoundError where nobody signs in with a password."""
    if not settings().local_signin:
        raise NotFoundError("Signing in with a password is switched off here.")


def let_in_or_ask(entered: Entered, wanted: str) -> ResponseReturnValue:
    """Let in whoever entered; or remember for five minutes whose code is asked for."""
    if entered.token is not None:
        return let_in(entered.token, wanted, entered.device)
    session["halfway"] = [entered.person, now_us(), wanted]
    return redirect(url_for("accounts.code"), code=303)


def _device_cookie() -> str:
    is_secure = current_app.config["SESSION_COOKIE_SECURE"]
    return "__Host-dcx-device" if is_secure else "dcx-device"


def tried(work: Callable[[], str], back: str) -> Response:
    """Do what a small form asks for, and say on the page it came from how it went."""
    try:
        flash(work(), "ok")
    except NotFoundError:
        raise
    except DomainError as error:
        if isinstance(error, (SigninRefusedError, SlowDownError)):
            note("Not confirmed", error.message)
        flash(error.message, "bad")
    return go(back)
