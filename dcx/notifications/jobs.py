"""The clock's door to the outbox: send what is due, each mail once."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from dcx.kit.periods import HOUR_US, to_us
from dcx.notifications import service
from dcx.notifications.errors import (
    NoSuchRecipientError,
    NotSentError,
    RefusedForGoodError,
    UnreachableError,
)
from dcx.notifications.smtp import Letter, Post
from dcx.repository.session import transaction

MOST_AT_ONCE = 500
KEPT_US = 90 * 24 * HOUR_US


def send_waiting(
    smtp_url: str, sender: str, *, name: str, clock: Callable[[], int] | None = None
) -> dict[str, int]:
    """Send the mails that are due; count those sent, late (a later try may do better) and failed.

    Without an SMTP server none is sent and nothing fails. Safe to repeat, to end at any point and
    to run beside itself: a mail is claimed before it is sent and settled after. Only a sender that
    dies between the two lets a mail go out twice, with the same Message-ID. The first mail that
    finds no server ends the run: the others stay due.
    """
    now, counts = clock or _now_us, Counter(sent=0, late=0, failed=0)
    if not smtp_url:
        return counts
    with Post(smtp_url, sender, name=name) as post:
        while counts.total() < MOST_AT_ONCE and (claimed := _claimed(now())):
            error = _hand_over(post, claimed)
            counts[_settle(claimed, error, now())] += 1
            if isinstance(error, UnreachableError):
                break
    return counts


def forget_old(*, now_us: int) -> dict[str, int]:
    """Delete mails that were sent or given up and written more than 90 days ago, files and all."""
    with transaction() as session:
        return {"mails": service.forget_before(session, now_us - KEPT_US)}


def _claimed(now_us: int) -> service.Claim | None:
    with transaction() as session:
        return service.claim(session, now_us=now_us)


def _hand_over(post: Post, claimed: service.Claim) -> NotSentError | None:
    """What stood against the mail; None where the server took it."""
    letter = Letter(
        claimed.message_id, claimed.to, claimed.subject, claimed.text, claimed.html,
        claimed.written_us, claimed.files,
    )  # fmt: skip
    try:
        post.send(letter)
    except NotSentError as error:
        return error
    return None


def _settle(claimed: service.Claim, error: NotSentError | None, now_us: int) -> str:
    """Write how it went, and answer it as a word."""
    is_final = isinstance(error, RefusedForGoodError)
    with transaction() as session:
        if error is None:
            service.settle_sent(session, claimed, now_us=now_us)
            return "sent"
        if isinstance(error, NoSuchRecipientError):
            service.suppress(session, claimed.to, str(error), now_us=now_us)
        is_given_up = service.settle_failed(
            session, claimed, str(error), is_final=is_final, now_us=now_us
        )
    return "failed" if is_given_up else "late"


def _now_us() -> int:
    return to_us(datetime.now(UTC))
