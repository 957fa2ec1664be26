"""Who is at the door: flask-login asks here for the person of a cookie or the holder of a key."""

from datetime import UTC, datetime

from flask import Flask, Request
from flask_login import LoginManager

from dcx.accounts.service import Nobody, SignedIn
from dcx.accounts.service import keys as key_service
from dcx.accounts.service import sessions as session_service
from dcx.accounts.service.keys import KeyHolder
from dcx.kit.periods import to_us
from dcx.repository.session import reading, transaction


def register_people(app: Flask) -> None:
    """Let flask-login find people by their session and programs by their key."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.anonymous_user = Nobody
    manager.user_loader(_person)
    manager.request_loader(_key_holder)


def _person(token: str) -> SignedIn | None:
    now_us = to_us(datetime.now(UTC))
    with reading() as session:
        person, is_stale = session_service.session_of(session, token, now_us=now_us)
    if person and is_stale:
        with transaction() as session:
            session_service.touch(session, token, now_us=now_us)
    return person


def _key_holder(request: Request) -> KeyHolder | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        return None
    now_us = to_us(datetime.now(UTC))
    with reading() as session:
        holder, is_stale = key_service.key_of(session, secret.strip(), now_us=now_us)
    if holder and is_stale:
        with transaction() as session:
            key_service.touch_key(session, holder, now_us=now_us)
    return holder
