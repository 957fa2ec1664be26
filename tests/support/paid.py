"""Payments that tests write down as they stand after their life, with or without a booking."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from dcx.kit.actors import CLOCK
from dcx.kit.periods import HOUR_US, parse_instant
from dcx.payments.models import Payment, Refund
from dcx.wallet import service as wallet

NOON_US = parse_instant("2026-11-24T12:00:00+02:00")
DAY_US = 24 * HOUR_US


def put_payment(session: Session, key: str, cents: int = 15_000, **facts: Any) -> Payment:
    """A payment of alpha, paid an hour before noon unless the facts say otherwise."""
    paid_us = facts.pop("paid_us", NOON_US - HOUR_US)
    given = {
        "customer": "alpha", "document": "", "currency": "ZAR", "email": "a@alpha.example",
        "reference": f"DCX-{key.upper()}-A", "form_key": key, "card_id": None,
        "pay_request_id": f"PRID-{key}", "keeps_card": False, "is_unattended": False,
        "state": "paid", "transaction_id": f"9{sum(key.encode()):09}", "result_code": "990017",
        "result_words": "Auth Done", "method": "CC Visa", "risk": "AX", "checks": 0,
        "next_check_us": None, "asked_us": 0, "made_by": "alice@dcx.example",
        "created_us": paid_us, "changed_us": paid_us,
    } | facts  # fmt: skip
    is_paid = given["state"] in {"paid", "reversed"}
    payment = Payment(
        key=key, amount_cents=cents, paid_us=paid_us if is_paid else None, **given
    )  # fmt: skip
    session.add(payment)
    session.flush()
    return payment


def put_booked(session: Session, key: str, cents: int = 15_000, **facts: Any) -> Payment:
    """The same, with the bookings that its state needs."""
    payment = put_payment(session, key, cents, **facts)
    book(session, payment)
    if payment.state == "reversed":
        wallet.take_back(
            session,
            wallet.Undoing(f"payment/{key}", f"payment/{key}/reversed", "Taken back"),
            by=CLOCK,
            now_us=NOON_US,
        )
    return payment


def book(
    session: Session, payment: Payment, *, cents: int | None = None, customer: str = ""
) -> None:
    money = wallet.Receipt(
        customer or payment.customer, cents or payment.amount_cents, f"payment/{payment.key}",
        f"Payment {payment.reference}", payment.document,
    )  # fmt: skip
    wallet.receive(session, money, by=CLOCK, now_us=payment.paid_us or NOON_US)


def put_refund(session: Session, payment: Payment, key: str, cents: int, **facts: Any) -> Refund:
    """A refund that the gateway did, without its booking."""
    given = {
        "reason": "Too much", "order_id": f"R-{key}", "state": "done", "asked_by": "sam",
        "decided_by": None, "transaction_id": f"8{sum(key.encode()):09}", "words": "", "tries": 1,
        "next_try_us": None, "created_us": NOON_US, "ended_us": NOON_US, "form_key": key,
    } | facts  # fmt: skip
    refund = Refund(key=key, payment_id=payment.id, amount_cents=cents, **given)
    session.add(refund)
    session.flush()
    return refund


def send_back(session: Session, payment: Payment, key: str, cents: int) -> None:
    money = wallet.Sent(payment.customer, cents, f"refund/{key}", "Refund")
    wallet.send_back(session, money, by=CLOCK, now_us=NOON_US)


def provider_cents(session: Session, kind: str) -> int:
    """What one of the provider's accounts holds, by its entries."""
    query = text(
        "SELECT coalesce(sum(e.amount_cents), 0) FROM ledger_entry e JOIN account a"
        " ON a.id = e.account_id WHERE a.customer = '' AND a.kind = :kind"
    )
    return int(session.execute(query, {"kind": kind}).scalar() or 0)
