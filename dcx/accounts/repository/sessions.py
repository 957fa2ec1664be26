"""Statements about signed-in browsers, known devices, and logout tokens."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select, update

from dcx.accounts.models import (
    Customer,
    Device,
    LogoutToken,
    Membership,
    Person,
    UserSession,
    Viewing,
)
from dcx.repository.base import Repository


class SessionRepository(Repository):
    """Sessions: the row decides, not the cookie."""

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

    def by_token(self, token: str) -> UserSession | None:
        return self._one(select(UserSession).where(UserSession.token == token))

    def by_key(self, key: str) -> Any | None:
        """(session, person) of a session's public key."""
        query = (
            select(UserSession, Person)
            .join(Person, Person.id == UserSession.person_id)
            .where(UserSession.key == key)
        )
        return self.session.execute(query).one_or_none()

    def open_of(self, person_id: int) -> Sequence[UserSession]:
        """Sessions of a person that were not ended, the last seen first."""
        query = select(UserSession).where(
            UserSession.person_id == person_id, UserSession.ended_us.is_(None)
        )
        return self._all(query.order_by(UserSession.seen_us.desc()))

    def touch(self, token: str, now_us: int, address: str) -> None:
        self.session.execute(
            update(UserSession)
            .where(UserSession.token == token)
            .values(seen_us=now_us, address=address)
        )

    def rotate(self, token: str, new_token: str) -> bool:
        """Give a session that must change its token a new one; False where another request did."""
        query = (
            update(UserSession)
            .where(UserSession.token == token, UserSession.must_rotate.is_(True))
            .values(token=new_token, must_rotate=False)
            .returning(UserSession.id)
        )
        return self.session.scalar(query) is not None

    def must_rotate(self, person_id: int) -> None:
        self.session.execute(
            update(UserSession)
            .where(UserSession.person_id == person_id, UserSession.ended_us.is_(None))
            .values(must_rotate=True)
        )

    def end(self, session_id: int, now_us: int) -> None:
        self._end(select(UserSession.id).where(UserSession.id == session_id), now_us)

    def end_all_of(self, person_id: int, now_us: int, *, but: int | None = None) -> int:
        """End every session of a person, but one; how many were."""
        which = select(UserSession.id).where(UserSession.person_id == person_id)
        if but is not None:
            which = which.where(UserSession.id != but)
        return self._end(which, now_us)

    def end_at_provider(self, issuer: str, subject: str, sid: str, now_us: int) -> int:
        """End the sessions that came through a provider: those of its sid, its subject, or both."""
        which = select(UserSession.id).where(UserSession.issuer == issuer)
        if sid:
            which = which.where(UserSession.sid == sid)
        if subject:
            which = which.where(UserSession.subject == subject)
        return self._end(which, now_us)

    def _end(self, which: Select[int], now_us: int) -> int:
        query = (
            update(UserSession)
            .where(UserSession.id.in_(which), UserSession.ended_us.is_(None))
            .values(ended_us=now_us, id_token=None)
            .returning(UserSession.id)
        )
        return len(self.session.scalars(query).all())

    def claim_logout_token(self, issuer: str, jti: str, now_us: int) -> bool:
        """Put a logout token on record; False where it was there before."""
        return self._insert_once(LogoutToken, issuer=issuer, jti=jti, received_us=now_us)

    def claim_viewing(self, session_id: int, customer_id: int, now_us: int) -> bool:
        """Put on record that a customer was looked at in a session; False where that is known."""
        return self._insert_once(
            Viewing, session_id=session_id, customer_id=customer_id, at_us=now_us
        )

    def has_viewed(self, token: str, customer: str) -> bool:
        query = (
            select(Viewing.id)
            .join(UserSession, UserSession.id == Viewing.session_id)
            .join(Customer, Customer.id == Viewing.customer_id)
            .where(UserSession.token == token, Customer.key == customer)
        )
        return self.session.scalar(query) is not None

    def is_device_of(self, token: str, person_id: int) -> bool:
        query = select(Device.id).where(Device.token == token, Device.person_id == person_id)
        return self.session.scalar(query) is not None

    def _insert_once(self, model: Any, **values: Any) -> bool:
        query = self._insert(model).values(**values).on_conflict_do_nothing()
        return self.session.scalar(query.returning(model.id)) is not None
