"""What payments refuse, and what the gateway may do to them."""

from dcx.kit.errors import DomainError, NotFoundError


class GatewaySilentError(DomainError):
    """The gateway gave no answer that can be read: nobody knows what happened there."""

    status = 503
    code = "gateway_silent"


class NotGenuineError(GatewaySilentError):
    """What came is not the gateway's word, or cannot be read as such."""


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


class UnknownPaymentError(NotFoundError):
    """No payment of that key, or not the viewer's."""


class PaymentRefusedError(DomainError):
    """This cannot be paid, or not so. Nothing was charged."""

    status = 422
    code = "payment_refused"


class FormReusedError(DomainError):
    """The same form was sent before with something else on it."""

    code = "form_reused"


class PaymentsOffError(DomainError):
    """No gateway is set up: nobody can pay by card here."""

    code = "payments_off"


class UnattendedRefusedError(DomainError):
    """A saved card that may not be charged without its owner, or not so. Nothing was charged."""

    code = "unattended_refused"
