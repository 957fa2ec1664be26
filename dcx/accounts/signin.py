"""Who is at the door: flask-login asks here for the person of a cookie or the holder of a key."""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Flask, Request, current_app, request, session
from flask_login import LoginManager, current_user

from dcx.accounts.service import Nobody, SignedIn
from dcx.accounts.service import keys as key_service
from dcx.accounts.service import sessions as session_service
from dcx.accounts.service.keys import KeyHolder
from dcx.accounts.service.sessions import Seen
from dcx.kit.periods import to_us
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, door_of


def register_people(app: Flask) -> None:
    """Let flask-login find people by their session and programs by their key."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.anonymous_user = Nobody
    manager.user_loader(_person)
    manager.request_loader(_key_holder)


def watch_staff(app: Flask) -> None:
    """Put on record, once a session, that staff look at a customer's pages. After the guard."""
    app.before_request(_note_viewing)


def _person(token: str) -> SignedIn | None:
    now_us = _now_us()
    with reading() as database:
        seen = session_service.session_of(database, token, now_us=now_us)
    if seen.person is None or not (seen.is_stale or seen.must_rotate):
        return seen.person
    address = request.remote_addr or ""
    with transaction() as database:
        session_service.touch(database, token, address=address, now_us=now_us)
        new_token = session_service.rotate(database, token) if seen.must_rotate else token
    return _moved(seen, new_token)


def _moved(seen: Seen, token: str | None) -> SignedIn | None:
    """The same person under a new token, which the browser is told; None where another request of
    this browser got it.
    """
    if seen.person is None or token is None:
        return None
    if token != seen.person.token:
        session["_user_id"] = token
    return replace(seen.person, token=token)


def _key_holder(sent: Request) -> KeyHolder | None:
    scheme, _, secret = sent.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        return None
    now_us = _now_us()
    with reading() as database:
        holder, is_stale = key_service.key_of(database, secret.strip(), now_us=now_us)
    if holder and is_stale:
        with transaction() as database:
            key_service.touch_key(database, holder, now_us=now_us)
    return holder


def _note_viewing() -> None:
    customer = (request.view_args or {}).get("customer")
    if customer is None or door_of(current_app, request.endpoint or "") not in _CUSTOMERS_DOORS:
        return
    person = current_user._get_current_object()  # noqa: SLF001
    if not isinstance(person, SignedIn) or not person.staff_role:
        return
    with reading() as database:
        is_known = session_service.has_viewed(database, person, customer)
    if not is_known:
        with transaction() as database:
            session_service.view(database, person, customer, by=actor(), now_us=_now_us())


_CUSTOMERS_DOORS = {Who.CUSTOMER, Who.OWNER}


def _now_us() -> int:
    return to_us(datetime.now(UTC))
