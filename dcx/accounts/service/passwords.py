"""Signing in with a password: tries, known browsers, and links to a new password.

Wrong tries are counted in the database. Whoever tries from an unknown browser is slowed down by
e-mail and by address; a browser in which the person signed in before counts its own tries only,
so that strangers' guesses lock nobody out.
"""

from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy.orm import Session

from dcx.accounts.errors import (
    AccountRefusedError,
    ClosedAccountError,
    LinkGoneError,
    SigninRefusedError,
    SlowDownError,
    UnknownPersonError,
)
from dcx.accounts.models import Device, Person, ResetLink
from dcx.accounts.repository import AccessRepository, PersonRepository, SessionRepository
from dcx.accounts.rules import RESET_US, password_fault
from dcx.accounts.service import letters
from dcx.accounts.service.people import said
from dcx.accounts.service.sessions import Came, SignedIn, open_session
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.ids import fingerprint, new_secret
from dcx.notifications.service import Site

MOST_TRIES = {
    "email": 10,
    "address": 50,
    "device": 10,
    "code": 5,
    "password": 10,
    "reset": 20,
    "mail": 3,
    "logout": 600,
}
SLOW_DOWN = "Too many failed sign-ins. Wait 15 minutes, then try again."


@dataclass(frozen=True, slots=True)
class Entered:
    """A password that fitted: a session's token and a new browser's, or (token None) whose second
    factor is asked for next.
    """

    person: str
    token: str | None
    device: str | None = None


def count_try(session: Session, email: str, came: Came, *, now_us: int) -> None:
    """Count a try before it is judged, in a transaction of its own; SlowDownError beyond the
    limit.
    """
    login = email.strip().lower()
    person = PersonRepository(session).find(login)
    if person and _is_known(session, came.device, person):
        count_tries(session, "device", fingerprint(came.device or ""), now_us=now_us)
        return
    count_tries(session, "email", login, now_us=now_us)
    count_tries(session, "address", came.address, now_us=now_us)


def _is_known(session: Session, device: str | None, person: Person) -> bool:
    """Did this person sign in with this browser before?"""
    if not device:
        return False
    return SessionRepository(session).is_device_of(fingerprint(device), person.id)


def count_tries(session: Session, kind: str, subject: str, *, now_us: int) -> None:
    """Count one try of a kind; SlowDownError beyond its limit in a quarter of an hour."""
    if journal.count(session, f"sign-in by {kind}", subject, now_us=now_us) > MOST_TRIES[kind]:
        raise SlowDownError(SLOW_DOWN)


def sign_in(session: Session, email: str, password: str, came: Came, *, now_us: int) -> Entered:
    """Open a session for whoever knows the password, or ask for their second factor.

    SigninRefusedError where e-mail and password do not fit, whichever of them is wrong;
    ClosedAccountError where they fit and the account is closed.
    """
    person = PersonRepository(session).find(email.strip().lower())
    if not password_fits(person.password_hash if person else None, password) or person is None:
        raise SigninRefusedError("E-mail and password do not fit together.")
    if person.closed_us is not None:
        raise ClosedAccountError("This account was closed. Ask the provider to open it again.")
    if person.totp_secret is not None:
        return Entered(person.key, None)
    return enter(session, person, came, now_us=now_us)


def enter(session: Session, person: Person, came: Came, *, now_us: int) -> Entered:
    """Open the session and remember the browser; the counts of wrong tries begin anew."""
    journal.forget(session, "sign-in by email", person.login or "")
    sessions, fresh = SessionRepository(session), None
    if _is_known(session, came.device, person):
        journal.forget(session, "sign-in by device", fingerprint(came.device or ""))
    else:
        fresh = new_secret()
        known = Device(token=fingerprint(fresh), person_id=person.id, created_us=now_us)
        sessions.add(known)
    return Entered(person.key, open_session(session, person, came, now_us=now_us), fresh)


def set_password(session: Session, email: str, password: str) -> None:
    """Set a password of at least 12 characters; only its argon2 hash is kept."""
    person = PersonRepository(session).find(email.strip().lower())
    if person is None:
        raise UnknownPersonError(f"There is nobody with the e-mail {email!r}.")
    choose(person, password)


def change_password(
    session: Session, who: SignedIn, old: str, new: str, *, by: Actor, now_us: int
) -> None:
    """Change one's own password; every other session of theirs ends."""
    person = require_password(session, who, old)
    choose(person, new)
    sessions = SessionRepository(session)
    own = sessions.by_token(fingerprint(who.token))
    sessions.end_all_of(person.id, now_us, but=own.id if own else None)
    sessions.must_rotate(person.id)
    journal.record(session, by, Deed("password changed", said(person)), now_us=now_us)


def require_password(session: Session, who: SignedIn, password: str) -> Person:
    """Somebody who is signed in proves once more that it is them; SigninRefusedError otherwise.
    Count the try before, as `password`.
    """
    person = PersonRepository(session).by_key(who.key)
    if person is None or not password_fits(person.password_hash, password):
        raise SigninRefusedError("Your password is another one.")
    journal.forget(session, "sign-in by password", person.key)
    return person


def ask_reset(session: Session, email: str, *, site: Site, address: str, now_us: int) -> None:
    """Mail a link to a new password, valid for half an hour, if anybody signs in with the e-mail.

    The answer is the same whether there is such a person or not; SlowDownError after many asks
    from one address. Beyond three mails a quarter of an hour, none is sent.
    """
    count_tries(session, "reset", address, now_us=now_us)
    person = PersonRepository(session).find(email.strip().lower())
    if person is None or person.closed_us is not None:
        return
    asked = journal.count(session, "sign-in by mail", person.key, now_us=now_us)
    if asked > MOST_TRIES["mail"]:
        return
    token = new_secret()
    link = ResetLink(
        token=fingerprint(token),
        person_id=person.id,
        created_us=now_us,
        expires_us=now_us + RESET_US,
        used_us=None,
    )
    AccessRepository(session).add(link)
    letters.reset(session, person, site=site, token=token, now_us=now_us)
    asker = Actor("Nobody", address)
    journal.record(session, asker, Deed("new password asked for", said(person)), now_us=now_us)


def reset_holder(session: Session, token: str, *, now_us: int) -> str:
    """Whose password a link changes: their e-mail. LinkGoneError where it leads nowhere."""
    return _reset_link(session, token, now_us)[1].email


def reset_password(
    session: Session, token: str, password: str, *, address: str, now_us: int
) -> None:
    """Set a new password through a link, once. All sessions of the person end."""
    link, person = _reset_link(session, token, now_us)
    choose(person, password)
    link.used_us = now_us
    SessionRepository(session).end_all_of(person.id, now_us)
    journal.forget(session, "sign-in by email", person.login or "")
    by = Actor(said(person), address)
    journal.record(session, by, Deed("password set by link", said(person)), now_us=now_us)


def _reset_link(session: Session, token: str, now_us: int) -> tuple[ResetLink, Person]:
    found = AccessRepository(session).reset_link(fingerprint(token))
    if found is None or found[0].used_us is not None or found[0].expires_us <= now_us:
        raise LinkGoneError("This link was used or has run out. Ask for a new one.")
    link: ResetLink = found[0]
    person: Person = found[1]
    return link, person


def choose(person: Person, password: str) -> None:
    """Give somebody a password; AccountRefusedError where it is too weak."""
    if fault := password_fault(password, (person.email, person.name)):
        raise AccountRefusedError(fault)
    person.password_hash = _hasher().hash(password)


def password_fits(password_hash: str | None, password: str) -> bool:
    """Does the password fit? Takes as long for somebody unknown as for somebody known."""
    try:
        _hasher().verify(password_hash or _dummy_hash(), password[:2000])
    except VerificationError:
        return False
    return password_hash is not None


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _dummy_hash() -> str:
    return _hasher().hash("nobody has this password")
