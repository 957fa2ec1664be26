"""Every statement of accounts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select, update

from dcx.accounts.models import ApiKey, Customer, Membership, Person, UserSession
from dcx.repository.base import Repository, holds


class CustomerRepository(Repository):
    """Customers."""

    def find(self, key: str) -> Customer | None:
        return self._one(select(Customer).where(Customer.key == key))

    def every(self) -> Sequence[Customer]:
        return self._all(select(Customer).order_by(Customer.key))

    def keys(self) -> Sequence[str]:
        return self.session.scalars(select(Customer.key)).all()

    def search(self, words: str, *, limit: int) -> Sequence[Customer]:
        """Customers whose name, key or VAT number holds the words, by name."""
        texts = (Customer.name, Customer.key, Customer.vat_number)
        matches = or_(*(holds(text, words) for text in texts))
        return self._all(select(Customer).where(matches).order_by(Customer.name).limit(limit))


class PersonRepository(Repository):
    """People, their memberships and their sessions."""

    def find(self, login: str) -> Person | None:
        return self._one(select(Person).where(Person.login == login))

    def set_role(self, person_id: int, customer_id: int, role: str) -> None:
        query = select(Membership).where(
            Membership.person_id == person_id, Membership.customer_id == customer_id
        )
        membership = self._one(query)
        if membership is None:
            self.add(Membership(person_id=person_id, customer_id=customer_id, role=role))
        else:
            membership.role = role

    def signed_in(self, token: str) -> Sequence[Any]:
        """The session, its person and each membership, in one query: a row a membership."""
        query = (
            select(UserSession, Person, Membership.role, Customer.key, Customer.name)
            .join(Person, Person.id == UserSession.person_id)
            .outerjoin(Membership, Membership.person_id == Person.id)
            .outerjoin(Customer, Customer.id == Membership.customer_id)
            .where(UserSession.token == token)
            .order_by(Customer.key)
        )
        return self._rows(query)

    def touch(self, token: str, now_us: int) -> None:
        self.session.execute(
            update(UserSession).where(UserSession.token == token).values(seen_us=now_us)
        )

    def end_session(self, token: str, now_us: int) -> None:
        query = update(UserSession).where(
            UserSession.token == token, UserSession.ended_us.is_(None)
        )
        self.session.execute(query.values(ended_us=now_us))


class KeyRepository(Repository):
    """API keys."""

    def find(self, fingerprint: str) -> Any | None:
        """(key, its customer's key or None) of a key that was not revoked."""
        query = (
            select(ApiKey, Customer.key)
            .outerjoin(Customer, Customer.id == ApiKey.customer_id)
            .where(ApiKey.fingerprint == fingerprint, ApiKey.revoked_us.is_(None))
        )
        return self.session.execute(query).one_or_none()

    def touch(self, key_id: int, now_us: int) -> None:
        self.session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_us=now_us))
