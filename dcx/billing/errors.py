"""What billing refuses."""

from dcx.kit.errors import BadRequestError, DomainError, NotFoundError


class NotAMonthError(BadRequestError):
    """A period that is not a calendar month."""


class CannotIssueError(DomainError):
    """A draft that cannot become an invoice; the message says why."""


class UnknownInvoiceError(NotFoundError):
    """No invoice of that number, or not the viewer's."""
