"""Statements of the pockets of a wallet: promotional credits and holds."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, and_, or_, select, update

from dcx.repository.base import Repository
from dcx.wallet.models import Account, Credit, Hold


class CreditRepository(Repository):
    """Credits, each in an account of its own."""

    def purses(self, customer: str, now_us: int) -> Sequence[Any]:
        """(key, balance, priority, expires_us, created_us) of credits that can be spent now."""
        return self._cells(
            _with_balance(
                Credit.key, Account.balance_cents, Credit.priority, Credit.expires_us,
                Credit.created_us,
            )
            .where(Credit.customer == customer, Account.balance_cents > 0)
            .where(or_(Credit.expires_us.is_(None), Credit.expires_us > now_us))
        )  # fmt: skip

    def of_customer(self, customer: str) -> Sequence[Any]:
        """(credit, what is left of it) of everything that was ever given, newest first."""
        query = _with_balance(Credit, Account.balance_cents).where(Credit.customer == customer)
        return self._rows(query.order_by(Credit.id.desc()))

    def expired(self, now_us: int, limit: int) -> Sequence[Any]:
        """(customer, key) of credits that have expired and are not used up, by customer."""
        return self._cells(
            _with_balance(Credit.customer, Credit.key)
            .where(Account.balance_cents > 0, Credit.expires_us <= now_us)
            .order_by(Credit.customer, Credit.expires_us, Credit.id)
            .limit(limit)
        )


def _with_balance(*columns: Any) -> Select[*tuple[Any, ...]]:
    own = and_(
        Account.customer == Credit.customer, Account.kind == "credit", Account.tag == Credit.key
    )
    return select(*columns).join_from(Credit, Account, own)


class HoldRepository(Repository):
    """Holds: money set aside for orders."""

    def find(self, key: str) -> Hold | None:
        return self._one(select(Hold).where(Hold.key == key))

    def of_source(self, source: str) -> str | None:
        """The key of the hold that was made for a source."""
        return self._one(select(Hold.key).where(Hold.source == source))

    def cents_of(self, sources: Sequence[str]) -> Sequence[Any]:
        """(source, cents) of the holds that were made for these sources."""
        return self._cells(select(Hold.source, Hold.amount_cents).where(Hold.source.in_(sources)))

    def open_of(self, customer: str) -> Sequence[Hold]:
        """Those that still hold, oldest first."""
        query = select(Hold).where(Hold.customer == customer, Hold.state == "held")
        return self._all(query.order_by(Hold.id))

    def end(self, key: str, values: Mapping[str, Any]) -> bool:
        """End a hold that still holds; False where it had ended."""
        query = update(Hold).where(Hold.key == key, Hold.state == "held").values(**values)
        return self.session.scalar(query.returning(Hold.id)) is not None
