"""Doors of an invitation's link."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dcx.accounts.errors import AccountRefusedError
from dcx.accounts.routes.ground import (
    accounts_pages,
    came,
    let_in_or_ask,
    now_us,
    person,
    providers,
    require_passwords,
    settings,
    tried,
)
from dcx.accounts.service import invitations
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to


@accounts_pages.get("/invitations/<token>")
@open_to(Who.ANYONE)
def invitation(token: str) -> ResponseReturnValue:
    return _page(token, None)


def _page(token: str, fault: str | None) -> str:
    with reading() as database:
        invited = invitations.get_invitation(database, token, now_us=now_us())
    return render_template(
        "accounts/invitation.html",
        token=token,
        invited=invited,
        providers=providers(),
        is_open=settings().local_signin,
        is_in=current_user.is_authenticated and current_user.scopes is None,
        name=request.form.get("name", ""),
        fault=fault,
    )


@accounts_pages.post("/invitations/<token>")
@open_to(Who.SIGNED_IN)
def accept(token: str) -> ResponseReturnValue:
    """Take the role as whoever is signed in."""

    def work() -> str:
        with transaction() as database:
            invitations.accept(database, token, person(), by=actor(), now_us=now_us())
        return "You are in. Welcome."

    return tried(work, url_for("dashboard.home"))


@accounts_pages.post("/invitations/<token>/account")
@open_to(Who.ANYONE)
def accept_with_password(token: str) -> ResponseReturnValue:
    """Make an account with a password for the invited e-mail, and sign it in."""
    require_passwords()
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        with transaction() as database:
            _, entered = invitations.accept_with_password(
                database, token, name, password, came(), now_us=now_us()
            )
    except AccountRefusedError as error:
        return _page(token, error.message), error.status
    return let_in_or_ask(entered, url_for("dashboard.home"))
