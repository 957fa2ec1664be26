"""Sessions: sign-in, sign-out, and who a cookie stands for."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from dcx.accounts.errors import SigninRefusedError, SlowDownError
from dcx.accounts.models import UserSession
from dcx.accounts.repository import PersonRepository
from dcx.accounts.rules import ABSOLUTE_US, IDLE_US
from dcx.accounts.service.people import password_fits
from dcx.journal import service as journal
from dcx.kit.ids import fingerprint, new_id, new_secret

MINUTE_US = 60_000_000
TRIES = {"email": 10, "address": 50}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person behind a browser."""

    token: str
    email: str
    name: str
    staff_role: str | None
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
        return self.email

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


def count_try(session: Session, email: str, address: str, *, now_us: int) -> None:
    """Count a try before it is judged, in a transaction of its own; SlowDownError beyond the
    limit.
    """
    for kind, subject in (("email", email.strip().lower()), ("address", address)):
        tries = journal.count(session, f"sign-in by {kind}", subject, now_us=now_us)
        if tries > TRIES[kind]:
            raise SlowDownError("Too many failed sign-ins. Wait 15 minutes, then try again.")


def sign_in(
    session: Session, email: str, password: str, *, seen_from: tuple[str, str], now_us: int
) -> str:
    """Open a session for (address, agent) and answer its secret token.

    SigninRefusedError where e-mail and password do not fit, whichever of them is wrong.
    """
    person = PersonRepository(session).find(email.strip().lower())
    if not password_fits(person.password_hash if person else None, password) or person is None:
        raise SigninRefusedError("E-mail and password do not fit together.")
    journal.forget(session, "sign-in by email", person.login or "")
    token = new_secret()
    address, agent = seen_from
    PersonRepository(session).add(
        UserSession(
            key=new_id(),
            token=fingerprint(token),
            person_id=person.id,
            created_us=now_us,
            seen_us=now_us,
            ended_us=None,
            address=address[:100],
            agent=agent[:200],
            issuer="",
            subject="",
            sid="",
            id_token=None,
            must_rotate=False,
        )
    )
    return token


def session_of(session: Session, token: str, *, now_us: int) -> tuple[SignedIn | None, bool]:
    """Who a token stands for, if its session lives; and whether its last sight is to be written."""
    rows = PersonRepository(session).signed_in(fingerprint(token))
    if not rows:
        return None, False
    seen, person = rows[0][0], rows[0][1]
    is_old = now_us - seen.created_us > ABSOLUTE_US or now_us - seen.seen_us > IDLE_US
    if seen.ended_us is not None or is_old:
        return None, False
    roles = {key: role for _, _, role, key, _ in rows if key is not None}
    names = {key: name for _, _, _, key, name in rows if key is not None}
    found = SignedIn(token, person.email, person.name, person.staff_role, roles, names)
    return found, now_us - seen.seen_us > MINUTE_US


def touch(session: Session, token: str, *, now_us: int) -> None:
    """Write when a session was last seen."""
    PersonRepository(session).touch(fingerprint(token), now_us)


def sign_out(session: Session, token: str, *, now_us: int) -> None:
    """End a session for good; a copy of its cookie is dead too. Repeating it changes nothing."""
    PersonRepository(session).end_session(fingerprint(token), now_us)
