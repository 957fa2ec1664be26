"""Every statement of notifications."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from dcx.notifications.models import Mail
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
