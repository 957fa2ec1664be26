"""Invitations: a link by mail that gives a role at a customer, once and for seven days."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts.errors import AccountRefusedError, LinkGoneError, UnknownCustomerError
from dcx.accounts.models import Customer, Invitation, Person
from dcx.accounts.repository import AccessRepository, CustomerRepository, PersonRepository
from dcx.accounts.rules import INVITATION_US, email_fault
from dcx.accounts.service import letters
from dcx.accounts.service.passwords import Entered, choose, enter
from dcx.accounts.service.people import (
    RoleAt,
    new_person,
    require_customer_role,
    said,
    set_role,
)
from dcx.accounts.service.sessions import Came, SignedIn
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.errors import NotFoundError
from dcx.kit.ids import fingerprint, new_id, new_secret
from dcx.notifications.service import Site


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that can be accepted. `has_account`: its e-mail already signs in here."""

    key: str
    email: str
    role: str
    customer: str
    customer_name: str
    invited_by: str
    expires_us: int
    has_account: bool = False


def invite(
    session: Session, email: str, offered: RoleAt, *, site: Site, by: Actor, now_us: int
) -> str:
    """Mail somebody a link that gives them a role at a customer; answers its secret token."""
    found = CustomerRepository(session).find(offered.customer)
    address = email.strip().lower()
    if found is None:
        raise UnknownCustomerError(f"There is no customer {offered.customer!r}.")
    if fault := email_fault(address):
        raise AccountRefusedError(fault)
    require_customer_role(offered.role)
    token = new_secret()
    invitation = Invitation(
        key=new_id(),
        token=fingerprint(token),
        customer_id=found.id,
        email=address,
        role=offered.role,
        invited_by=by.who,
        created_us=now_us,
        expires_us=now_us + INVITATION_US,
        accepted_us=None,
        withdrawn_us=None,
    )
    AccessRepository(session).add(invitation)
    letters.invitation(session, invitation, found.name, site=site, token=token, now_us=now_us)
    deed = Deed("invited", address, found.key, None, {"role": offered.role})
    journal.record(session, by, deed, now_us=now_us)
    return token


def invitations(session: Session, customer: str, *, now_us: int) -> list[Invited]:
    """Those of a customer that can still be accepted, the newest first."""
    found = CustomerRepository(session).find(customer)
    if found is None:
        raise UnknownCustomerError(f"There is no customer {customer!r}.")
    rows = AccessRepository(session).invitations(found.id, now_us)
    return [_value(row, found) for row in rows]


def withdraw(session: Session, customer: str, key: str, *, by: Actor, now_us: int) -> None:
    """Make an invitation's link lead nowhere. Repeating it changes nothing."""
    row = AccessRepository(session).invitation_by_key(key, customer)
    if row is None:
        raise NotFoundError("There is no such invitation.")
    if row.withdrawn_us is None and row.accepted_us is None:
        row.withdrawn_us = now_us
        deed = Deed("invitation withdrawn", row.email, customer)
        journal.record(session, by, deed, now_us=now_us)


def get_invitation(session: Session, token: str, *, now_us: int) -> Invited:
    """What a link offers; LinkGoneError where it leads nowhere."""
    row, customer = _live(session, token, now_us)
    has_account = PersonRepository(session).find(row.email) is not None
    return _value(row, customer, has_account=has_account)


def accept(session: Session, token: str, who: SignedIn, *, by: Actor, now_us: int) -> str:
    """Give the role to somebody who is signed in, whatever their e-mail; answers the customer."""
    row, customer = _live(session, token, now_us)
    person = PersonRepository(session).by_key(who.key)
    if person is None or person.staff_role is not None:
        raise AccountRefusedError("You are staff: you see every customer already.")
    _take(session, row, customer, person, by, now_us)
    return customer.key


def accept_with_password(
    session: Session, token: str, name: str, password: str, came: Came, *, now_us: int
) -> tuple[str, Entered]:
    """Make an account for the invited e-mail, give it the role and sign it in."""
    row, customer = _live(session, token, now_us)
    if PersonRepository(session).find(row.email) is not None:
        raise AccountRefusedError(f"{row.email} has an account here: sign in, then accept.")
    person = new_person(session, row.email, name, login=row.email, now_us=now_us)
    choose(person, password)
    _take(session, row, customer, person, Actor(row.email, came.address), now_us)
    return customer.key, enter(session, person, came, now_us=now_us)


def _take(
    session: Session, row: Invitation, customer: Customer, person: Person, by: Actor, now_us: int
) -> None:
    row.accepted_us = now_us
    known = PersonRepository(session).membership(person.id, customer.id)
    if known is None or known.role != "owner":
        set_role(session, person, customer, row.role)
    deed = Deed("invitation accepted", said(person), customer.key, None, {"role": row.role})
    journal.record(session, by, deed, now_us=now_us)


def _live(session: Session, token: str, now_us: int) -> tuple[Invitation, Customer]:
    found = AccessRepository(session).invitation(fingerprint(token))
    row: Invitation | None = found[0] if found else None
    if row is None or row.accepted_us or row.withdrawn_us or row.expires_us <= now_us:
        raise LinkGoneError("This invitation was used, withdrawn or has run out. Ask for another.")
    customer: Customer = found[1]  # type: ignore[index]
    return row, customer


def _value(row: Invitation, customer: Customer, *, has_account: bool = False) -> Invited:
    return Invited(
        row.key,
        row.email,
        row.role,
        customer.key,
        customer.name,
        row.invited_by,
        row.expires_us,
        has_account,
    )
