"""Statements about many payments: lists that are filtered, sorted and turned."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from dcx.kit.sorting import Ask, Page
from dcx.payments.models import Payment
from dcx.repository.base import Repository, holds
from dcx.repository.pages import Sorted

SORTED_BY: Mapping[str, ColumnElement[Any]] = {
    "begun": Payment.created_us.expression,
    "reference": Payment.reference.expression,
    "customer": Payment.customer.expression,
    "state": Payment.state.expression,
    "amount": Payment.amount_cents.expression,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which payments: of a customer, in some states, with words in a name that people know. Empty:
    all.
    """

    customer: str = ""
    states: tuple[str, ...] = ()
    words: str = ""


class ListedRepository(Repository):
    """Payments in lists."""

    def page(self, wanted: Wanted, ask: Ask) -> Page[Payment]:
        page = self._sorted(wanted).page(self.session, ask)
        return replace(page, rows=[row[0] for row in page.rows])

    def every(self, wanted: Wanted, ask: Ask) -> Iterator[Payment]:
        """All that match, streamed."""
        for (payment,) in self._sorted(wanted).every(self.session, ask):
            yield payment

    def paid_cents(self, wanted: Wanted) -> int:
        """What of those that match is paid."""
        query = _of(wanted, select(func.coalesce(func.sum(Payment.amount_cents), 0)))
        return int(self.session.scalar(query.where(Payment.state == "paid")) or 0)

    def count(self, state: str, *, changed_since_us: int = 0) -> int:
        query = select(func.count(Payment.id)).where(Payment.state == state)
        return int(self.session.scalar(query.where(Payment.changed_us >= changed_since_us)) or 0)

    def _sorted(self, wanted: Wanted) -> Sorted:
        return Sorted(_of(wanted, select(Payment)), SORTED_BY, Payment.id.expression)


def _of(wanted: Wanted, query: Select[Any]) -> Select[Any]:
    if wanted.customer:
        query = query.where(Payment.customer == wanted.customer)
    if wanted.states:
        query = query.where(Payment.state.in_(wanted.states))
    if wanted.words:
        names = (Payment.reference, Payment.customer, Payment.email, Payment.document,
                 Payment.transaction_id)  # fmt: skip
        query = query.where(or_(*(holds(name, wanted.words) for name in names)))
    return query
