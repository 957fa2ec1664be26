"""Statements about refunds and the payments that they are of."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from dcx.payments.models import Payment, Refund
from dcx.repository.base import Repository

DEAD = ("refused", "declined")
OPEN = ("wanted", "sent", "unknown")
UNSENT = ("waiting", "wanted")
WENT_ALONG = "The gateway took the whole payment back."
"""The words of a refund that was never sent: its money left with its payment."""


class RefundRepository(Repository):
    """Money to be sent back, and money sent back."""

    def by_form(self, form_key: str) -> Refund | None:
        return self._one(select(Refund).where(Refund.form_key == form_key))

    def of_payment(self, payment_id: int) -> Sequence[Refund]:
        """Refunds of a payment, oldest first."""
        query = select(Refund).where(Refund.payment_id == payment_id)
        return self._all(query.order_by(Refund.id))

    def lock(self, key: str) -> tuple[Refund, Payment] | None:
        """(refund, its payment), both held until the transaction ends: the payment first, as
        everybody does who holds both.
        """
        number = self._one(select(Refund.payment_id).where(Refund.key == key))
        if number is None:
            return None
        payment = self.session.get_one(
            Payment, number, with_for_update=True, populate_existing=True
        )
        query = select(Refund).where(Refund.key == key).with_for_update()
        query = query.execution_options(populate_existing=True)
        return self.session.scalars(query).one(), payment

    def lock_due(self, now_us: int) -> Any | None:
        """(refund, its payment) that has been due longest, of those that nobody else holds; both
        held.
        """
        query = (
            select(Refund, Payment)
            .join(Payment, Payment.id == Refund.payment_id)
            .where(Refund.state.in_(OPEN), Refund.next_try_us <= now_us)
            .order_by(Refund.next_try_us, Refund.id)
            .limit(1)
            .with_for_update(of=(Refund, Payment), skip_locked=True)
        )
        return self.session.execute(query).one_or_none()

    def in_states(self, states: Sequence[str], *, since_us: int = 0) -> Sequence[Any]:
        """(refund, its payment) in one of these states, newest first; ended ones since then."""
        query = select(Refund, Payment).join(Payment, Payment.id == Refund.payment_id)
        query = query.where(Refund.state.in_(states), Refund.created_us >= since_us)
        return self._rows(query.order_by(Refund.id.desc()))

    def gone(self) -> dict[int, int]:
        """Cents that went back, or may have, by each payment that was taken back."""
        query = select(Refund.payment_id, func.sum(Refund.amount_cents))
        query = query.join(Payment, Payment.id == Refund.payment_id)
        query = query.where(Payment.state == "reversed", Refund.state.not_in(DEAD))
        rows = self._cells(query.group_by(Refund.payment_id))
        return {number: int(cents) for number, cents in rows}

    def sent_back(self, payments: Sequence[int]) -> dict[int, int]:
        """Cents that the gateway sent back, by each of these payments of which it did."""
        query = select(Refund.payment_id, func.sum(Refund.amount_cents))
        query = query.where(Refund.payment_id.in_(payments), Refund.state == "done")
        rows = self._cells(query.group_by(Refund.payment_id))
        return {number: int(cents) for number, cents in rows}

    def count(self, states: Sequence[str]) -> int:
        query = select(func.count()).where(Refund.state.in_(states))
        return self.session.scalar(query) or 0
