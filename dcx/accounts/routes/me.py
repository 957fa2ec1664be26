"""Doors of one's own account: where one is signed in, the password, the second factor, access."""

import segno
from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from dcx.accounts.errors import SigninRefusedError, SlowDownError
from dcx.accounts.routes.ground import (
    accounts_pages,
    now_us,
    person,
    settings,
    site,
    tried,
    vault,
)
from dcx.accounts.service import access, passwords, people, second_factor, sessions
from dcx.accounts.service.second_factor import Proof
from dcx.kit.vault import SealBrokenError
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go
from dcx.web.logs import note


@accounts_pages.get("/me")
@open_to(Who.SIGNED_IN)
def me() -> ResponseReturnValue:
    who = person()
    with reading() as database:
        known = people.get_person(database, who.key)
        browsers = sessions.browsers(database, known.id, token=who.token, now_us=now_us())
    return render_template(
        "accounts/me.html", known=known, browsers=browsers, is_open=settings().local_signin
    )


@accounts_pages.post("/me/sessions/<key>/end")
@open_to(Who.SIGNED_IN)
def end_own_session(key: str) -> ResponseReturnValue:
    with transaction() as database:
        sessions.end_browser(database, key, of=person().key, by=actor(), now_us=now_us())
    return go(url_for("accounts.me"))


@accounts_pages.post("/me/sessions/end-others")
@open_to(Who.SIGNED_IN)
def end_other_sessions() -> ResponseReturnValue:
    with transaction() as database:
        count = sessions.end_others(database, person(), by=actor(), now_us=now_us())
    flash(f"{count} other sessions ended." if count != 1 else "The other session ended.", "ok")
    return go(url_for("accounts.me"))


@accounts_pages.post("/me/password")
@open_to(Who.SIGNED_IN)
def change_password() -> ResponseReturnValue:
    def work() -> str:
        with transaction() as database:
            passwords.count_tries(database, "password", person().key, now_us=now_us())
        with transaction() as database:
            passwords.change_password(
                database,
                person(),
                request.form.get("old", ""),
                request.form.get("new", ""),
                by=actor(),
                now_us=now_us(),
            )
        return "Your password is changed, and your other sessions ended."

    return tried(work, url_for("accounts.me"))


@accounts_pages.get("/me/second-factor")
@open_to(Who.SIGNED_IN)
def second_factor_page() -> ResponseReturnValue:
    who = person()
    if not who.has_password:
        return redirect(url_for("accounts.me"))
    enrolment = second_factor.begin(who.email, site().provider)
    session["enrolment"] = vault().seal(enrolment.secret)
    return _enrolment_page(enrolment.secret, enrolment.address, None)


def _enrolment_page(secret: str, address: str, refusal: str | None) -> str:
    picture = segno.make(address).svg_data_uri(scale=4, dark="#161b26", light="#ffffff")
    return render_template(
        "accounts/second_factor.html", secret=secret, picture=picture, refusal=refusal
    )


@accounts_pages.post("/me/second-factor")
@open_to(Who.SIGNED_IN)
def switch_second_factor_on() -> ResponseReturnValue:
    """Codes are asked for once one was made: a slip of the phone locks nobody out. The password
    shows that it is not somebody at an open browser.
    """
    try:
        secret = vault().open(session.get("enrolment", ""))
    except SealBrokenError:
        return redirect(url_for("accounts.second_factor_page"))
    proof = Proof(secret, request.form.get("code", ""))
    try:
        with transaction() as database:
            passwords.count_tries(database, "password", person().key, now_us=now_us())
        with transaction() as database:
            passwords.require_password(database, person(), request.form.get("password", ""))
            second_factor.switch_on(
                database, person().key, proof, vault=vault(), by=actor(), now_us=now_us()
            )
    except (SigninRefusedError, SlowDownError) as error:
        note("Not confirmed", error.message)
        address = second_factor.address_of(secret, person().email, site().provider)
        return _enrolment_page(secret, address, error.message), error.status
    session.pop("enrolment")
    flash("From now on, signing in with your password asks for a code too.", "ok")
    return go(url_for("accounts.me"))


@accounts_pages.post("/me/second-factor/off")
@open_to(Who.SIGNED_IN)
def switch_second_factor_off() -> ResponseReturnValue:
    """Only with the password in hand: an open browser alone must not do it."""

    def work() -> str:
        with transaction() as database:
            passwords.count_tries(database, "password", person().key, now_us=now_us())
        with transaction() as database:
            passwords.require_password(database, person(), request.form.get("password", ""))
            second_factor.switch_off(database, person().key, by=actor(), now_us=now_us())
        return "The second factor is off. Your password alone signs you in."

    return tried(work, url_for("accounts.me"))


@accounts_pages.get("/welcome")
@open_to(Who.SIGNED_IN)
def welcome() -> ResponseReturnValue:
    """For somebody without any rights: how to get them."""
    with reading() as database:
        asked = access.request_of(database, person().key)
    return render_template("accounts/welcome.html", asked=asked, refusal=None)


@accounts_pages.post("/welcome")
@open_to(Who.SIGNED_IN)
def ask_access() -> ResponseReturnValue:
    def work() -> str:
        with transaction() as database:
            note = request.form.get("note", "")
            access.ask(database, person().key, note, by=actor(), now_us=now_us())
        return "Staff see your request. You get a mail when you can go on."

    return tried(work, url_for("accounts.welcome"))
