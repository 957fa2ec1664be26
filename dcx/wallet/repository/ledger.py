"""Statements of the ledger itself: accounts, bookings and their entries."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, tuple_, update

from dcx.repository.base import Repository
from dcx.wallet.models import Account, Booking, Entry
from dcx.wallet.rules import BANK, CLEARING

Pot = tuple[str, str, str]
"""(customer, kind, tag) of an account."""


class LedgerRepository(Repository):
    """Accounts, bookings and entries."""

    def claim(self, values: Mapping[str, Any]) -> int | None:
        """Write a booking; None where its source was booked before."""
        query = (
            self._insert(Booking).values(**values).on_conflict_do_nothing(index_elements=["source"])
        )
        found: int | None = self.session.scalar(query.returning(Booking.id))
        return found

    def ensure(self, pots: Iterable[Pot], now_us: int) -> dict[Pot, int]:
        """The ids of these accounts, made where they are new."""
        wanted = sorted(set(pots))
        found = self._ids(wanted)
        missing = [
            {"customer": customer, "kind": kind, "tag": tag, "created_us": now_us,
             "balance_cents": 0 if customer else None}
            for customer, kind, tag in wanted if (customer, kind, tag) not in found
        ]  # fmt: skip
        if missing:
            query = self._insert(Account).values(missing).on_conflict_do_nothing()
            self.session.execute(query)
            found = self._ids(wanted)
        return found

    def _ids(self, pots: Sequence[Pot]) -> dict[Pot, int]:
        rows = self._cells(
            select(Account.id, Account.customer, Account.kind, Account.tag).where(
                tuple_(Account.customer, Account.kind, Account.tag).in_(pots)
            )
        )
        return {(row.customer, row.kind, row.tag): row.id for row in rows}

    def lock(self, pot: Pot) -> bool:
        """Hold an account's row until the transaction ends; False where there is none yet."""
        query = select(Account.id).where(_is(pot)).with_for_update()
        return self.session.scalar(query) is not None

    def move(self, account: int, cents: int, *, may_overdraw: bool) -> int | None:
        """Move a customer's balance and answer it; None where less than that was there. Holds and
        credits are never overdrawn.
        """
        moved = Account.balance_cents + cents
        query = update(Account).where(Account.id == account)
        if cents < 0:
            may_fall = ["receivable", "wallet"] if may_overdraw else ["receivable"]
            query = query.where(or_(Account.kind.in_(may_fall), moved >= 0))
        return self.session.scalar(
            query.values(balance_cents=moved).returning(Account.balance_cents)
        )

    def add_entries(self, rows: list[dict[str, Any]]) -> None:
        if rows:
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

    def balance(self, customer: str, kind: str, tag: str = "") -> int:
        """What a customer's account holds now."""
        query = select(Account.balance_cents).where(_is((customer, kind, tag)))
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

    def written_off(self, documents: Sequence[str]) -> dict[str, int]:
        """Cents that were given up of each of these invoices, where any were."""
        query = (
            select(Entry.document, -func.sum(Entry.amount_cents))
            .join(Account, Account.id == Entry.account_id)
            .where(Entry.document.in_(documents), Account.kind == "write_off")
            .group_by(Entry.document)
        )
        return {document: int(cents) for document, cents in self._cells(query)}

    def owed_by(self, customer: str, document: str) -> int | None:
        """Cents that this customer still owes for an invoice; None where it was never booked as
        theirs.
        """
        query = (
            select(-func.sum(Entry.amount_cents))
            .join(Account, Account.id == Entry.account_id)
            .where(Entry.document == document, Account.kind == "receivable")
            .where(Account.customer == customer)
        )
        found = self.session.scalar(query)
        return None if found is None else int(found)

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


def _is(pot: Pot) -> ColumnElement[bool]:
    customer, kind, tag = pot
    return and_(Account.customer == customer, Account.kind == kind, Account.tag == tag)
