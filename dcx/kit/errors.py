"""Refusals: sentences that a person can read, with the HTTP status that fits them."""


class DomainError(Exception):
    """Something was refused. The message is shown to the person as it is."""

    status = 409
    code = "refused"

    @property
    def message(self) -> str:
        return str(self)


class NotFoundError(DomainError):
    """It does not exist, or it is not the viewer's to see: both look alike."""

    status = 404
    code = "not_found"


class NotAllowedError(DomainError):
    """The viewer may see it but may not do this."""

    status = 403
    code = "forbidden"


class NotSignedInError(DomainError):
    """Nobody is signed in, or the key is unknown."""

    status = 401
    code = "unauthorized"


class TooLargeError(DomainError):
    """What was sent is larger than is read."""

    status = 413
    code = "too_large"


class TooManyError(DomainError):
    """Too many tries in too short a time."""

    status = 429
    code = "too_many_requests"


class BadRequestError(DomainError):
    """The request cannot be read."""

    status = 400
    code = "bad_request"


class FormError(DomainError):
    """One or more fields are wrong; `fields` maps each to what to do about it."""

    status = 422
    code = "invalid"

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields
