"""The outbox: a mail is written with what it tells of, claimed by one sender, and settled."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from dcx.kit.ids import new_id
from dcx.kit.periods import SECOND_US
from dcx.notifications.errors import UnknownMailError
from dcx.notifications.models import Attachment, Mail
from dcx.notifications.repository import MailRepository, SuppressionRepository
from dcx.notifications.rules import message_id, wait_us, without
from dcx.notifications.service.letters import Message, rendered

LEASE_US = 300 * SECOND_US
LONGEST_ERROR = 500


def write(session: Session, mail: Message, *, now_us: int) -> str:
    """Put a mail into the outbox, in the transaction of what it tells of; answer its key.

    One to an address that nothing is sent to is written all the same, and fails when its turn
    comes, so that staff see it. MailRefusedError where an address, a name or the link is not safe.
    """
    parts = rendered(mail)
    key = new_id()
    row = Mail(
        key=key,
        message_id=message_id(key, urlsplit(mail.words.link).hostname),
        kind=mail.words.kind,
        to_address=mail.to,
        subject=parts.subject,
        text=parts.text,
        html=parts.html,
        secret=mail.secret,
        state="waiting",
        tries=0,
        created_us=now_us,
        next_try_us=now_us,
        sent_us=None,
        error=None,
    )
    repository = MailRepository(session)
    repository.add(row)
    for file in mail.files:
        repository.add(
            Attachment(mail_id=row.id, name=file.name, media_type=file.media_type, body=file.body)
        )
    return key


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that is ours to send until its lease ends."""

    key: str
    tries: int
    message_id: str
    to: str
    subject: str
    text: str
    html: str
    written_us: int
    files: tuple[tuple[str, str, bytes], ...]


def claim(session: Session, *, now_us: int) -> Claim | None:
    """Take the mail that has been due longest, so that no other sender takes it; None where none
    is due. Those to addresses that nothing is sent to fail instead.

    A sender that dies leaves it waiting: it is due again when the lease of 5 minutes ends.
    """
    repository = MailRepository(session)
    mail = repository.lock_due(now_us)
    while mail is not None and (reason := _reason_to_hold(session, mail)):
        mail.state, mail.next_try_us, mail.error = "failed", now_us, reason
        session.flush()
        mail = repository.lock_due(now_us)
    if mail is None:
        return None
    files = tuple((each.name, each.media_type, each.body) for each in repository.files_of(mail.id))
    mail.tries += 1
    mail.next_try_us = now_us + LEASE_US
    mail.error = None
    return Claim(
        mail.key, mail.tries, mail.message_id, mail.to_address, mail.subject, mail.text, mail.html,
        mail.created_us, files,
    )  # fmt: skip


def _reason_to_hold(session: Session, mail: Mail) -> str | None:
    reason = SuppressionRepository(session).reason_of(mail.to_address.lower())
    return f"Nothing is sent to this address: {reason}"[:LONGEST_ERROR] if reason else None


def settle_sent(session: Session, claimed: Claim, *, now_us: int) -> None:
    """The server took it: what opens something is taken out of its words."""
    mail = _held(session, claimed)
    mail.text, mail.html = without(mail.text, mail.secret), without(mail.html, mail.secret)
    mail.state, mail.secret, mail.error, mail.sent_us = "sent", None, None, now_us


def settle_failed(
    session: Session, claimed: Claim, error: str, *, is_final: bool, now_us: int
) -> bool:
    """The server did not take it: it waits for its next try, or is given up. Was it given up?

    Where another sender took it meanwhile, that sender's word counts.
    """
    mail = _held(session, claimed)
    if mail.state != "waiting" or mail.tries != claimed.tries:
        return False
    wait = None if is_final else wait_us(mail.tries)
    mail.error = without(error, mail.secret)[:LONGEST_ERROR]
    mail.state = "failed" if wait is None else "waiting"
    mail.next_try_us = now_us + (wait or 0)
    return wait is None


def forget_before(session: Session, before_us: int) -> int:
    """Delete mails that were sent or given up and written before an instant; how many."""
    return MailRepository(session).forget_before(before_us)


def _held(session: Session, claimed: Claim) -> Mail:
    mail = MailRepository(session).lock(claimed.key)
    if mail is None:
        raise UnknownMailError("This mail is no longer in the outbox.")
    return mail
