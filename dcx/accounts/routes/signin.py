"""Doors of signing in with a password, signing out, and the theme."""

from flask import current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user

from dcx.accounts.errors import (
    ClosedAccountError,
    NotBelievedError,
    ProviderDownError,
    SigninRefusedError,
    SlowDownError,
)
from dcx.accounts.forms import SigninForm, own_path
from dcx.accounts.routes.ground import (
    accounts_pages,
    came,
    keep_cookie,
    let_in_or_ask,
    now_us,
    person,
    providers,
    require_passwords,
    settings,
    vault,
)
from dcx.accounts.rules import MINUTE_US, email_fault
from dcx.accounts.service import passwords, second_factor, sessions
from dcx.accounts.service.passwords import Entered
from dcx.kit.errors import FormError, NotFoundError
from dcx.kit.ids import new_secret
from dcx.kit.vault import SealBrokenError
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go
from dcx.web.logs import note

THEMES = ("light", "dark", "system")
HALFWAY_US = 5 * MINUTE_US


@accounts_pages.get("/signin")
@open_to(Who.ANYONE)
def signin() -> ResponseReturnValue:
    wanted = own_path(request.args.get("next", "/"))
    return redirect(wanted) if current_user.is_authenticated else signin_page(wanted=wanted)


@accounts_pages.post("/signin")
@open_to(Who.ANYONE)
def enter() -> ResponseReturnValue:
    require_passwords()
    try:
        form = SigninForm.read(request.form)
        entered = _checked(form)
    except FormError as error:
        return signin_page(faults=error.fields), 422
    except (SigninRefusedError, SlowDownError, ClosedAccountError) as error:
        note("Sign-in refused", error.message, who=_said(request.form.get("email", "")))
        return signin_page(refusal=error.message), error.status
    return let_in_or_ask(entered, form.wanted)


def _said(email: str) -> str:
    """An e-mail as the log may name it; what else was typed there may be a password."""
    return email if email_fault(email) is None else "Somebody"


def _checked(form: SigninForm) -> Entered:
    """Judge e-mail and password. The try is counted and kept even where it fails."""
    with transaction() as database:
        passwords.count_try(database, form.email, came(), now_us=now_us())
    with transaction() as database:
        return passwords.sign_in(database, form.email, form.password, came(), now_us=now_us())


def signin_page(
    *, wanted: str = "/", faults: dict[str, str] | None = None, refusal: str | None = None
) -> str:
    """The page to come in by; `refusal` says why it did not work."""
    return render_template(
        "accounts/signin.html",
        is_open=settings().local_signin,
        is_demo=settings().demo,
        providers=providers(),
        wanted=own_path(request.form.get("next", wanted)),
        email=request.form.get("email", ""),
        faults=faults or {},
        refusal=refusal,
    )


@accounts_pages.get("/signin/code")
@open_to(Who.ANYONE)
def code() -> ResponseReturnValue:
    _halfway()
    return render_template("accounts/code.html", refusal=None)


@accounts_pages.post("/signin/code")
@open_to(Who.ANYONE)
def enter_code() -> ResponseReturnValue:
    key, wanted = _halfway()
    try:
        with transaction() as database:
            second_factor.count_code(database, key, now_us=now_us())
        with transaction() as database:
            entered = second_factor.enter_with_code(
                database, key, request.form.get("code", ""), came(), vault=vault(), now_us=now_us()
            )
    except (SigninRefusedError, SlowDownError) as error:
        note("Code refused", error.message, who=key)
        return render_template("accounts/code.html", refusal=error.message), error.status
    return let_in_or_ask(entered, wanted)


def _halfway() -> tuple[str, str]:
    """(person, where to) of whoever just gave their password; NotFoundError for anybody else."""
    key, since_us, wanted = session.get("halfway") or ("", 0, "/")
    if not settings().local_signin or now_us() - since_us > HALFWAY_US:
        raise NotFoundError("That took longer than five minutes. Sign in again.")
    return key, wanted


@accounts_pages.post("/signout")
@open_to(Who.ANYONE)
def signout() -> ResponseReturnValue:
    """End the session here first, whatever becomes of the provider's."""
    away = None
    if current_user.is_authenticated and current_user.scopes is None:
        who = person()
        with reading() as database:
            issuer, sealed = sessions.provider_session(database, who.token)
        with transaction() as database:
            sessions.sign_out(database, who, by=actor(), now_us=now_us())
        logout_user()
        session.clear()
        away = _at_provider(issuer, sealed)
    response = go(away or url_for("accounts.bye"))
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def _at_provider(issuer: str, sealed: str | None) -> str | None:
    """Where to sign out at the provider too; None where there is no such place, or it is down."""
    provider = next((one for one in providers().values() if one.settings.issuer == issuer), None)
    if provider is None:
        return None
    state = new_secret()
    back = f"{settings().public_url}{url_for('accounts.bye')}"
    try:
        away = provider.logout_url(vault().open(sealed) if sealed else None, back, state)
    except (ProviderDownError, SealBrokenError) as error:
        current_app.logger.warning("Signed out here only: %s", error)
        return None
    session["bye"] = state
    return away


@accounts_pages.get("/auth/bye")
@open_to(Who.ANYONE)
def bye() -> ResponseReturnValue:
    """Back from signing out: the provider answers with the state that it was given."""
    said, expected = request.args.get("state"), session.pop("bye", None)
    if said is not None and said != expected:
        raise NotBelievedError("This address only ends a sign-out that was begun here.")
    return render_template("accounts/bye.html")


@accounts_pages.post("/theme")
@open_to(Who.ANYONE)
def theme() -> ResponseReturnValue:
    wanted = request.form.get("theme", "system")
    response = redirect(own_path(request.form.get("back", "/")), code=303)
    if wanted in THEMES:
        keep_cookie(response, current_app.config["THEME_COOKIE"], wanted)
    return response
