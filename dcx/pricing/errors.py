"""What pricing refuses."""

from dcx.kit.errors import DomainError, NotFoundError


class PriceBookRefusedError(DomainError):
    """A price book that cannot be published; the message lists every fault."""

    status = 422


class UnknownPriceBookError(NotFoundError):
    """No price book of that name."""


class VatRefusedError(DomainError):
    """A VAT rate that cannot be added or withdrawn."""
