"""Who reads the mails about a customer's money, and how they are told."""

from dataclasses import fields, replace
from typing import Any

from sqlalchemy.orm import Session

from dcx.accounts.repository import CustomerRepository, PersonRepository
from dcx.accounts.service.customers import get_customer
from dcx.notifications import service as notifications
from dcx.notifications.service import File, Site, Words


def recipients(session: Session, customer: str) -> list[str]:
    """The customer's billing e-mail, else those of its owners whose account is open.

    UnknownCustomerError where there is no such customer. Addresses that no mail can be sent to are
    left out.
    """
    found = get_customer(session, customer)
    if notifications.is_address(found.email):
        return [found.email]
    row = CustomerRepository(session).find(customer)
    members = PersonRepository(session).members(row.id) if row else ()
    emails = [
        person.email
        for person, role in members
        if role == "owner" and person.closed_us is None and notifications.is_address(person.email)
    ]
    return list(dict.fromkeys(emails))


def tell(
    session: Session,
    customer: str,
    words: Words,
    *,
    site: Site,
    now_us: int,
    files: tuple[File, ...] = (),
) -> list[str]:
    """Write a mail to each of a customer's recipients, in the caller's transaction; the keys.

    Nobody to write to is no fault, and a name of several lines is written in one: what the mail
    tells of must not fail for want of it.
    """
    values: dict[str, Any] = {each.name: _flat(getattr(words, each.name)) for each in fields(words)}
    flat = replace(words, **values)
    return [
        notifications.write(session, site.message(to, flat, files), now_us=now_us)
        for to in recipients(session, customer)
    ]


def _flat(value: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
