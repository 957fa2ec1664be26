"""Refusals of notifications, and what an SMTP server can answer."""

from dcx.kit.errors import DomainError, NotFoundError


class MailRefusedError(DomainError):
    """This mail is not written: its address, a name or its link would not be safe."""


class MailNotRepeatableError(DomainError):
    """This mail cannot be sent again."""


class UnknownMailError(NotFoundError):
    """There is no such mail."""


class NotSentError(Exception):
    """The server did not take the mail; a later try may do better."""


class UnreachableError(NotSentError):
    """The server was not reached, or it hung up: other mails would fare no better now."""


class RefusedForGoodError(NotSentError):
    """The server will never take this mail: trying again is of no use."""


class NoSuchRecipientError(RefusedForGoodError):
    """The server will never take any mail for this address."""
