"""Tables of payments: payments and their history, notices of the gateway, cards, refunds, and what
reconciliation found.
"""

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dcx.repository.base import Key, Row
from dcx.repository.session import Model


class Payment(Row, Model):
    """One attempt to pay, with a reference of its own. A retry is another attempt.

    `document` is the invoice it pays, "" for a top-up. `form_key` makes a double click one
    payment. `next_check_us` is when to ask the gateway again, None once nothing is open. Until
    `asked_us` it is somebody's turn to ask, and nobody else does.
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="is_something"),
        CheckConstraint(
            "state IN ('created', 'redirected', 'pending', 'unknown', 'paid', 'declined',"
            " 'cancelled', 'expired', 'failed', 'review', 'reversed')",
            name="state_is_known",
        ),
        UniqueConstraint("customer", "form_key"),
        Index(None, "customer", "id"),
        Index(None, "next_check_us"),
        Index(None, "document"),
        Index(None, "state", "id"),
    )

    key: Mapped[Key] = mapped_column(unique=True)
    customer: Mapped[Key]
    document: Mapped[Key]
    amount_cents: Mapped[int]
    currency: Mapped[str]
    email: Mapped[str]
    reference: Mapped[Key] = mapped_column(unique=True)
    form_key: Mapped[Key]
    pay_request_id: Mapped[Key | None] = mapped_column(unique=True)
    card_id: Mapped[int | None] = mapped_column(ForeignKey("card.id"))
    keeps_card: Mapped[bool]
    is_unattended: Mapped[bool]
    state: Mapped[Key]
    transaction_id: Mapped[Key]
    result_code: Mapped[str]
    result_words: Mapped[str]
    method: Mapped[str]
    risk: Mapped[str]
    checks: Mapped[int]
    next_check_us: Mapped[int | None]
    asked_us: Mapped[int]
    made_by: Mapped[str]
    created_us: Mapped[int]
    changed_us: Mapped[int]
    paid_us: Mapped[int | None]


class PaymentEvent(Row, Model):
    """A step in a payment's life: from which state to which, by whom, and why. Never changed."""

    __tablename__ = "payment_event"

    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    at_us: Mapped[int]
    from_state: Mapped[str]
    to_state: Mapped[str]
    made_by: Mapped[str]
    words: Mapped[str]


class Notice(Row, Model):
    """What came to the gateway's doors, as it came but for secrets, and what became of it."""

    __tablename__ = "gateway_notice"
    __table_args__ = (Index(None, "payment_id"), Index(None, "received_us"))

    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    kind: Mapped[Key]
    body: Mapped[str] = mapped_column(Text)
    address: Mapped[str]
    is_genuine: Mapped[bool]
    outcome: Mapped[str]
    received_us: Mapped[int]


class Card(Row, Model):
    """A card kept at the gateway. Of its number only the last four digits ever come here.

    `token` is sealed; `token_print` tells the same token again without opening it. A card that its
    owner deletes is hidden at once ('deleting') and asked for until the gateway confirms.
    """

    __tablename__ = "card"
    __table_args__ = (
        UniqueConstraint("customer", "token_print"),
        CheckConstraint(
            "state IN ('active', 'deleting', 'deleted', 'dead')", name="state_is_known"
        ),
        Index(None, "state", "next_try_us"),
    )

    key: Mapped[Key] = mapped_column(unique=True)
    customer: Mapped[Key]
    token: Mapped[str | None] = mapped_column(Text)
    token_print: Mapped[Key]
    brand: Mapped[str]
    last4: Mapped[str]
    expires: Mapped[Key]
    name: Mapped[str]
    is_default: Mapped[bool]
    state: Mapped[str]
    tries: Mapped[int]
    next_try_us: Mapped[int | None]
    reminded_for: Mapped[str]
    created_us: Mapped[int]
    ended_us: Mapped[int | None]


class Refund(Row, Model):
    """Money to be sent back for a payment: the intent is written before the gateway is asked.

    `order_id` is ours and unique: after a silence the gateway is asked for it before anything is
    sent again.
    """

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="is_something"),
        CheckConstraint(
            "state IN ('waiting', 'wanted', 'sent', 'unknown', 'done', 'refused', 'declined')",
            name="state_is_known",
        ),
        Index(None, "state", "next_try_us"),
    )

    key: Mapped[Key] = mapped_column(unique=True)
    form_key: Mapped[Key] = mapped_column(unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    amount_cents: Mapped[int]
    reason: Mapped[str]
    order_id: Mapped[Key] = mapped_column(unique=True)
    state: Mapped[str]
    asked_by: Mapped[str]
    decided_by: Mapped[str | None]
    transaction_id: Mapped[Key]
    words: Mapped[str]
    tries: Mapped[int]
    next_try_us: Mapped[int | None]
    created_us: Mapped[int]
    ended_us: Mapped[int | None]


class Difference(Row, Model):
    """Where ledger, our payments and the gateway's answers do not agree, until it is settled."""

    __tablename__ = "difference"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        Index(None, "settled_us", "id"),
    )

    kind: Mapped[Key]
    subject: Mapped[Key]
    customer: Mapped[Key]
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    ours: Mapped[str]
    theirs: Mapped[str]
    ledger: Mapped[str]
    found_us: Mapped[int]
    seen_us: Mapped[int]
    owner: Mapped[str]
    note: Mapped[str]
    settled_by: Mapped[str]
    settled_us: Mapped[int | None]


class SettlementFile(Row, Model):
    """A file in which the gateway lists what it paid out. The same file counts once."""

    __tablename__ = "settlement_file"

    key: Mapped[Key] = mapped_column(unique=True)
    name: Mapped[str]
    digest: Mapped[Key] = mapped_column(unique=True)
    sent_by: Mapped[str]
    received_us: Mapped[int]


class SettlementLine(Row, Model):
    """A line of such a file, and the payment that it was matched with."""

    __tablename__ = "settlement_line"
    __table_args__ = (UniqueConstraint("file_id", "position"), Index(None, "payment_id"))

    file_id: Mapped[int] = mapped_column(ForeignKey("settlement_file.id"))
    position: Mapped[int]
    reference: Mapped[Key]
    transaction_id: Mapped[Key]
    amount_cents: Mapped[int]
    paid_on: Mapped[str]
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    verdict: Mapped[Key]
