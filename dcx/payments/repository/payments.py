"""Statements about payments, their steps, and what came to the gateway's doors."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, or_, select, update

from dcx.payments.errors import UnknownPaymentError
from dcx.payments.models import Notice, Payment, PaymentEvent
from dcx.payments.rules import OPEN
from dcx.repository.base import Repository


class PaymentRepository(Repository):
    """Payments one by one."""

    def add_once(self, values: Mapping[str, Any]) -> bool:
        """Write a payment; False where its form or its reference was written before."""
        query = self._insert(Payment).values(**values).on_conflict_do_nothing()
        return self.session.scalar(query.returning(Payment.id)) is not None

    def find(self, key: str) -> Payment | None:
        return self._one(select(Payment).where(Payment.key == key))

    def get(self, key: str) -> Payment:
        return _known(self.find(key))

    def by_form(self, customer: str, form_key: str) -> Payment | None:
        query = select(Payment).where(Payment.customer == customer)
        return self._one(query.where(Payment.form_key == form_key))

    def by_request(self, pay_request_id: str) -> Payment | None:
        return self._one(select(Payment).where(Payment.pay_request_id == pay_request_id))

    def lock(self, key: str) -> Payment | None:
        """The payment as it stands now, held until the transaction ends."""
        query = select(Payment).where(Payment.key == key).with_for_update()
        return self._one(query.execution_options(populate_existing=True))

    def get_locked(self, key: str) -> Payment:
        return _known(self.lock(key))

    def move(self, payment: Payment, values: Mapping[str, Any]) -> bool:
        """Change a payment if it is still in the state that it was read in; was it?"""
        query = update(Payment).where(Payment.id == payment.id, Payment.state == payment.state)
        query = query.values(**values).returning(Payment.id)
        is_moved = self.session.scalar(query) is not None
        self.session.refresh(payment)
        return is_moved

    def claim(self, key: str, *, now_us: int, until_us: int) -> bool:
        """Take the turn to ask the gateway, and be due again should we die; False where it is
        somebody else's turn.
        """
        query = update(Payment).where(Payment.key == key, Payment.asked_us <= now_us)
        query = query.values(asked_us=until_us, next_check_us=until_us, checks=Payment.checks + 1)
        return self.session.scalar(query.returning(Payment.id)) is not None

    def hasten(self, key: str) -> None:
        """Have it asked about as soon as it is anybody's turn again."""
        later = or_(Payment.next_check_us.is_(None), Payment.next_check_us > Payment.asked_us)
        query = update(Payment).where(Payment.key == key, later)
        self.session.execute(query.values(next_check_us=Payment.asked_us))

    def due(self, now_us: int, limit: int) -> Sequence[str]:
        """Keys of payments that are due to be asked about, longest due first. Those that nobody
        sits before are asked about elsewhere.
        """
        return self._all(_due(now_us, limit).where(Payment.is_unattended.is_(False)))

    def due_unattended(self, now_us: int, limit: int) -> Sequence[str]:
        """The same of those that nobody sits before."""
        return self._all(_due(now_us, limit).where(Payment.is_unattended.is_(True)))

    def add_event(self, payment: Payment, **facts: Any) -> None:
        self.add(PaymentEvent(payment_id=payment.id, **facts))

    def note(self, payment: Payment, words: str, *, made_by: str, at_us: int) -> None:
        """A line in the payment's history; its state stays."""
        self.add_event(
            payment, at_us=at_us, from_state=payment.state, to_state=payment.state,
            made_by=made_by, words=words,
        )  # fmt: skip

    def events(self, payment_id: int) -> Sequence[PaymentEvent]:
        query = select(PaymentEvent).where(PaymentEvent.payment_id == payment_id)
        return self._all(query.order_by(PaymentEvent.id))

    def notices(self, payment_id: int, limit: int) -> Sequence[Notice]:
        """The newest things that came to the doors about a payment."""
        query = select(Notice).where(Notice.payment_id == payment_id)
        return self._all(query.order_by(Notice.id.desc()).limit(limit))

    def notice(self, notice_id: int) -> Notice | None:
        return self.session.get(Notice, notice_id)

    def settled(self) -> Sequence[Payment]:
        """Every payment that was ever booked, or should have been."""
        return self._all(select(Payment).where(Payment.state.in_(("paid", "reversed"))))

    def unwatched(self) -> Sequence[str]:
        """References of open payments that nobody would ask about any more."""
        query = select(Payment.reference).where(Payment.state.in_(OPEN))
        return self._all(query.where(Payment.next_check_us.is_(None)).order_by(Payment.id))


def _known(payment: Payment | None) -> Payment:
    if payment is None:
        raise UnknownPaymentError("There is no such payment.")
    return payment


def _due(now_us: int, limit: int) -> Select[str]:
    return (
        select(Payment.key)
        .where(Payment.next_check_us <= now_us, Payment.asked_us <= now_us)
        .order_by(Payment.next_check_us, Payment.id)
        .limit(limit)
    )
