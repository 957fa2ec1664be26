"""Every statement of the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dcx.repository.base import Repository
from dcx.wallet.models import Account, Booking, Credit, Entry
from dcx.wallet.rules import BANK, CLEARING

Pot = tuple[str, str, str]
"""(customer, kind, tag) of an account."""


class LedgerRepository(Repository):
    """Accounts, bookings and entries."""

    def claim(self, values: Mapping[str, Any]) -> int | None:
        """Write a booking; None where its source was booked before."""
        query = self._insert(Booking).values(**values).on_conflict_do_nothing(["source"])
        found: int | None = self.session.scalar(query.returning(Booking.id))
        return found

    def ensure(self, pots: Iterable[Pot], now_us: int) -> dict[Pot, int]:
        """The ids of these accounts, made where they are new."""
        wanted = sorted(set(pots))
        rows = [
            {"customer": customer, "kind": kind, "tag": tag, "created_us": now_us,
             "balance_cents": 0 if customer else None}
            for customer, kind, tag in wanted
        ]  # fmt: skip
        self.session.execute(self._insert(Account).values(rows).on_conflict_do_nothing())
        return {(row.customer, row.kind, row.tag): row.id for row in self._cells(_ids_of(wanted))}

    def lock(self, account: int) -> None:
        """Hold an account's row until the transaction ends."""
        self.session.execute(select(Account.id).where(Account.id == account).with_for_update())

    def move(self, account: int, cents: int, *, may_overdraw: bool) -> int | None:
        """Move a customer's balance and answer it; None where less than that was there."""
        moved = Account.balance_cents + cents
        query = update(Account).where(Account.id == account)
        if cents < 0 and not may_overdraw:
            query = query.where(or_(Account.kind == "receivable", moved >= 0))
        return self.session.scalar(query.values(balance_cents=moved).returning(moved))

    def add_entries(self, rows: list[dict[str, Any]]) -> None:
        self.session.execute(insert(Entry.__table__), rows)  # type: ignore[arg-type]

    def legs_of(self, source: str) -> tuple[Booking | None, Sequence[Any]]:
        """The booking of a source, and (kind, amount, tag, document) of its entries."""
        booking = self._one(select(Booking).where(Booking.source == source))
        query = (
            select(Account.kind, Entry.amount_cents, Account.tag, Entry.document)
            .join(Account, Account.id == Entry.account_id)
            .join(Booking, Booking.id == Entry.booking_id)
            .where(Booking.source == source)
            .order_by(Entry.id)
        )
        return booking, self._cells(query)

    def came_in(self, start: str) -> dict[str, int]:
        """Cents that came in at the gateway or the bank, by each source that begins so."""
        query = (
            select(Booking.source, -func.sum(Entry.amount_cents))
            .join(Entry, Entry.booking_id == Booking.id)
            .join(Account, Account.id == Entry.account_id)
            .where(Booking.source.startswith(start, autoescape=True))
            .where(Account.kind.in_((CLEARING, BANK)))
            .group_by(Booking.source)
        )
        return {source: int(cents) for source, cents in self._cells(query)}

    def balances(self, customers: Sequence[str] | None) -> Sequence[Any]:
        """(customer, kind, cents) of every customer's money, credits summed."""
        query = select(Account.customer, Account.kind, func.sum(Account.balance_cents))
        query = query.where(Account.customer != "", Account.balance_cents != 0)
        if customers is not None:
            query = query.where(Account.customer.in_(customers))
        return self._cells(query.group_by(Account.customer, Account.kind))

    def balance(self, customer: str, kind: str) -> int:
        """What a customer's account of a kind holds now."""
        query = select(Account.balance_cents).where(
            Account.customer == customer, Account.kind == kind, Account.tag == ""
        )
        return self.session.scalar(query) or 0

    def sum_until(self, customer: str, kind: str, until_us: int) -> int:
        """What a customer's accounts of a kind held at an instant, by their entries."""
        query = (
            select(func.coalesce(func.sum(Entry.amount_cents), 0))
            .join(Account, Account.id == Entry.account_id)
            .where(Account.customer == customer, Account.kind == kind)
            .where(Entry.booked_us <= until_us)
        )
        return int(self.session.scalar(query) or 0)

    def owed(self, documents: Sequence[str]) -> dict[str, int]:
        """Cents that are still owed for each of these invoices, where they are booked."""
        query = (
            select(Entry.document, -func.sum(Entry.amount_cents))
            .join(Account, Account.id == Entry.account_id)
            .where(Entry.document.in_(documents), Account.kind == "receivable")
            .group_by(Entry.document)
        )
        return {document: int(cents) for document, cents in self._cells(query)}

    def owing(self, customer: str) -> Sequence[Any]:
        """(document, cents) of a customer's invoices that are not settled, oldest first."""
        left = -func.sum(Entry.amount_cents)
        query = (
            select(Entry.document, left)
            .join(Account, Account.id == Entry.account_id)
            .where(Account.customer == customer, Account.kind == "receivable")
            .group_by(Entry.document)
            .having(left != 0)
            .order_by(func.min(Entry.id))
        )
        return self._cells(query)

    def purses(self, customer: str, now_us: int) -> Sequence[Any]:
        """(key, balance, priority, expires_us, created_us) of credits that can be spent now."""
        query = (
            select(Credit.key, Account.balance_cents, Credit.priority, Credit.expires_us,
                   Credit.created_us)
            .join(Account, and_(Account.customer == Credit.customer, Account.kind == "credit",
                                Account.tag == Credit.key))
            .where(Credit.customer == customer, Account.balance_cents > 0)
            .where(or_(Credit.expires_us.is_(None), Credit.expires_us > now_us))
        )  # fmt: skip
        return self._cells(query)

    def _insert(self, model: Any) -> Any:
        dialect = sqlite if self.session.get_bind().dialect.name == "sqlite" else postgresql
        return dialect.insert(model.__table__)


def _ids_of(pots: Sequence[Pot]) -> Select[*tuple[Any, ...]]:
    own = [
        and_(Account.customer == customer, Account.kind == kind, Account.tag == tag)
        for customer, kind, tag in pots
    ]
    return select(Account.id, Account.customer, Account.kind, Account.tag).where(or_(*own))
