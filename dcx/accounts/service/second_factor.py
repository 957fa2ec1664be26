"""The second factor: a code of six digits from an authenticator (TOTP, RFC 6238)."""

import hmac
from dataclasses import dataclass

import pyotp
from sqlalchemy.orm import Session

from dcx.accounts.errors import SigninRefusedError, UnknownPersonError
from dcx.accounts.models import Person
from dcx.accounts.repository import PersonRepository
from dcx.accounts.service.passwords import Entered, count_tries, enter
from dcx.accounts.service.people import said
from dcx.accounts.service.sessions import Came
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.periods import SECOND_US
from dcx.kit.vault import Vault

STEP_US = 30 * SECOND_US
_WRONG = "This code does not fit. Codes change every 30 seconds; check the clock of your phone."


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A second factor that is being set up: its secret, and the address that a QR code holds."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A secret and a code that was made with it: what shows that an authenticator has it."""

    secret: str
    code: str


def begin(email: str, provider: str) -> Enrolment:
    """A new secret. It counts only once `switch_on` was given a code made with it."""
    secret = pyotp.random_base32()
    return Enrolment(secret, address_of(secret, email, provider))


def address_of(secret: str, email: str, provider: str) -> str:
    """What a QR code says to an authenticator."""
    return pyotp.TOTP(secret, name=email, issuer=provider).provisioning_uri()


def switch_on(
    session: Session, key: str, proof: Proof, *, vault: Vault, by: Actor, now_us: int
) -> None:
    """Ask for codes from now on. SigninRefusedError where the code was not made with the secret."""
    person = _person(session, key)
    person.totp_step = _fitting_step(proof.secret, proof.code, 0, now_us)
    person.totp_secret = vault.seal(proof.secret)
    journal.record(session, by, Deed("second factor switched on", said(person)), now_us=now_us)


def switch_off(session: Session, key: str, *, by: Actor, now_us: int) -> None:
    """Ask for no codes any more: by the person with a code in hand, or by an admin."""
    person = _person(session, key)
    if person.totp_secret is not None:
        person.totp_secret = None
        journal.record(session, by, Deed("second factor switched off", said(person)), now_us=now_us)


def count_code(session: Session, key: str, *, now_us: int) -> None:
    """Count a try before it is judged, in a transaction of its own."""
    count_tries(session, "code", key, now_us=now_us)


def enter_with_code(
    session: Session, key: str, code: str, came: Came, *, vault: Vault, now_us: int
) -> Entered:
    """Open the session of somebody whose password fitted. A code opens one session, once."""
    person = _person(session, key)
    if person.totp_secret is not None:
        secret = vault.open(person.totp_secret)
        person.totp_step = _fitting_step(secret, code, person.totp_step, now_us)
    journal.forget(session, "sign-in by code", key)
    return enter(session, person, came, now_us=now_us)


def _fitting_step(secret: str, code: str, after_step: int, now_us: int) -> int:
    """The step whose code this is: now, or one step aside for clocks that differ; never again one
    that was used.
    """
    step_now, said_code = now_us // STEP_US, "".join(code.split())
    totp = pyotp.TOTP(secret)
    for step in (step_now, step_now - 1, step_now + 1):
        if step > after_step and hmac.compare_digest(totp.at(step * 30), said_code):
            return step
    raise SigninRefusedError(_WRONG)


def _person(session: Session, key: str) -> Person:
    person = PersonRepository(session).by_key(key)
    if person is None or person.closed_us is not None:
        raise UnknownPersonError("There is no such person.")
    return person
