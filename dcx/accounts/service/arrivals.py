"""Arrivals: somebody comes through a provider of single sign-on, and DCX finds out who they are."""

from dataclasses import replace

from sqlalchemy.orm import Session

from dcx.accounts.errors import ClosedAccountError
from dcx.accounts.models import AccessRequest, Identity, Person
from dcx.accounts.oidc import Claims
from dcx.accounts.repository import (
    AccessRepository,
    CustomerRepository,
    PersonRepository,
    SessionRepository,
)
from dcx.accounts.rules import role_by_groups
from dcx.accounts.service.people import new_person, said, set_role
from dcx.accounts.service.sessions import Came, open_session
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.vault import Vault
from dcx.settings import SingleSignOn


def arrive(
    session: Session,
    claims: Claims,
    came: Came,
    *,
    provider: SingleSignOn,
    vault: Vault,
    now_us: int,
) -> str:
    """Open a session for whoever a provider vouches for; answers its token.

    People are known by (issuer, subject) alone: an e-mail that somebody else has here changes
    nothing. Their staff role follows their groups; the domain of a verified e-mail lets in who
    comes for the first time. Whoever has no rights then has left a request for access; whoever
    had some and lost them is left as they are.
    ClosedAccountError where staff closed the account.
    """
    person, is_new = _known(session, claims, now_us)
    if person.closed_us is not None:
        raise ClosedAccountError("This account was closed. Ask the provider to open it again.")
    _follow_groups(session, person, claims, provider, now_us)
    request = AccessRepository(session).request_of(person.id)
    if is_new or _waits_since_they_came(request):
        _let_in_by_domain(session, person, claims, now_us)
    _settle_request(session, person, request, now_us, is_new=is_new)
    through = replace(
        came,
        issuer=claims.issuer,
        subject=claims.subject,
        sid=claims.sid,
        id_token=vault.seal(claims.id_token),
    )
    return open_session(session, person, through, now_us=now_us)


def _known(session: Session, claims: Claims, now_us: int) -> tuple[Person, bool]:
    """The person behind the subject, made where it is new; their e-mail and name as said now."""
    people = PersonRepository(session)
    found = people.by_identity(claims.issuer, claims.subject)
    if found is None:
        person = new_person(session, claims.email, claims.name, login=None, now_us=now_us)
        identity = Identity(
            person_id=person.id,
            issuer=claims.issuer,
            subject=claims.subject,
            email=claims.email,
            created_us=now_us,
            seen_us=now_us,
        )
        people.add(identity)
        return person, True
    known: Person = found[0]
    found[1].seen_us, found[1].email = now_us, claims.email
    if known.login is None:
        known.email, known.name = claims.email or known.email, claims.name[:200] or known.name
    return known, False


def _follow_groups(
    session: Session, person: Person, claims: Claims, provider: SingleSignOn, now_us: int
) -> None:
    """Staff by the groups that the provider tells of, where any group is set."""
    if not (provider.admin_group or provider.billing_group or provider.staff_group):
        return
    before = person.staff_role
    role = role_by_groups(
        claims.groups,
        admin=provider.admin_group,
        billing=provider.billing_group,
        staff=provider.staff_group,
        by_hand=before if person.role_by_hand else None,
    )
    if role == before:
        return
    person.staff_role = role
    person.role_by_hand = person.role_by_hand and role is not None
    SessionRepository(session).must_rotate(person.id)
    deed = Deed("staff role changed", said(person), "", {"role": before}, {"role": role})
    journal.record(session, Actor(claims.issuer), deed, now_us=now_us)


def _waits_since_they_came(request: AccessRequest | None) -> bool:
    """Did staff never decide about them? Whoever was declined or removed needs people to let them
    in again, whatever their domain.
    """
    return request is not None and request.closed_us is None and request.outcome is None


def _let_in_by_domain(session: Session, person: Person, claims: Claims, now_us: int) -> None:
    domain = claims.email.rpartition("@")[2]
    found = CustomerRepository(session).of_domain(domain) if claims.email_is_verified else None
    if found is None or PersonRepository(session).membership(person.id, found[0].id):
        return
    customer, role = found
    set_role(session, person, customer, role)
    deed = Deed("member added by domain", said(person), customer.key, None, {"role": role})
    journal.record(session, Actor(claims.issuer), deed, now_us=now_us)


def _settle_request(
    session: Session, person: Person, request: AccessRequest | None, now_us: int, *, is_new: bool
) -> None:
    """Who has rights asks for none; who comes for the first time and has none leaves a request."""
    has_rights = person.staff_role or PersonRepository(session).roles_of([person.id])
    if has_rights and request is not None and request.closed_us is None:
        request.closed_us, request.outcome = now_us, "granted"
    if not has_rights and is_new:
        AccessRepository(session).add(
            AccessRequest(
                person_id=person.id, note="", created_us=now_us, closed_us=None, outcome=None
            )
        )
