"""The letters of money: what each kind says. Values come as finished texts, as `Site.looks` writes
them; where a text completes a sentence, its field says so.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PaymentReceived:
    """A payment was booked. `what` completes "for ..." ("invoice INV-000012", "your wallet")."""

    kind: ClassVar[str] = "payment_received"
    customer: str
    amount: str
    reference: str
    what: str
    link: str


@dataclass(frozen=True, slots=True)
class PaymentFailed:
    """A payment did not come about. `reason` says why, and what became of the
    money ("The bank said no. Nothing was charged.")."""

    kind: ClassVar[str] = "payment_failed"
    customer: str
    amount: str
    reason: str
    link: str


@dataclass(frozen=True, slots=True)
class RefundSent:
    """Money went back to where it came from. `reference` is that of the payment refunded."""

    kind: ClassVar[str] = "refund_sent"
    customer: str
    amount: str
    reference: str
    link: str


@dataclass(frozen=True, slots=True)
class LowBalance:
    """The wallet runs low. `lasts` completes "It lasts ..." ("until 27 November 2026 at the present
    rate"), or is "" where nothing is used now.
    """

    kind: ClassVar[str] = "low_balance"
    customer: str
    balance: str
    lasts: str
    link: str


@dataclass(frozen=True, slots=True)
class FineAgain:
    """The wallet that ran low is above its threshold again."""

    kind: ClassVar[str] = "fine_again"
    customer: str
    balance: str
    link: str


@dataclass(frozen=True, slots=True)
class ZeroAhead:
    """The wallet will be empty on a day, `when` ("27 November 2026"). `happens` is one sentence
    ("New orders are then refused until it is topped up.").
    """

    kind: ClassVar[str] = "zero_ahead"
    customer: str
    happens: str
    when: str
    link: str


@dataclass(frozen=True, slots=True)
class Suspended:
    """The account is suspended for want of money, since a day ("27 November 2026")."""

    kind: ClassVar[str] = "suspended"
    customer: str
    since: str
    link: str


@dataclass(frozen=True, slots=True)
class AutoTopUpFailed:
    """The saved card was not charged. `reason` is one sentence."""

    kind: ClassVar[str] = "auto_top_up_failed"
    customer: str
    amount: str
    reason: str
    link: str


@dataclass(frozen=True, slots=True)
class CardExpires:
    """A saved card (`card`: "Visa ending 1234") is good to the end of `month` ("March 2027")."""

    kind: ClassVar[str] = "card_expires"
    customer: str
    card: str
    month: str
    link: str


@dataclass(frozen=True, slots=True)
class InvoiceIssued:
    """An invoice is there, attached as a PDF. `due` is one sentence ("R120,00 is to be paid.")."""

    kind: ClassVar[str] = "invoice_issued"
    customer: str
    number: str
    month: str
    total: str
    due: str
    link: str
