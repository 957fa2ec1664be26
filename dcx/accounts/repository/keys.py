"""Statements about API keys."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from dcx.accounts.models import ApiKey, Customer
from dcx.repository.base import Repository


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

    def by_key(self, key: str) -> Any | None:
        """(key, its customer's key or None) by the public key of a key."""
        query = (
            select(ApiKey, Customer.key)
            .outerjoin(Customer, Customer.id == ApiKey.customer_id)
            .where(ApiKey.key == key)
        )
        return self.session.execute(query).one_or_none()

    def listed(self, customer: str | None) -> Sequence[Any]:
        """(key, its customer's key, its customer's name), the newest first; of one customer, or of
        all and the provider.
        """
        query = (
            select(ApiKey, Customer.key, Customer.name)
            .outerjoin(Customer, Customer.id == ApiKey.customer_id)
            .order_by(ApiKey.id.desc())
        )
        return self._rows(query if customer is None else query.where(Customer.key == customer))

    def touch(self, key_id: int, now_us: int) -> None:
        self.session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_us=now_us))
