"""What payments refuse, and what the gateway may do to them."""

from dcx.kit.errors import DomainError, NotFoundError


class GatewaySilentError(DomainError):
    """The gateway gave no answer that can be read: nobody knows what happened there."""

    status = 503
    code = "gateway_silent"


class GatewayRefusedError(DomainError):
    """The gateway said no, and did nothing. `code` is what it called it."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(f"The gateway refused this: {words or code}.")
        self.code = code


class DeadTokenError(GatewayRefusedError):
    """The gateway knows no such card, or no longer takes it."""


class UnknownCardError(NotFoundError):
    """No card of that key at this customer."""


class CardRefusedError(DomainError):
    """This card cannot be used or changed so."""

    code = "card_refused"


class UnknownRefundError(NotFoundError):
    """No refund of that key."""


class RefundRefusedError(DomainError):
    """A refund that cannot be asked for or decided so."""

    code = "refund_refused"
