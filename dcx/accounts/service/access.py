"""Requests for access: somebody unknown signed in, and staff say where they belong."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts.errors import AccountRefusedError, UnknownCustomerError, UnknownPersonError
from dcx.accounts.models import AccessRequest, Person
from dcx.accounts.repository import AccessRepository, CustomerRepository, PersonRepository
from dcx.accounts.service import letters
from dcx.accounts.service.people import RoleAt, require_customer_role, said, set_role
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.notifications.service import Site

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody who waits for access."""

    person: str
    name: str
    email: str
    note: str
    created_us: int
    outcome: str | None


def asking(session: Session) -> list[Asking]:
    """Everybody who waits, the longest first."""
    return [_value(request, person) for request, person in AccessRepository(session).requests()]


def request_of(session: Session, key: str) -> Asking | None:
    """What somebody asked for; None where they never had to ask."""
    person = PersonRepository(session).by_key(key)
    request = AccessRepository(session).request_of(person.id) if person else None
    return _value(request, person) if person and request else None


def ask(session: Session, key: str, note: str, *, by: Actor, now_us: int) -> None:
    """Say for which company one asks; asking once more after a refusal opens the request again,
    and keeps what staff said: only they let in whom they once refused.
    """
    text = " ".join(note.split())
    if not text:
        raise AccountRefusedError("Say which company you belong to, so that staff can find it.")
    if len(text) > LONGEST_NOTE:
        raise AccountRefusedError(f"Keep it under {LONGEST_NOTE} characters.")
    request, person = _request(session, key)
    request.note, request.closed_us = text, None
    journal.record(session, by, Deed("access asked for", said(person)), now_us=now_us)


def grant(
    session: Session, key: str, wanted: RoleAt, *, site: Site, by: Actor, now_us: int
) -> None:
    """Give somebody who asked a role at a customer, and mail them that they can go on."""
    found = CustomerRepository(session).find(wanted.customer)
    if found is None:
        raise UnknownCustomerError("Choose the customer that they belong to.")
    require_customer_role(wanted.role)
    request, person = _request(session, key)
    set_role(session, person, found, wanted.role)
    request.closed_us, request.outcome = now_us, "granted"
    letters.access_granted(session, person, found.name, site=site, now_us=now_us)
    deed = Deed("access granted", said(person), found.key, None, {"role": wanted.role})
    journal.record(session, by, deed, now_us=now_us)


def decline(session: Session, key: str, *, by: Actor, now_us: int) -> None:
    """Leave somebody without access; they may ask again."""
    request, person = _request(session, key)
    request.closed_us, request.outcome = now_us, "declined"
    journal.record(session, by, Deed("access declined", said(person)), now_us=now_us)


def _request(session: Session, key: str) -> tuple[AccessRequest, Person]:
    person = PersonRepository(session).by_key(key)
    request = AccessRepository(session).request_of(person.id) if person else None
    if person is None or request is None:
        raise UnknownPersonError("Nobody of that kind asks for access.")
    return request, person


def _value(request: AccessRequest, person: Person) -> Asking:
    outcome = request.outcome if request.closed_us else None
    return Asking(person.key, person.name, person.email, request.note, request.created_us, outcome)
