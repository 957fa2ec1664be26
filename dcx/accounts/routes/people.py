"""Doors of staff: people, their roles and sessions, and who asks for access."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.accounts.routes.ground import accounts_pages, now_us, site, tried
from dcx.accounts.service import access, customers, people, second_factor, sessions
from dcx.accounts.service.people import RoleAt
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go, render


@accounts_pages.get("/people")
@open_to(Who.STAFF)
def everybody() -> ResponseReturnValue:
    words, staff_only = request.args.get("q", ""), request.args.get("only") == "staff"
    after = request.args.get("after", type=int)
    with reading() as database:
        page = people.people(database, words=words, staff_only=staff_only, after=after)
        asking = access.asking(database)
        choices = customers(database) if asking else []
    return render(
        "accounts/people.html",
        "accounts/_people.html",
        page=page,
        words=words,
        staff_only=staff_only,
        asking=asking,
        choices=sorted(choices, key=lambda each: each.name),
    )


@accounts_pages.get("/people/<key>")
@open_to(Who.STAFF)
def one_person(key: str) -> ResponseReturnValue:
    with reading() as database:
        known = people.get_person(database, key)
        browsers = sessions.browsers(database, known.id, token=None, now_us=now_us())
    return render_template("accounts/person.html", known=known, browsers=browsers)


@accounts_pages.post("/people/<key>/staff-role")
@open_to(Who.ADMIN)
def change_staff_role(key: str) -> ResponseReturnValue:
    role = request.form.get("role") or None

    def work() -> str:
        with transaction() as database:
            people.change_staff_role(database, key, role, by=actor(), now_us=now_us())
        return f"Staff role: {role}." if role else "No longer staff."

    return tried(work, url_for("accounts.one_person", key=key))


@accounts_pages.post("/people/<key>/close")
@open_to(Who.ADMIN)
def close_person(key: str) -> ResponseReturnValue:
    def work() -> str:
        with transaction() as database:
            people.close_person(database, key, by=actor(), now_us=now_us())
        return "The account is closed, and its sessions ended."

    return tried(work, url_for("accounts.one_person", key=key))


@accounts_pages.post("/people/<key>/reopen")
@open_to(Who.ADMIN)
def reopen_person(key: str) -> ResponseReturnValue:
    def work() -> str:
        with transaction() as database:
            people.reopen_person(database, key, by=actor(), now_us=now_us())
        return "The account is open again."

    return tried(work, url_for("accounts.one_person", key=key))


@accounts_pages.post("/people/<key>/second-factor/off")
@open_to(Who.ADMIN)
def take_second_factor(key: str) -> ResponseReturnValue:
    """For somebody who lost their phone."""

    def work() -> str:
        with transaction() as database:
            second_factor.switch_off(database, key, by=actor(), now_us=now_us())
        return "The second factor is off."

    return tried(work, url_for("accounts.one_person", key=key))


@accounts_pages.post("/people/<key>/sessions/<session>/end")
@open_to(Who.BILLING)
def end_session(key: str, session: str) -> ResponseReturnValue:
    with transaction() as database:
        sessions.end_browser(database, session, of=key, by=actor(), now_us=now_us())
    return go(url_for("accounts.one_person", key=key))


@accounts_pages.post("/people/<key>/grant")
@open_to(Who.BILLING)
def grant(key: str) -> ResponseReturnValue:
    wanted = RoleAt(request.form.get("customer", ""), request.form.get("role", "viewer"))

    def work() -> str:
        with transaction() as database:
            access.grant(database, key, wanted, site=site(), by=actor(), now_us=now_us())
        return f"They are {wanted.role} at {wanted.customer} now, and get a mail."

    return tried(work, url_for("accounts.everybody"))


@accounts_pages.post("/people/<key>/decline")
@open_to(Who.BILLING)
def decline(key: str) -> ResponseReturnValue:
    with transaction() as database:
        access.decline(database, key, by=actor(), now_us=now_us())
    return go(url_for("accounts.everybody"))
