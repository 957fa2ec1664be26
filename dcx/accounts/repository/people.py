"""Statements about people, their identities at providers and their roles at customers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, or_, select

from dcx.accounts.models import Customer, Identity, Membership, Person, UserSession
from dcx.repository.base import Repository, holds


class PersonRepository(Repository):
    """People."""

    def find(self, login: str) -> Person | None:
        """Whoever signs in with this e-mail and a password."""
        return self._one(select(Person).where(Person.login == login))

    def by_key(self, key: str) -> Person | None:
        return self._one(select(Person).where(Person.key == key))

    def by_identity(self, issuer: str, subject: str) -> Any | None:
        """(person, identity) of a provider's subject."""
        query = (
            select(Person, Identity)
            .join(Identity, Identity.person_id == Person.id)
            .where(Identity.issuer == issuer, Identity.subject == subject)
        )
        return self.session.execute(query).one_or_none()

    def listed(
        self, *, words: str, staff_only: bool, after: int | None, limit: int
    ) -> Sequence[Person]:
        """People whose name or e-mail holds the words, oldest first, from a row on."""
        query = select(Person).order_by(Person.id).limit(limit)
        if after is not None:
            query = query.where(Person.id > after)
        if staff_only:
            query = query.where(Person.staff_role.is_not(None))
        if words:
            query = query.where(or_(holds(Person.name, words), holds(Person.email, words)))
        return self._all(query)

    def roles_of(self, person_ids: Sequence[int]) -> Sequence[Any]:
        """(person_id, customer key, customer name, role) of these people."""
        query = (
            select(Membership.person_id, Customer.key, Customer.name, Membership.role)
            .join(Customer, Customer.id == Membership.customer_id)
            .where(Membership.person_id.in_(person_ids))
            .order_by(Customer.name)
        )
        return self._rows(query)

    def issuers_of(self, person_ids: Sequence[int]) -> Sequence[Any]:
        """(person_id, issuer) of every identity of these people."""
        query = select(Identity.person_id, Identity.issuer).order_by(Identity.id)
        return self._rows(query.where(Identity.person_id.in_(person_ids)))

    def seen(self, person_ids: Sequence[int]) -> dict[int, int]:
        """When each of these people was last seen."""
        query = (
            select(UserSession.person_id, func.max(UserSession.seen_us))
            .where(UserSession.person_id.in_(person_ids))
            .group_by(UserSession.person_id)
        )
        return dict(self._rows(query))

    def admins(self) -> Sequence[Person]:
        """Admins whose account is open, held until the transaction ends."""
        query = select(Person).where(Person.staff_role == "admin", Person.closed_us.is_(None))
        return self._all(query.with_for_update())

    def members(self, customer_id: int) -> Sequence[Any]:
        """(person, role) of everybody at a customer, by name."""
        query = (
            select(Person, Membership.role)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.customer_id == customer_id)
            .order_by(Person.name, Person.id)
        )
        return self._rows(query)

    def membership(self, person_id: int, customer_id: int) -> Membership | None:
        return self._one(
            select(Membership).where(
                Membership.person_id == person_id, Membership.customer_id == customer_id
            )
        )

    def owners(self, customer_id: int) -> int:
        """How many own a customer's account."""
        query = select(func.count()).where(
            Membership.customer_id == customer_id, Membership.role == "owner"
        )
        return int(self.session.scalar(query) or 0)

    def set_role(self, person_id: int, customer_id: int, role: str) -> None:
        membership = self.membership(person_id, customer_id)
        if membership is None:
            self.add(Membership(person_id=person_id, customer_id=customer_id, role=role))
        else:
            membership.role = role

    def take_role(self, person_id: int, customer_id: int) -> None:
        self.session.execute(
            delete(Membership).where(
                Membership.person_id == person_id, Membership.customer_id == customer_id
            )
        )
