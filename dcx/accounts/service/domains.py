"""E-mail domains: who comes through a provider with a verified address there belongs to a
customer.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from dcx.accounts.errors import AccountRefusedError, UnknownCustomerError
from dcx.accounts.models import Customer, EmailDomain
from dcx.accounts.repository import CustomerRepository
from dcx.accounts.rules import domain_fault
from dcx.accounts.service.people import require_customer_role
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.errors import NotFoundError


def domains(session: Session, customer: str) -> Sequence[EmailDomain]:
    """The domains of a customer, in order."""
    repository = CustomerRepository(session)
    return repository.domains(_customer(repository, customer).id)


def add_domain(
    session: Session, customer: str, domain: str, role: str, *, by: Actor, now_us: int
) -> None:
    """Let in who comes from a domain. Only those who sign in for the first time, or who wait."""
    repository, wanted = CustomerRepository(session), domain.strip().lower().lstrip("@")
    owner = _customer(repository, customer)
    if fault := domain_fault(wanted):
        raise AccountRefusedError(fault)
    require_customer_role(role)
    if repository.domain(wanted) is not None:
        raise AccountRefusedError(f"{wanted} belongs to a customer already.")
    repository.add(EmailDomain(domain=wanted, customer_id=owner.id, role=role))
    deed = Deed("domain added", wanted, customer, None, {"role": role})
    journal.record(session, by, deed, now_us=now_us)


def remove_domain(session: Session, customer: str, domain: str, *, by: Actor, now_us: int) -> None:
    """Let in nobody new from a domain; who is in stays."""
    repository = CustomerRepository(session)
    row = repository.domain(domain)
    if row is None or row.customer_id != _customer(repository, customer).id:
        raise NotFoundError("There is no such domain.")
    deed = Deed("domain removed", domain, customer, {"role": row.role})
    session.delete(row)
    journal.record(session, by, deed, now_us=now_us)


def _customer(repository: CustomerRepository, key: str) -> Customer:
    found = repository.find(key)
    if found is None:
        raise UnknownCustomerError(f"There is no customer {key!r}.")
    return found
