"""What staff see of the outbox, and how they have a mail sent again."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.kit.actors import Actor
from dcx.kit.periods import SECOND_US
from dcx.notifications.errors import MailNotRepeatableError, UnknownMailError
from dcx.notifications.models import Mail
from dcx.notifications.repository import MailRepository, SuppressionRepository
from dcx.notifications.rules import STATES, without
from dcx.notifications.service.letters import File, holds_secret
from dcx.repository.pages import Page, page_of

FRESH_US = 7 * 24 * 3_600 * SECOND_US
NO_PAGE = "This page does not exist, or it is not yours to see."


@dataclass(frozen=True, slots=True)
class MailLine:
    """A mail in the list. `look` is waiting, sending, late, sent or failed: a mail is late once a
    try was in vain; `next_try_us` of a failed one is when it was given up.
    """

    id: int
    key: str
    to: str
    subject: str
    look: str
    tries: int
    written_us: int
    next_try_us: int
    sent_us: int | None


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail with its words. `can_repeat`: may it be sent again? `hides_secret`: is a part of its
    words left out? `files` are (name, bytes) of what goes with it.
    """

    line: MailLine
    kind: str
    message_id: str
    text: str
    html: str
    error: str | None
    can_repeat: bool
    hides_secret: bool
    files: Sequence[tuple[str, int]]


def mails(
    session: Session, *, state: str = "", words: str = "", before: int | None = None, limit: int
) -> Page[MailLine]:
    """Mails newest first, of a state and with words in their address or subject."""
    wanted = state if state in STATES else ""
    rows = MailRepository(session).page(wanted, words, before=before, limit=limit + 1)
    return page_of([_line(row) for row in rows], limit, lambda line: line.id)


def get_mail(session: Session, key: str, *, hides_secret: bool) -> MailView:
    """One mail; `hides_secret` takes what opens something out of its words."""
    repository = MailRepository(session)
    row = _known(repository.find(key))
    secret = row.secret if hides_secret else None
    return MailView(
        line=_line(row),
        kind=row.kind,
        message_id=row.message_id,
        text=without(row.text, secret),
        html=without(row.html, secret),
        error=row.error,
        can_repeat=_can_repeat(row),
        hides_secret=bool(secret) or _lost_secret(row),
        files=[(name, size) for name, size in repository.names_of_files(row.id)],
    )


def get_file(session: Session, key: str, name: str) -> File:
    """A file that goes with a mail; UnknownMailError where there is none of that name."""
    row = MailRepository(session).file_of(key, name)
    if row is None:
        raise UnknownMailError(NO_PAGE)
    return File(row.name, row.media_type, row.body)


def failed_lately(session: Session, *, now_us: int) -> int:
    """How many mails were given up within the last 7 days."""
    return MailRepository(session).failed_since(now_us - FRESH_US)


def send_again(session: Session, actor: Actor, key: str, *, now_us: int) -> None:
    """Make a mail due at once: one that failed starts anew, one that is late need not wait.

    MailNotRepeatableError for one that is under way, or whose link was taken out after sending.
    """
    mail = _known(MailRepository(session).lock(key))
    if _lost_secret(mail):
        raise MailNotRepeatableError(
            "The link in this mail was taken out once it was sent. Have a new one sent."
        )
    if SuppressionRepository(session).reason_of(mail.to_address.lower()):
        raise MailNotRepeatableError(
            f"Nothing is sent to {mail.to_address}. Let its mails through again first, at Mails."
        )
    if not _can_repeat(mail):
        raise MailNotRepeatableError("This mail is under way. Wait until it is sent or late.")
    before = mail.state
    mail.tries = mail.tries if before == "waiting" else 0
    mail.state, mail.next_try_us, mail.sent_us, mail.error = "waiting", now_us, None, None
    deed = journal.Deed(
        "mail sent again",
        mail.to_address,
        before={"state": before},
        after={"mail": mail.key, "subject": mail.subject},
    )
    journal.record(session, actor, deed, now_us=now_us)


def _known(row: Mail | None) -> Mail:
    if row is None:
        raise UnknownMailError(NO_PAGE)
    return row


def _can_repeat(row: Mail) -> bool:
    """Under way are those that wait without an error: not tried yet, or being sent."""
    return row.state == "failed" or _is_late(row) or (row.state == "sent" and not _lost_secret(row))


def _lost_secret(row: Mail) -> bool:
    return row.state == "sent" and holds_secret(row.kind)


def _is_late(row: Mail) -> bool:
    return row.state == "waiting" and row.error is not None


def _line(row: Mail) -> MailLine:
    look = row.state
    if row.state == "waiting" and row.tries:
        look = "late" if row.error else "sending"
    return MailLine(
        row.id, row.key, row.to_address, row.subject, look, row.tries, row.created_us,
        row.next_try_us, row.sent_us,
    )  # fmt: skip
