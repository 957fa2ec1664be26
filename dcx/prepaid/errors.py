"""What prepaid refuses."""

from dcx.kit.errors import DomainError


class OrderRefusedError(DomainError):
    """The wallet is empty, and the customer's arrangement says that nothing new is ordered then."""

    code = "wallet_empty"
