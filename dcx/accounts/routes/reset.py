"""Doors to a new password, by a link in a mail."""

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.accounts.errors import AccountRefusedError, SlowDownError
from dcx.accounts.routes.ground import accounts_pages, now_us, require_passwords, site
from dcx.accounts.service import passwords
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, open_to
from dcx.web.htmx import go


@accounts_pages.get("/forgot")
@open_to(Who.ANYONE)
def forgot() -> ResponseReturnValue:
    require_passwords()
    return render_template("accounts/forgot.html", is_sent=False, refusal=None)


@accounts_pages.post("/forgot")
@open_to(Who.ANYONE)
def ask_reset() -> ResponseReturnValue:
    """The answer is the same whether anybody has the e-mail or not."""
    require_passwords()
    try:
        with transaction() as database:
            passwords.ask_reset(
                database,
                request.form.get("email", ""),
                site=site(),
                address=request.remote_addr or "",
                now_us=now_us(),
            )
    except SlowDownError as error:
        return render_template("accounts/forgot.html", is_sent=False, refusal=error.message), 429
    return render_template("accounts/forgot.html", is_sent=True, refusal=None)


@accounts_pages.get("/reset/<token>")
@open_to(Who.ANYONE)
def reset(token: str) -> ResponseReturnValue:
    require_passwords()
    with reading() as database:
        email = passwords.reset_holder(database, token, now_us=now_us())
    return render_template("accounts/reset.html", token=token, email=email, fault=None)


@accounts_pages.post("/reset/<token>")
@open_to(Who.ANYONE)
def set_password(token: str) -> ResponseReturnValue:
    require_passwords()
    with reading() as database:
        email = passwords.reset_holder(database, token, now_us=now_us())
    try:
        with transaction() as database:
            passwords.reset_password(
                database,
                token,
                request.form.get("password", ""),
                address=request.remote_addr or "",
                now_us=now_us(),
            )
    except AccountRefusedError as error:
        page = render_template("accounts/reset.html", token=token, email=email, fault=error.message)
        return page, error.status
    flash("Your new password is set. Sign in with it.", "ok")
    return go(url_for("accounts.signin"))
