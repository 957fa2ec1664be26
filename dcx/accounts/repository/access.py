"""Statements about invitations, requests for access and links to a new password."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from dcx.accounts.models import AccessRequest, Customer, Invitation, Person, ResetLink
from dcx.repository.base import Repository


class AccessRepository(Repository):
    """Ways in."""

    def invitation(self, token: str) -> Any | None:
        """(invitation, customer) of a link, held until the transaction ends."""
        query = (
            select(Invitation, Customer)
            .join(Customer, Customer.id == Invitation.customer_id)
            .where(Invitation.token == token)
        )
        return self.session.execute(query.with_for_update(of=Invitation)).one_or_none()

    def invitation_by_key(self, key: str, customer: str) -> Invitation | None:
        query = (
            select(Invitation)
            .join(Customer, Customer.id == Invitation.customer_id)
            .where(Invitation.key == key, Customer.key == customer)
        )
        return self._one(query)

    def invitations(self, customer_id: int, now_us: int) -> Sequence[Invitation]:
        """Those that can still be accepted, the newest first."""
        query = select(Invitation).where(
            Invitation.customer_id == customer_id,
            Invitation.accepted_us.is_(None),
            Invitation.withdrawn_us.is_(None),
            Invitation.expires_us > now_us,
        )
        return self._all(query.order_by(Invitation.id.desc()))

    def request_of(self, person_id: int) -> AccessRequest | None:
        return self._one(select(AccessRequest).where(AccessRequest.person_id == person_id))

    def requests(self) -> Sequence[Any]:
        """(request, person) of those that wait, the oldest first."""
        query = (
            select(AccessRequest, Person)
            .join(Person, Person.id == AccessRequest.person_id)
            .where(AccessRequest.closed_us.is_(None))
            .order_by(AccessRequest.created_us)
        )
        return self._rows(query)

    def reset_link(self, token: str) -> Any | None:
        """(link, person), the link held until the transaction ends."""
        query = (
            select(ResetLink, Person)
            .join(Person, Person.id == ResetLink.person_id)
            .where(ResetLink.token == token)
        )
        return self.session.execute(query.with_for_update(of=ResetLink)).one_or_none()
