"""What metering refuses."""

from collections.abc import Sequence

from dcx.kit.errors import BadRequestError, DomainError, NotFoundError


class UnknownSourceError(NotFoundError):
    """No source of that name."""


class SourceRefusedError(DomainError):
    """A source that cannot be added so."""


class BadFileError(BadRequestError):
    """The file itself cannot be read; nothing of it is stored."""


class PullFailedError(DomainError):
    """Sources that could not be read; the rest of the run was done."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))


class FutureError(BadRequestError):
    """Usage cannot count what has not happened."""


class RunRefusedError(DomainError):
    """A run kept losing to another one."""


class UnknownLogError(NotFoundError):
    """No such raw log, or not the viewer's."""
