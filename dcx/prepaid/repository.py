"""Every statement of prepaid."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

from dcx.prepaid.models import Arrangement, AutoTopUp
from dcx.repository.base import Repository

OPEN_STATES = ("wanted", "unknown")


class PrepaidRepository(Repository):
    """Arrangements and automatic top-ups."""

    def arrangements(self, customers: Sequence[str] | None) -> Sequence[Arrangement]:
        query = select(Arrangement)
        if customers is not None:
            query = query.where(Arrangement.customer.in_(customers))
        return self._all(query)

    def lock(self, customer: str, defaults: Mapping[str, Any]) -> Arrangement:
        """A customer's row, made where it is new, held until the transaction ends."""
        row = self._insert(Arrangement).values(customer=customer, **defaults)
        self.session.execute(row.on_conflict_do_nothing(index_elements=["customer"]))
        query = select(Arrangement).where(Arrangement.customer == customer).with_for_update()
        return self.session.scalars(query.execution_options(populate_existing=True)).one()

    def top_ups(self, customer: str, *, limit: int) -> Sequence[AutoTopUp]:
        """A customer's automatic top-ups, newest first."""
        query = select(AutoTopUp).where(AutoTopUp.customer == customer)
        return self._all(query.order_by(AutoTopUp.crossing.desc()).limit(limit))

    def open_top_ups(self) -> Sequence[AutoTopUp]:
        return self._all(
            select(AutoTopUp).where(AutoTopUp.state.in_(OPEN_STATES)).order_by(AutoTopUp.id)
        )

    def is_open(self, customer: str) -> bool:
        query = select(func.count()).where(
            AutoTopUp.customer == customer, AutoTopUp.state.in_(OPEN_STATES)
        )
        return bool(self.session.scalar(query))

    def count_since(self, customer: str, since_us: int) -> int:
        query = select(func.count()).where(
            AutoTopUp.customer == customer, AutoTopUp.created_us >= since_us
        )
        return int(self.session.scalar(query) or 0)

    def last_crossing(self, customer: str) -> int:
        query = select(func.max(AutoTopUp.crossing)).where(AutoTopUp.customer == customer)
        return int(self.session.scalar(query) or 0)

    def settle(self, customer: str, crossing: int, state: str, payment: str) -> bool:
        """Write how a top-up ended, unless somebody else did before; was it open?"""
        query = update(AutoTopUp).where(
            AutoTopUp.customer == customer,
            AutoTopUp.crossing == crossing,
            AutoTopUp.state.in_(OPEN_STATES),
        )
        moved = query.values(state=state, payment=payment).returning(AutoTopUp.id)
        return self.session.scalar(moved) is not None
