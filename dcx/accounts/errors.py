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


class ProviderDownError(DomainError):
    """The provider of single sign-on does not answer, or not in the protocol."""

    status = 503
    code = "provider_down"


class NotBelievedError(DomainError):
    """What came from the provider, or in its name, does not hold."""

    status = 400
    code = "not_believed"


class ClosedAccountError(DomainError):
    """The person's account was closed by staff."""

    status = 403
    code = "closed"


class LinkGoneError(NotFoundError):
    """An invitation or reset link that was used, withdrawn, has run out or never was."""


class BrokenOffError(DomainError):
    """A sign-in at a provider that was cancelled there, or was not begun in this browser."""

    status = 400
    code = "broken_off"
