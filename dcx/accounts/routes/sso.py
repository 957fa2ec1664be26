"""Doors of single sign-on: there, back, and the provider's own word that a session ended."""

import json

from flask import current_app, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from dcx.accounts.errors import (
    BrokenOffError,
    ClosedAccountError,
    NotBelievedError,
    ProviderDownError,
    SlowDownError,
)
from dcx.accounts.forms import own_path
from dcx.accounts.oidc import Asked, Provider, issuer_said
from dcx.accounts.routes.ground import (
    accounts_pages,
    came,
    let_in,
    now_us,
    providers,
    settings,
    vault,
)
from dcx.accounts.routes.signin import signin_page
from dcx.accounts.rules import MINUTE_US
from dcx.accounts.service import arrivals, passwords, sessions
from dcx.kit.errors import DomainError, NotFoundError
from dcx.kit.periods import SECOND_US
from dcx.kit.vault import SealBrokenError
from dcx.repository.session import transaction
from dcx.web.doors import Who, open_to

LONGEST_US = 30 * MINUTE_US
MOST_BEGUN = 5
_CANCELLED = "You did not sign in there, so nothing changed. Try again whenever you like."
_DOWN = "The sign-in service does not answer as it should. Try again in a minute."
_LOST = "This sign-in was begun in another browser, or took longer than 30 minutes. Begin again."
_NOT_BELIEVED = "The answer of the sign-in service does not hold, so nobody was signed in."
_WORDS: dict[type, str] = {ProviderDownError: _DOWN, NotBelievedError: _NOT_BELIEVED}


@accounts_pages.get("/auth/signin/<slug>")
@open_to(Who.ANYONE)
def begin(slug: str) -> ResponseReturnValue:
    """Send the browser to a provider, and remember what its answer must fit to.

    A link on somebody else's page signs nobody in: it leads to the page with the button.
    """
    provider = providers().get(slug)
    if provider is None:
        raise NotFoundError("There is no such sign-in service.")
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return redirect(url_for("accounts.signin", next=own_path(request.args.get("next", "/"))))
    try:
        asked = provider.begin(_callback())
    except ProviderDownError as error:
        return _failed(error)
    wanted = own_path(request.args.get("next", "/"))
    _remember(asked, slug, wanted)
    return redirect(asked.url)


@accounts_pages.get("/auth/callback")
@open_to(Who.ANYONE)
def callback() -> ResponseReturnValue:
    """Back from a provider. A state is good for one answer, whatever the answer is."""
    wanted = "/"
    try:
        asked, slug, wanted = _recalled(request.args.get("state", ""))
        token = _arrived(providers()[slug], asked)
    except (ProviderDownError, NotBelievedError, BrokenOffError, ClosedAccountError) as error:
        return _failed(error, wanted)
    return let_in(token, wanted)


def _arrived(provider: Provider, asked: Asked) -> str:
    """Ask the provider outside any transaction; then open the session in one."""
    if request.args.get("error"):
        raise BrokenOffError(_CANCELLED)
    if request.args.get("iss", provider.settings.issuer).rstrip("/") != provider.settings.issuer:
        raise NotBelievedError("The answer came from another issuer (RFC 9207).")
    code = request.args.get("code", "")
    claims = provider.finish(code, asked, _callback(), now_s=now_us() / SECOND_US)
    with transaction() as database:
        return arrivals.arrive(
            database, claims, came(), provider=provider.settings, vault=vault(), now_us=now_us()
        )


def _remember(asked: Asked, slug: str, wanted: str) -> None:
    """Keep what was begun in the browser's own cookie, sealed; the five newest."""
    begun: dict[str, str] = session.get("begun", {})
    told = [asked.nonce, asked.verifier, slug, wanted, now_us()]
    begun[asked.state] = vault().seal(json.dumps(told))
    session["begun"] = dict(list(begun.items())[-MOST_BEGUN:])


def _recalled(state: str) -> tuple[Asked, str, str]:
    """(what was asked, of which provider, where to) of a state, once; BrokenOffError where it was
    not begun in this browser, or long ago.
    """
    begun: dict[str, str] = session.get("begun", {})
    sealed = begun.pop(state, "")
    session["begun"] = begun
    try:
        nonce, verifier, slug, wanted, since_us = json.loads(vault().open(sealed))
    except (SealBrokenError, ValueError) as error:
        raise BrokenOffError(_LOST) from error
    if now_us() - since_us > LONGEST_US or slug not in providers():
        raise BrokenOffError(_LOST)
    return Asked("", state, nonce, verifier), slug, wanted


def _failed(error: DomainError, wanted: str = "/") -> ResponseReturnValue:
    """The sign-in page with a sentence for people; the log gets the reason."""
    reason = " ".join(error.message.split())[:500]
    current_app.logger.warning("Single sign-on failed: %s", reason)
    words = _WORDS.get(type(error), error.message)
    return signin_page(wanted=wanted, refusal=words), error.status


def _callback() -> str:
    return f"{settings().public_url}{url_for('accounts.callback')}"


@accounts_pages.post("/auth/backchannel-logout")
@open_to(Who.ANYONE)
def backchannel_logout() -> ResponseReturnValue:
    """A provider says that somebody signed out there: end exactly the sessions that it names."""
    raw, address = request.form.get("logout_token", ""), request.remote_addr or ""
    try:
        with transaction() as database:
            passwords.count_tries(database, "logout", address, now_us=now_us())
        call = _provider_of(raw).logout_call(raw, now_s=now_us() / SECOND_US)
        with transaction() as database:
            sessions.end_by_provider(database, call, address=address, now_us=now_us())
    except (NotBelievedError, ProviderDownError, SlowDownError) as error:
        current_app.logger.warning("A logout token was refused: %s", error)
        said = {"error": "invalid_request", "error_description": error.message}
        return make_response(said, 429 if isinstance(error, SlowDownError) else 400)
    return make_response("", 200)


def _provider_of(raw: str) -> Provider:
    """The provider that a token claims to be from; NotBelievedError where none is known."""
    issuer = issuer_said(raw)
    for provider in providers().values():
        if provider.settings.issuer == issuer:
            return provider
    raise NotBelievedError("The token is not from a provider that is known here.")
