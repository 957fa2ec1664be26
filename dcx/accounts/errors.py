"""What accounts refuses."""

from dcx.kit.errors import DomainError, NotFoundError, TooManyError


class UnknownCustomerError(NotFoundError):
    """No customer of that key."""


class UnknownPersonError(NotFoundError):
    """Nobody of that e-mail."""


class AccountRefusedError(DomainError):
    """An account that cannot be made so."""

    status = 422


class SigninRefusedError(DomainError):
    """E-mail and password do not fit together; which of them is not said."""

    status = 422


class SlowDownError(TooManyError):
    """Too many failed sign-ins."""
