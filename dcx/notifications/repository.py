"""Every statement of notifications."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, or_, select

from dcx.notifications.models import Attachment, Mail, Suppression
from dcx.repository.base import Repository, holds


class MailRepository(Repository):
    """The outbox."""

    def find(self, key: str) -> Mail | None:
        return self._one(select(Mail).where(Mail.key == key))

    def lock(self, key: str) -> Mail | None:
        """The mail, held until the transaction ends."""
        return self._one(select(Mail).where(Mail.key == key).with_for_update())

    def lock_due(self, now_us: int) -> Mail | None:
        """The mail that has been due longest and that nobody else holds, held."""
        query = (
            select(Mail)
            .where(Mail.state == "waiting", Mail.next_try_us <= now_us)
            .order_by(Mail.next_try_us, Mail.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return self._one(query)

    def files_of(self, mail_id: int) -> Sequence[Attachment]:
        """What goes with a mail, in the order of its making."""
        query = select(Attachment).where(Attachment.mail_id == mail_id)
        return self._all(query.order_by(Attachment.id))

    def names_of_files(self, mail_id: int) -> Sequence[Any]:
        """(name, bytes) of what goes with a mail, without reading it."""
        query = select(Attachment.name, func.length(Attachment.body))
        return self._rows(query.where(Attachment.mail_id == mail_id).order_by(Attachment.id))

    def file_of(self, key: str, name: str) -> Attachment | None:
        query = select(Attachment).join(Mail, Mail.id == Attachment.mail_id)
        return self._one(query.where(Mail.key == key, Attachment.name == name))

    def forget_before(self, before_us: int) -> int:
        """Delete what was settled and written before an instant; how many mails that were."""
        old = Mail.state.in_(("sent", "failed")) & (Mail.created_us < before_us)
        ids = select(Mail.id).where(old)
        self.session.execute(delete(Attachment).where(Attachment.mail_id.in_(ids)))
        return len(self.session.scalars(delete(Mail).where(old).returning(Mail.id)).all())

    def failed_since(self, since_us: int) -> int:
        """How many were given up since then."""
        query = select(func.count()).where(Mail.state == "failed", Mail.next_try_us >= since_us)
        return self.session.scalar(query) or 0

    def page(self, state: str, words: str, *, before: int | None, limit: int) -> Sequence[Mail]:
        """Newest first; an empty state or no words match all."""
        query = select(Mail).order_by(Mail.id.desc()).limit(limit)
        if before is not None:
            query = query.where(Mail.id < before)
        if state:
            query = query.where(Mail.state == state)
        if words:
            query = query.where(or_(holds(Mail.to_address, words), holds(Mail.subject, words)))
        return self._all(query)


class SuppressionRepository(Repository):
    """Addresses that nothing is sent to."""

    def put(self, address: str, reason: str, now_us: int) -> None:
        row = {"address": address, "reason": reason, "since_us": now_us}
        query = self._insert(Suppression).values(row)
        self.session.execute(query.on_conflict_do_nothing())

    def reason_of(self, address: str) -> str | None:
        query = select(Suppression.reason).where(Suppression.address == address)
        return self.session.scalar(query)

    def latest(self, limit: int) -> Sequence[Suppression]:
        return self._all(select(Suppression).order_by(Suppression.id.desc()).limit(limit))

    def take(self, address: str) -> str | None:
        """Take an address off the list and answer why it stood there; None where it did not."""
        query = delete(Suppression).where(Suppression.address == address)
        return self.session.scalar(query.returning(Suppression.reason))
