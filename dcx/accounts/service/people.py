"""People: staff, and those who look after a customer's account."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy.orm import Session

from dcx.accounts.errors import AccountRefusedError, UnknownCustomerError, UnknownPersonError
from dcx.accounts.models import Person
from dcx.accounts.repository import CustomerRepository, PersonRepository
from dcx.accounts.rules import CUSTOMER_ROLES, STAFF_ROLES, email_fault, password_fault
from dcx.kit.ids import new_id


def add_staff(session: Session, email: str, role: str, *, now_us: int, name: str = "") -> None:
    """Make somebody staff, or change their role. Repeating it changes nothing."""
    if role not in STAFF_ROLES:
        raise AccountRefusedError(f"A staff role is one of {', '.join(STAFF_ROLES)}.")
    _person(session, email, name, now_us).staff_role = role


def add_user(
    session: Session, email: str, customer: str, role: str, *, now_us: int, name: str = ""
) -> None:
    """Give somebody a role at a customer, or change it. Repeating it changes nothing."""
    if role not in CUSTOMER_ROLES:
        raise AccountRefusedError(f"A customer's role is one of {', '.join(CUSTOMER_ROLES)}.")
    found = CustomerRepository(session).find(customer)
    if found is None:
        raise UnknownCustomerError(f"There is no customer {customer!r}.")
    person = _person(session, email, name, now_us)
    PersonRepository(session).set_role(person.id, found.id, role)


def _person(session: Session, email: str, name: str, now_us: int) -> Person:
    address = email.strip().lower()
    if fault := email_fault(address):
        raise AccountRefusedError(fault)
    people = PersonRepository(session)
    person = people.find(address)
    if person is None:
        person = Person(
            key=new_id(),
            login=address,
            email=address,
            name=name or _name_of(address),
            password_hash=None,
            staff_role=None,
            role_by_hand=True,
            totp_secret=None,
            totp_step=0,
            created_us=now_us,
            closed_us=None,
        )
        people.add(person)
    return person


def _name_of(email: str) -> str:
    words = email.partition("@")[0].replace(".", " ").replace("_", " ")
    return words.title()


def set_password(session: Session, email: str, password: str) -> None:
    """Set a password of at least 12 characters; only its argon2 hash is kept."""
    person = PersonRepository(session).find(email.strip().lower())
    if person is None:
        raise UnknownPersonError(f"There is nobody with the e-mail {email!r}.")
    if fault := password_fault(password):
        raise AccountRefusedError(fault)
    person.password_hash = _hasher().hash(password)


def password_fits(password_hash: str | None, password: str) -> bool:
    """Does the password fit? Takes as long for somebody unknown as for somebody known."""
    try:
        _hasher().verify(password_hash or _dummy_hash(), password)
    except VerificationError:
        return False
    return password_hash is not None


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _dummy_hash() -> str:
    return _hasher().hash("nobody has this password")
