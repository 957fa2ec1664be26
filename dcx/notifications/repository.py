"""Every statement of notifications."""

from dcx.repository.base import Repository


class MailRepository(Repository):
    """The outbox."""
