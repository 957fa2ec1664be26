"""Refusals of payments, and what the gateway can answer instead of an answer."""

from dcx.kit.errors import DomainError, NotFoundError


class UnknownPaymentError(NotFoundError):
    """No such payment, or not the viewer's."""


class UnknownCardError(NotFoundError):
    """No such card, or not this customer's."""


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


class GatewayError(Exception):
    """The gateway gave no answer that can be used."""


class GatewayRefusedError(GatewayError):
    """The gateway refused, with a code and perhaps words of its own. It did nothing."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(f"The gateway refused: {words or code}.")
        self.code = code


class GatewaySilentError(GatewayError):
    """No answer came: nobody knows whether the gateway did what it was asked."""


class NotGenuineError(GatewaySilentError):
    """What came is not the gateway's word, or cannot be read as such."""


class DeadTokenError(GatewayRefusedError):
    """The gateway knows no such card, or no longer takes it."""


class CardRefusedError(DomainError):
    """This card cannot be used or changed so."""

    code = "card_refused"


class UnknownRefundError(NotFoundError):
    """No refund of that key."""


class RefundRefusedError(DomainError):
    """A refund that cannot be asked for or decided so."""

    code = "refund_refused"


class UnattendedRefusedError(DomainError):
    """A saved card that may not be charged without its owner, or not so. Nothing was charged."""

    code = "unattended_refused"
