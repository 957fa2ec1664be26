"""What the ledger refuses."""

from dcx.kit.errors import DomainError, NotFoundError


class NotEnoughError(DomainError):
    """There is less money than this takes. Nothing was booked."""

    code = "not_enough"


class CreditRefusedError(DomainError):
    """A credit that would be of no use."""

    status = 422


class UnknownHoldError(NotFoundError):
    """No hold of that key."""


class HoldEndedError(DomainError):
    """The hold was released or used before: its money is not there any more."""


class UnknownAdjustmentError(NotFoundError):
    """No adjustment of that key."""


class AdjustmentRefusedError(DomainError):
    """An adjustment that cannot be asked for or decided so."""

    status = 422


class NothingOwedError(DomainError):
    """The invoice is paid, or was never owed."""


class UnbalancedError(Exception):
    """A booking whose entries do not sum to zero: a fault of ours, never of whoever asks."""
