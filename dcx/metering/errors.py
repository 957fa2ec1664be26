"""What metering refuses."""

from dcx.kit.errors import BadRequestError, DomainError, NotFoundError


class UnknownSourceError(NotFoundError):
    """No source of that name."""


class SourceRefusedError(DomainError):
    """A source that cannot be added so."""


class BadFileError(BadRequestError):
    """The file itself cannot be read; nothing of it is stored."""


class RunRefusedError(DomainError):
    """A run kept losing to another one."""


class UnknownLogError(NotFoundError):
    """No such raw log, or not the viewer's."""
