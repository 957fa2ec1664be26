"""What the gateway says about a payment, as a value, and whether it fits the payment."""

from dataclasses import dataclass, field

from dcx.kit.money import cents_text
from dcx.payments.rules.states import APPROVED, meaning


@dataclass(frozen=True, slots=True)
class Token:
    """A card that the gateway keeps: its token, the last four digits, YYYY-MM and brand.

    The token opens nothing without our id and key there, and is never shown or logged.
    """

    value: str = field(repr=False)
    last4: str
    expires: str
    brand: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The gateway's word on a payment. `amount_cents` and `currency` are None and "" while nothing
    happened; `method` is its kind and, where told, which one, as "CC Visa".
    """

    pay_request_id: str
    reference: str
    status: str
    result_code: str = ""
    result_words: str = ""
    amount_cents: int | None = None
    currency: str = ""
    transaction_id: str = ""
    risk: str = ""
    method: str = ""
    token: Token | None = None

    @property
    def told(self) -> str:
        """The state that it speaks of."""
        return meaning(self.status, self.result_code)


@dataclass(frozen=True, slots=True)
class Due:
    """What a payment was begun for: what every answer about it must say."""

    pay_request_id: str | None
    reference: str
    amount_cents: int
    currency: str


def mismatches(due: Due, answer: Answer) -> list[str]:
    """What an answer says otherwise than the payment, in words for staff; [] where it fits.

    Amount and currency may be missing only while nothing was approved.
    """
    is_approved = answer.status == APPROVED
    amount, currency = answer.amount_cents, answer.currency
    found = []
    if due.pay_request_id and answer.pay_request_id != due.pay_request_id:
        found.append("another payment request")
    if answer.reference != due.reference:
        found.append(f"the reference {answer.reference}")
    if amount != due.amount_cents and (amount is not None or is_approved):
        found.append("no amount" if amount is None else f"the amount {cents_text(amount)}")
    if currency != due.currency and (currency or is_approved):
        found.append(f"the currency {currency or 'of nobody'}")
    return found
