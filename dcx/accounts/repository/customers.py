"""Statements about customers and the e-mail domains that belong to them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from dcx.accounts.models import Customer, EmailDomain
from dcx.repository.base import Repository, holds


class CustomerRepository(Repository):
    """Customers."""

    def find(self, key: str) -> Customer | None:
        return self._one(select(Customer).where(Customer.key == key))

    def lock(self, key: str) -> Customer | None:
        """The customer, held until the transaction ends: who changes its people takes it first."""
        return self._one(select(Customer).where(Customer.key == key).with_for_update())

    def every(self) -> Sequence[Customer]:
        return self._all(select(Customer).order_by(Customer.key))

    def keys(self) -> Sequence[str]:
        return self.session.scalars(select(Customer.key)).all()

    def search(self, words: str, *, limit: int) -> Sequence[Customer]:
        """Customers whose name, key or VAT number holds the words, by name."""
        texts = (Customer.name, Customer.key, Customer.vat_number)
        matches = or_(*(holds(text, words) for text in texts))
        return self._all(select(Customer).where(matches).order_by(Customer.name).limit(limit))

    def domain(self, domain: str) -> EmailDomain | None:
        return self._one(select(EmailDomain).where(EmailDomain.domain == domain))

    def domains(self, customer_id: int) -> Sequence[EmailDomain]:
        query = select(EmailDomain).where(EmailDomain.customer_id == customer_id)
        return self._all(query.order_by(EmailDomain.domain))

    def of_domain(self, domain: str) -> Any | None:
        """(customer, role) of an e-mail domain."""
        query = (
            select(Customer, EmailDomain.role)
            .join(EmailDomain, EmailDomain.customer_id == Customer.id)
            .where(EmailDomain.domain == domain)
        )
        return self.session.execute(query).one_or_none()
