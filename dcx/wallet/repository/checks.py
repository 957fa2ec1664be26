"""Statements that look for what must never be in the ledger, each over all of it at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, func, literal, select, union_all

from dcx.repository.base import Repository
from dcx.wallet.models import Account, Booking, Credit, Entry, Hold


class CheckRepository(Repository):
    """One question for each promise; no answer means that it holds."""

    def unbalanced(self) -> Sequence[Any]:
        """(source, cents) of bookings that do not sum to zero."""
        sums = (
            select(Entry.booking_id, func.sum(Entry.amount_cents).label("cents"))
            .group_by(Entry.booking_id)
            .having(func.sum(Entry.amount_cents) != 0)
            .subquery()
        )
        query = select(Booking.source, sums.c.cents).join(sums, sums.c.booking_id == Booking.id)
        return self._cells(query.order_by(Booking.id))

    def empty(self) -> Sequence[Any]:
        """(source,) of bookings without entries, but for invoices of nothing."""
        entry = select(Entry.id).where(Entry.booking_id == Booking.id)
        query = select(Booking.source).where(Booking.kind != "invoice", ~entry.exists())
        return self._cells(query.order_by(Booking.id))

    def astray(self) -> Sequence[Any]:
        """(source, customer) of bookings that moved money of a customer who is not theirs."""
        query = (
            select(Booking.source, Account.customer)
            .join_from(Entry, Account, Account.id == Entry.account_id)
            .join(Booking, Booking.id == Entry.booking_id)
            .where(Account.customer != "", Account.customer != Booking.customer)
        )
        return self._cells(query.order_by(Entry.id))

    def differing_balances(self) -> Sequence[Any]:
        """(customer, kind, tag, balance, sum of the entries) of accounts where these differ."""
        total = func.coalesce(func.sum(Entry.amount_cents), 0)
        query = (
            select(Account.customer, Account.kind, Account.tag, Account.balance_cents, total)
            .join_from(Account, Entry, Entry.account_id == Account.id, isouter=True)
            .where(Account.customer != "")
            .group_by(Account.id)
            .having(total != Account.balance_cents)
        )
        return self._cells(query.order_by(Account.id))

    def differing_entries(self) -> Sequence[Any]:
        """(source, customer, kind, balance, sum up to it) of entries that say another balance than
        the entries of their account add up to.
        """
        running = func.sum(Entry.amount_cents).over(
            partition_by=Entry.account_id, order_by=Entry.booking_id, rows=(None, 0)
        )
        customers = select(Account.id).where(Account.customer != "")
        sums = (
            select(Entry.booking_id, Entry.account_id, Entry.balance_cents, running.label("cents"))
            .where(Entry.account_id.in_(customers))
            .subquery()
        )
        query = (
            select(
                Booking.source, Account.customer, Account.kind, sums.c.balance_cents, sums.c.cents
            )
            .join_from(sums, Account, Account.id == sums.c.account_id)
            .join(Booking, Booking.id == sums.c.booking_id)
            .where(sums.c.balance_cents.is_distinct_from(sums.c.cents))
        )
        return self._cells(query)

    def overdrawn(self) -> Sequence[Any]:
        """(source, customer, kind, balance) of entries that took more than there was. Only a
        reversal may take that from a wallet.
        """
        query = (
            select(Booking.source, Account.customer, Account.kind, Entry.balance_cents)
            .join_from(Entry, Account, Account.id == Entry.account_id)
            .join(Booking, Booking.id == Entry.booking_id)
            .where(Entry.balance_cents < 0, Entry.amount_cents < 0)
            .where(Account.kind != "receivable")
            .where(~and_(Account.kind == "wallet", Booking.kind == "reversal"))
        )
        return self._cells(query.order_by(Entry.id))

    def differing_holds(self) -> Sequence[Any]:
        """(customer, held, sum of the open holds) of customers where these differ."""
        held = select(
            Account.customer, Account.balance_cents.label("held"), literal(0).label("open")
        ).where(Account.kind == "held")
        still = select(Hold.customer, literal(0), Hold.amount_cents).where(Hold.state == "held")
        both = union_all(held, still).subquery()
        held_cents, open_cents = func.sum(both.c.held), func.sum(both.c.open)
        query = select(both.c.customer, held_cents, open_cents).group_by(both.c.customer)
        return self._cells(query.having(held_cents != open_cents).order_by(both.c.customer))

    def unbooked_holds(self) -> Sequence[Any]:
        """(key, customer) of holds without a booking of just that much."""
        booked = (
            select(Entry.id)
            .join_from(Booking, Entry, Entry.booking_id == Booking.id)
            .join(Account, Account.id == Entry.account_id)
            .where(Booking.source == literal("hold/").concat(Hold.key))
            .where(Account.kind == "held", Entry.amount_cents == Hold.amount_cents)
        )
        query = select(Hold.key, Hold.customer).where(~booked.exists())
        return self._cells(query.order_by(Hold.id))

    def strange_credits(self) -> Sequence[Any]:
        """(customer, key) of accounts for credits that nobody gave, and of credits without one."""
        own = and_(
            Account.customer == Credit.customer, Account.kind == "credit", Account.tag == Credit.key
        )
        never_given = (
            select(Account.customer, Account.tag)
            .join_from(Account, Credit, own, isouter=True)
            .where(Account.kind == "credit", Credit.id.is_(None))
        )
        nowhere = (
            select(Credit.customer, Credit.key)
            .join_from(Credit, Account, own, isouter=True)
            .where(Account.id.is_(None))
        )
        return [*self._cells(never_given), *self._cells(nowhere)]
