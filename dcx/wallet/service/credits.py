"""Promotional credits: given for a reason, spent on invoices before the wallet, gone at expiry."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import CLOCK, Actor
from dcx.kit.ids import new_id
from dcx.kit.money import cents_text
from dcx.wallet.errors import CreditRefusedError
from dcx.wallet.models import Credit
from dcx.wallet.repository import CreditRepository, LedgerRepository
from dcx.wallet.rules import CREDIT, CREDITS_GIVEN, Leg, Posting, spending_order
from dcx.wallet.service.book import book, lock


@dataclass(frozen=True, slots=True)
class Grant:
    """A credit to be given, once per `source`. The lowest `priority` is spent first; without
    `expires_us` it stays until it is used.
    """

    customer: str
    cents: int
    priority: int
    expires_us: int | None
    reason: str
    source: str


def give_credit(session: Session, grant: Grant, *, by: Actor, now_us: int) -> str:
    """Give a credit and answer its key; repeating the call answers the one that was given.

    CreditRefusedError where it is nothing or would have expired.
    """
    lock(session, grant.customer, now_us=now_us)
    known, rows = LedgerRepository(session).legs_of(grant.source)
    if known is not None:
        return next(str(tag) for kind, _, tag, _ in rows if kind == CREDIT)
    _require_of_use(grant, now_us)
    key = new_id()
    legs = (Leg(CREDIT, grant.cents, key), Leg(CREDITS_GIVEN, -grant.cents))
    posting = Posting("credit", grant.source, grant.customer, f"Credit: {grant.reason}", legs)
    book(session, posting, by=by, now_us=now_us)
    CreditRepository(session).add(
        Credit(
            key=key,
            customer=grant.customer,
            amount_cents=grant.cents,
            priority=grant.priority,
            expires_us=grant.expires_us,
            reason=grant.reason,
            given_by=by.who,
            created_us=now_us,
        )
    )
    return key


def _require_of_use(grant: Grant, now_us: int) -> None:
    if grant.cents <= 0:
        raise CreditRefusedError("A credit is more than nothing.")
    if grant.expires_us is not None and grant.expires_us <= now_us:
        raise CreditRefusedError("This credit would have expired already.")


def expire_credits(session: Session, *, now_us: int, limit: int = 500) -> int:
    """Book back what is left of credits that have expired, once each, at most `limit` of them; how
    many. Safe to repeat and to run beside itself: the next call goes on where this one ends.
    """
    due = CreditRepository(session).expired(now_us, limit)
    lock(session, *(customer for customer, _ in due), now_us=now_us)
    deeds = [
        Deed("credit expired", key, customer, after={"left": cents_text(cents)})
        for customer, key in due
        if (cents := _taken_back(session, customer, key, now_us))
    ]
    for deed in deeds:
        journal.record(session, CLOCK, deed, now_us=now_us)
    return len(deeds)


def _taken_back(session: Session, customer: str, key: str, now_us: int) -> int:
    """The cents that were left of a credit and went back; 0 where none were."""
    left = LedgerRepository(session).balance(customer, CREDIT, key)
    if not left:
        return 0
    legs = (Leg(CREDIT, -left, key), Leg(CREDITS_GIVEN, left))
    posting = Posting("expiry", f"credit/{key}/expired", customer, "Credit expired", legs)
    return left if book(session, posting, by=CLOCK, now_us=now_us) else 0


@dataclass(frozen=True, slots=True)
class CreditLeft:
    """A credit and what is left of it."""

    key: str
    given_cents: int
    left_cents: int
    priority: int
    expires_us: int | None
    reason: str
    given_by: str
    created_us: int


def credits_of(session: Session, customer: str, *, now_us: int) -> list[CreditLeft]:
    """A customer's credits that can be spent now, the one that is spent first at the top."""
    return [
        credit
        for credit in every_credit_of(session, customer)
        if credit.left_cents and (credit.expires_us is None or credit.expires_us > now_us)
    ]


def every_credit_of(session: Session, customer: str) -> list[CreditLeft]:
    """All credits that a customer was ever given, used up and expired ones too, in spending
    order.
    """
    rows = CreditRepository(session).of_customer(customer)
    found = [_value(credit, int(left)) for credit, left in rows]
    return sorted(
        found,
        key=lambda credit: spending_order(
            credit.priority, credit.expires_us, credit.created_us, credit.key
        ),
    )


def _value(credit: Credit, left_cents: int) -> CreditLeft:
    return CreditLeft(
        credit.key, credit.amount_cents, left_cents, credit.priority, credit.expires_us,
        credit.reason, credit.given_by, credit.created_us,
    )  # fmt: skip
