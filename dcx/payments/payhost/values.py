"""What is said to PayHost and what it says, as values."""

from dataclasses import dataclass

APPROVED, RECEIVED = 1, 5


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid: our own unique reference, whole cents, and the currency."""

    reference: str
    cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whose card is charged, as the gateway wants to know them."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class KnownCard:
    """A card as the gateway knows it: its last four digits, and MMYYYY."""

    last4: str
    expires: str


@dataclass(frozen=True, slots=True)
class Status:
    """What the gateway says of a transaction. Only `code` decides: a `name` of "Completed" says
    that the message was worked on, not that money moved. `cents` is None where it named none.
    """

    name: str
    code: int | None
    transaction_id: str
    reference: str
    pay_request_id: str
    cents: int | None
    currency: str
    result_code: str
    words: str
    kind: str
    method: str
    risk: str

    @property
    def is_approved(self) -> bool:
        return self.code == APPROVED

    @property
    def is_open(self) -> bool:
        """May it still become something else? Received, not done, or no code at all."""
        return self.code in {None, 0, RECEIVED}
