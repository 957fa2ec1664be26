"""Payments as files and programs read them."""

from collections.abc import Iterator
from typing import Any

from dcx.kit.money import cents_text
from dcx.kit.periods import instant_text
from dcx.kit.sorting import Ask
from dcx.payments.service import PaymentLine, Wanted, every_payment
from dcx.repository.session import reading

PAYMENT_HEAD = (
    "reference", "customer", "invoice", "state", "amount", "currency", "method",
    "authenticated", "begun_at", "paid_at",
)  # fmt: skip


def payment_rows(wanted: Wanted, ask: Ask) -> Iterator[tuple[object, ...]]:
    """All payments that a filter shows, under PAYMENT_HEAD, read as they are sent."""
    with reading() as session:
        for line in every_payment(session, wanted, ask):
            yield (
                line.reference, line.customer, line.document, line.state, cents_text(line.cents),
                line.currency, line.method, "yes" if line.is_authenticated else "no",
                instant_text(line.created_us), instant_text(line.paid_us) if line.paid_us else "",
            )  # fmt: skip


def payment_answer(line: PaymentLine, url: str) -> dict[str, Any]:
    """A payment as the API answers it."""
    return {
        "id": line.key,
        "status": line.state,
        "amount": cents_text(line.cents),
        "currency": line.currency,
        "reference": line.reference,
        "document": line.document,
        "created_at": instant_text(line.created_us),
        "paid_at": instant_text(line.paid_us) if line.paid_us else None,
        "url": url,
    }
