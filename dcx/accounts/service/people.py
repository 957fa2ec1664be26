"""People: staff, and those who look after a customer's account."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts.errors import AccountRefusedError, UnknownCustomerError, UnknownPersonError
from dcx.accounts.models import Customer, Person
from dcx.accounts.repository import CustomerRepository, PersonRepository, SessionRepository
from dcx.accounts.rules import CUSTOMER_ROLES, STAFF_ROLES, email_fault
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.ids import new_id
from dcx.repository.pages import Page, page_of

LAST_OWNER = "Somebody must own the account. Make another person owner first."


@dataclass(frozen=True, slots=True)
class Known:
    """A person as staff see them. `roles`: (customer key, customer name, role)."""

    id: int
    key: str
    name: str
    email: str
    staff_role: str | None
    roles: tuple[tuple[str, str, str], ...]
    providers: tuple[str, ...]
    has_password: bool
    has_second_factor: bool
    seen_us: int | None
    closed_us: int | None


@dataclass(frozen=True, slots=True)
class RoleAt:
    """A role at a customer."""

    customer: str
    role: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person at a customer."""

    key: str
    name: str
    email: str
    role: str


def add_staff(session: Session, email: str, role: str, *, now_us: int, name: str = "") -> None:
    """Make somebody staff who signs in with a password, or change their role."""
    if role not in STAFF_ROLES:
        raise AccountRefusedError(f"A staff role is one of {', '.join(STAFF_ROLES)}.")
    person = local_person(session, email, name, now_us)
    if person.staff_role != role:
        person.staff_role, person.role_by_hand = role, True
        SessionRepository(session).must_rotate(person.id)


def add_user(
    session: Session, email: str, customer: str, role: str, *, now_us: int, name: str = ""
) -> None:
    """Give somebody who signs in with a password a role at a customer, or change it."""
    require_customer_role(role)
    found = _customer(session, customer)
    person = local_person(session, email, name, now_us)
    set_role(session, person, found, role)


def local_person(session: Session, email: str, name: str, now_us: int) -> Person:
    """Whoever signs in with this e-mail and a password; made where there is none."""
    address = email.strip().lower()
    if fault := email_fault(address):
        raise AccountRefusedError(fault)
    person = PersonRepository(session).find(address)
    if person is None:
        person = new_person(session, address, name, login=address, now_us=now_us)
    return person


def new_person(
    session: Session, email: str, name: str, *, login: str | None, now_us: int
) -> Person:
    """A person without any rights."""
    person = Person(
        key=new_id(),
        login=login,
        email=email[:254],
        name=(name.strip() or _name_of(email) or "Somebody")[:200],
        password_hash=None,
        staff_role=None,
        role_by_hand=login is not None,
        totp_secret=None,
        totp_step=0,
        created_us=now_us,
        closed_us=None,
    )
    PersonRepository(session).add(person)
    return person


def _name_of(email: str) -> str:
    words = email.partition("@")[0].replace(".", " ").replace("_", " ")
    return words.title()


def set_role(session: Session, person: Person, customer: Customer, role: str) -> None:
    """Give a role at a customer; the person's sessions get new tokens where it changes."""
    people = PersonRepository(session)
    known = people.membership(person.id, customer.id)
    if known is None or known.role != role:
        people.set_role(person.id, customer.id, role)
        SessionRepository(session).must_rotate(person.id)


def people(
    session: Session, *, words: str = "", staff_only: bool = False, after: int | None = None,
    limit: int = 25,
) -> Page[Known]:  # fmt: skip
    """People with their roles, oldest first."""
    repository = PersonRepository(session)
    rows = repository.listed(
        words=words.strip(), staff_only=staff_only, after=after, limit=limit + 1
    )
    return page_of(_known(repository, rows), limit, lambda person: person.id)


def get_person(session: Session, key: str) -> Known:
    """One person; UnknownPersonError otherwise."""
    return _known(PersonRepository(session), [_person(session, key)])[0]


def _known(repository: PersonRepository, rows: Sequence[Person]) -> list[Known]:
    ids = [row.id for row in rows]
    seen, roles = repository.seen(ids), repository.roles_of(ids)
    issuers = repository.issuers_of(ids)
    return [
        Known(
            row.id,
            row.key,
            row.name,
            row.email,
            row.staff_role,
            tuple((key, name, role) for owner, key, name, role in roles if owner == row.id),
            tuple(issuer for owner, issuer in issuers if owner == row.id),
            row.password_hash is not None,
            row.totp_secret is not None,
            seen.get(row.id),
            row.closed_us,
        )
        for row in rows
    ]


def change_staff_role(
    session: Session, key: str, role: str | None, *, by: Actor, now_us: int
) -> None:
    """Give somebody a staff role, or (None) take it. One admin must remain."""
    if role is not None and role not in STAFF_ROLES:
        raise AccountRefusedError(f"A staff role is one of {', '.join(STAFF_ROLES)}.")
    person = _person(session, key)
    before = person.staff_role
    if before == role:
        return
    if before == "admin":
        _require_another_admin(session, person)
    person.staff_role, person.role_by_hand = role, role is not None
    SessionRepository(session).must_rotate(person.id)
    deed = Deed("staff role changed", said(person), "", {"role": before}, {"role": role})
    journal.record(session, by, deed, now_us=now_us)


def close_person(session: Session, key: str, *, by: Actor, now_us: int) -> None:
    """Close an account: nobody signs in with it any more, and its sessions end now."""
    person = _person(session, key)
    if person.closed_us is not None:
        return
    if person.staff_role == "admin":
        _require_another_admin(session, person)
    person.closed_us = now_us
    SessionRepository(session).end_all_of(person.id, now_us)
    journal.record(session, by, Deed("account closed", said(person)), now_us=now_us)


def reopen_person(session: Session, key: str, *, by: Actor, now_us: int) -> None:
    """Let somebody in again whose account was closed."""
    person = _person(session, key)
    if person.closed_us is not None:
        person.closed_us = None
        journal.record(session, by, Deed("account reopened", said(person)), now_us=now_us)


def _require_another_admin(session: Session, person: Person) -> None:
    if all(admin.id == person.id for admin in PersonRepository(session).admins()):
        raise AccountRefusedError("There must be one admin. Make somebody else admin first.")


def members(session: Session, customer: str) -> list[Member]:
    """Everybody with a role at a customer, by name."""
    rows = PersonRepository(session).members(_customer(session, customer).id)
    return [Member(person.key, person.name, person.email, role) for person, role in rows]


def change_role(
    session: Session, customer: str, key: str, role: str | None, *, by: Actor, now_us: int
) -> None:
    """Change a member's role at a customer, or (None) remove them. One owner must remain.

    UnknownPersonError where they are no member.
    """
    if role is not None:
        require_customer_role(role)
    found = CustomerRepository(session).lock(customer)
    person, people = _person(session, key), PersonRepository(session)
    membership = people.membership(person.id, found.id) if found else None
    if found is None or membership is None:
        raise UnknownPersonError("There is no such person here.")
    before = membership.role
    if before == role:
        return
    if before == "owner" and people.owners(found.id) == 1:
        raise AccountRefusedError(LAST_OWNER)
    if role is None:
        people.take_role(person.id, found.id)
    else:
        membership.role = role
    SessionRepository(session).must_rotate(person.id)
    action = "member removed" if role is None else "role changed"
    deed = Deed(action, said(person), found.key, {"role": before}, {"role": role} if role else None)
    journal.record(session, by, deed, now_us=now_us)


def said(person: Person) -> str:
    """How the audit names a person to whom something was done."""
    return person.email or person.name


def require_customer_role(role: str) -> None:
    """AccountRefusedError where customers know no such role."""
    if role not in CUSTOMER_ROLES:
        raise AccountRefusedError(f"A customer's role is one of {', '.join(CUSTOMER_ROLES)}.")


def _customer(session: Session, key: str) -> Customer:
    found = CustomerRepository(session).find(key)
    if found is None:
        raise UnknownCustomerError(f"There is no customer {key!r}.")
    return found


def _person(session: Session, key: str) -> Person:
    person = PersonRepository(session).by_key(key)
    if person is None:
        raise UnknownPersonError("There is no such person.")
    return person
