"""The mails of accounts: links that let somebody in, and that they may come in."""

from sqlalchemy.orm import Session

from dcx.accounts import models
from dcx.accounts.models import Person
from dcx.accounts.rules import email_fault
from dcx.notifications import service as notifications
from dcx.notifications.service import AccessGranted, Invitation, Reset, Site


def reset(session: Session, person: Person, *, site: Site, token: str, now_us: int) -> None:
    """Mail a link to a new password."""
    words = Reset(link=site.link(f"/reset/{token}"), secret=token)
    notifications.write(session, site.message(person.email, words), now_us=now_us)


def invitation(
    session: Session, row: models.Invitation, customer: str, *, site: Site, token: str, now_us: int
) -> None:
    """Mail a link that gives a role at a customer."""
    words = Invitation(
        inviter=row.invited_by,
        customer=customer,
        role=row.role,
        link=site.link(f"/invitations/{token}"),
        secret=token,
    )
    notifications.write(session, site.message(row.email, words), now_us=now_us)


def access_granted(
    session: Session, person: Person, customer: str, *, site: Site, now_us: int
) -> None:
    """Mail that somebody who asked may come in now; whoever has no e-mail is not told."""
    if email_fault(person.email) is None:
        words = AccessGranted(customer=customer, link=site.link("/"))
        notifications.write(session, site.message(person.email, words), now_us=now_us)
