"""Sessions: who a cookie stands for, and every way in which a session ends."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from dcx.accounts.errors import NotBelievedError
from dcx.accounts.models import Person, UserSession
from dcx.accounts.oidc import LogoutCall
from dcx.accounts.repository import CustomerRepository, SessionRepository
from dcx.accounts.rules import ABSOLUTE_US, IDLE_US, MINUTE_US, device_words
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.errors import NotFoundError
from dcx.kit.ids import fingerprint, new_id, new_secret


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person behind a browser."""

    token: str
    key: str
    email: str
    name: str
    staff_role: str | None
    has_password: bool
    roles: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    scopes: None = None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return self.token

    @property
    def said_as(self) -> str:
        """How the audit names this person."""
        return self.email or self.key

    def role_at(self, customer: str) -> str | None:
        """The person's role at a customer; None: they have nothing to do with it."""
        return self.roles.get(customer)


@dataclass(frozen=True, slots=True)
class Nobody:
    """Whoever has not signed in."""

    staff_role: None = None
    scopes: None = None
    is_authenticated: bool = False
    is_active: bool = False
    is_anonymous: bool = True

    def get_id(self) -> None:
        return None

    def role_at(self, customer: str) -> str | None:  # noqa: ARG002
        return None


@dataclass(frozen=True, slots=True)
class Came:
    """How somebody came in: from where, with which browser (and its token, if it is a known one),
    and through which provider, if any.
    """

    address: str
    agent: str
    device: str | None = None
    issuer: str = ""
    subject: str = ""
    sid: str = ""
    id_token: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Whom a token stands for now, and what is to be written about it."""

    person: SignedIn | None
    is_stale: bool = False
    must_rotate: bool = False


@dataclass(frozen=True, slots=True)
class Browser:
    """A signed-in browser, as its owner sees it."""

    key: str
    words: str
    address: str
    created_us: int
    seen_us: int
    is_this: bool


def open_session(session: Session, person: Person, came: Came, *, now_us: int) -> str:
    """Open a session for somebody who proved who they are; answers its secret token."""
    token = new_secret()
    row = UserSession(
        key=new_id(),
        token=fingerprint(token),
        person_id=person.id,
        created_us=now_us,
        seen_us=now_us,
        ended_us=None,
        address=came.address[:100],
        agent=came.agent[:200],
        issuer=came.issuer,
        subject=came.subject,
        sid=came.sid,
        id_token=came.id_token,
        must_rotate=False,
    )
    SessionRepository(session).add(row)
    after = {"device": device_words(came.agent), "through": came.issuer or "password"}
    who = Actor(person.email or person.key, came.address)
    journal.record(session, who, Deed("signed in", person.name, after=after), now_us=now_us)
    return token


def session_of(session: Session, token: str, *, now_us: int) -> Seen:
    """Who a token stands for, if its session lives."""
    rows = SessionRepository(session).signed_in(fingerprint(token))
    if not rows:
        return Seen(None)
    seen, person = rows[0][0], rows[0][1]
    is_old = now_us - seen.created_us > ABSOLUTE_US or now_us - seen.seen_us > IDLE_US
    if seen.ended_us is not None or is_old or person.closed_us is not None:
        return Seen(None)
    found = SignedIn(
        token,
        person.key,
        person.email,
        person.name,
        person.staff_role,
        person.password_hash is not None,
        {key: role for _, _, role, key, _ in rows if key is not None},
        {key: name for _, _, _, key, name in rows if key is not None},
    )
    return Seen(found, now_us - seen.seen_us > MINUTE_US, seen.must_rotate)


def touch(session: Session, token: str, *, address: str, now_us: int) -> None:
    """Write when and from where a session was last seen."""
    SessionRepository(session).touch(fingerprint(token), now_us, address[:100])


def rotate(session: Session, token: str) -> str | None:
    """A new token for a session whose person's rights changed; the old one is dead at once.

    None where another request of the same browser was given it.
    """
    new_token = new_secret()
    did = SessionRepository(session).rotate(fingerprint(token), fingerprint(new_token))
    return new_token if did else None


def provider_session(session: Session, token: str) -> tuple[str, str | None]:
    """(issuer, sealed id token) of a session; ("", None) where it came by a password."""
    row = SessionRepository(session).by_token(fingerprint(token))
    return (row.issuer, row.id_token) if row else ("", None)


def sign_out(session: Session, person: SignedIn, *, by: Actor, now_us: int) -> None:
    """End a session for good; a copy of its cookie is dead too. Repeating it changes nothing."""
    sessions = SessionRepository(session)
    row = sessions.by_token(fingerprint(person.token))
    if row is not None and row.ended_us is None:
        sessions.end(row.id, now_us)
        journal.record(session, by, Deed("signed out", person.name), now_us=now_us)


def browsers(session: Session, person_id: int, *, token: str | None, now_us: int) -> list[Browser]:
    """Where a person is signed in, the last seen first."""
    own = fingerprint(token) if token else ""
    return [
        Browser(
            row.key,
            device_words(row.agent),
            row.address,
            row.created_us,
            row.seen_us,
            row.token == own,
        )
        for row in SessionRepository(session).open_of(person_id)
        if now_us - row.created_us <= ABSOLUTE_US and now_us - row.seen_us <= IDLE_US
    ]


def end_browser(session: Session, key: str, *, of: str | None, by: Actor, now_us: int) -> None:
    """End one of a person's sessions; NotFoundError where there is none such of theirs."""
    sessions = SessionRepository(session)
    found = sessions.by_key(key)
    if found is None or found[1].key != of:
        raise NotFoundError("There is no such session.")
    row, person = found
    sessions.end(row.id, now_us)
    deed = Deed("session ended", person.name, before={"device": device_words(row.agent)})
    journal.record(session, by, deed, now_us=now_us)


def end_others(session: Session, person: SignedIn, *, by: Actor, now_us: int) -> int:
    """End every session of a person but the one they look through; how many were."""
    sessions = SessionRepository(session)
    own = sessions.by_token(fingerprint(person.token))
    if own is None:
        return 0
    count = sessions.end_all_of(own.person_id, now_us, but=own.id)
    deed = Deed("other sessions ended", person.name, before={"sessions": count})
    journal.record(session, by, deed, now_us=now_us)
    return count


def end_by_provider(session: Session, call: LogoutCall, *, address: str, now_us: int) -> int:
    """Obey a logout token that was believed; how many sessions ended.

    NotBelievedError where its id was seen before.
    """
    sessions = SessionRepository(session)
    if not sessions.claim_logout_token(call.issuer, call.jti, now_us):
        raise NotBelievedError("This logout token was used before.")
    count = sessions.end_at_provider(call.issuer, call.subject, call.sid, now_us)
    deed = Deed("signed out by the provider", call.subject or call.sid, after={"sessions": count})
    journal.record(session, Actor(call.issuer, address), deed, now_us=now_us)
    return count


def has_viewed(session: Session, person: SignedIn, customer: str) -> bool:
    """Is it on record that this staff member looks at this customer in this session?"""
    return SessionRepository(session).has_viewed(fingerprint(person.token), customer)


def view(session: Session, person: SignedIn, customer: str, *, by: Actor, now_us: int) -> None:
    """Put on record, once a session, that a staff member looks at a customer's pages."""
    sessions = SessionRepository(session)
    row, owner = sessions.by_token(fingerprint(person.token)), CustomerRepository(session)
    known = owner.find(customer)
    if row and known and sessions.claim_viewing(row.id, known.id, now_us):
        deed = Deed("looked at as the customer", known.name, customer)
        journal.record(session, by, deed, now_us=now_us)
