"""Doors of accounts: sign in, sign out, theme, add a customer."""

from dataclasses import asdict
from datetime import UTC, datetime

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from dcx.accounts import service
from dcx.accounts.errors import AccountRefusedError, SigninRefusedError
from dcx.accounts.forms import SigninForm, own_path, read_customer
from dcx.accounts.service.sessions import SignedIn, count_try
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.errors import FormError
from dcx.kit.periods import to_us
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go

accounts_pages = Blueprint("accounts", __name__)
THEMES = ("light", "dark", "system")
YEAR_S = 365 * 24 * 3600


@accounts_pages.get("/signin")
@open_to(Who.ANYONE)
def signin() -> ResponseReturnValue:
    return _signin_page(wanted=own_path(request.args.get("next", "/")))


@accounts_pages.post("/signin")
@open_to(Who.ANYONE)
def enter() -> ResponseReturnValue:
    try:
        form = SigninForm.read(request.form)
        token = _checked(form)
    except FormError as error:
        return _signin_page(faults=error.fields), 422
    except SigninRefusedError as error:
        return _signin_page(refusal=error.message), 422
    session.clear()
    now_us = to_us(datetime.now(UTC))
    with reading() as database:
        person, _ = service.session_of(database, token, now_us=now_us)
    login_user(person)
    return redirect(form.wanted, code=303)


def _checked(form: SigninForm) -> str:
    """The token of a new session. The try is counted and kept even where it fails."""
    now_us = to_us(datetime.now(UTC))
    address = request.remote_addr or ""
    with transaction() as database:
        count_try(database, form.email, address, now_us=now_us)
    seen_from = (address, request.headers.get("User-Agent", ""))
    with transaction() as database:
        return service.sign_in(
            database, form.email, form.password, seen_from=seen_from, now_us=now_us
        )


def _signin_page(
    *, wanted: str = "/", faults: dict[str, str] | None = None, refusal: str | None = None
) -> str:
    return render_template(
        "accounts/signin.html",
        is_open=current_app.config["DCX"].local_signin,
        is_demo=current_app.config["DCX"].demo,
        wanted=own_path(request.form.get("next", wanted)),
        email=request.form.get("email", ""),
        faults=faults or {},
        refusal=refusal,
    )


@accounts_pages.post("/signout")
@open_to(Who.ANYONE)
def signout() -> ResponseReturnValue:
    if isinstance(current_user._get_current_object(), SignedIn):  # noqa: SLF001
        with transaction() as database:
            service.sign_out(database, current_user.token, now_us=to_us(datetime.now(UTC)))
    logout_user()
    session.clear()
    return go(url_for("accounts.signin"))


@accounts_pages.post("/theme")
@open_to(Who.ANYONE)
def theme() -> ResponseReturnValue:
    wanted = request.form.get("theme", "system")
    response = redirect(own_path(request.form.get("back", "/")), code=303)
    if wanted in THEMES:
        response.set_cookie(
            "theme",
            wanted,
            max_age=YEAR_S,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
        )
    return response


@accounts_pages.get("/customers/new")
@open_to(Who.BILLING)
def new_customer() -> ResponseReturnValue:
    return render_template("accounts/new_customer.html", sent={}, faults={}, refusal=None)


@accounts_pages.post("/customers")
@open_to(Who.BILLING)
def add_customer() -> ResponseReturnValue:
    try:
        customer, now_us = read_customer(request.form), to_us(datetime.now(UTC))
        with transaction() as database:
            is_new = service.find_customer(database, customer.key) is None
            service.add_customer(database, customer, now_us=now_us)
            if is_new:
                facts = {name: fact for name, fact in asdict(customer).items() if name != "key"}
                deed = Deed("customer added", customer.key, customer.key, after=facts)
                journal.record(database, actor(), deed, now_us=now_us)
    except FormError as error:
        return _new_customer_page(faults=error.fields), 422
    except AccountRefusedError as error:
        return _new_customer_page(refusal=error.message), 422
    return go(url_for("dashboard.customer", key=customer.key))


def _new_customer_page(*, faults: dict[str, str] | None = None, refusal: str | None = None) -> str:
    return render_template(
        "accounts/new_customer.html", sent=request.form, faults=faults or {}, refusal=refusal
    )
