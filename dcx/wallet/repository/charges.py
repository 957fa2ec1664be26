"""Statements about what was booked for issued invoices."""

from typing import Any

from sqlalchemy import func, select

from dcx.repository.base import Repository
from dcx.wallet.models import Account, Booking, Entry


class ChargeRepository(Repository):
    """Bookings of invoices."""

    def sums(self) -> Any:
        """(source, kind of account, cents) of every booking of an invoice."""
        query = (
            select(Booking.source, Account.kind, func.sum(Entry.amount_cents))
            .join(Entry, Entry.booking_id == Booking.id)
            .join(Account, Account.id == Entry.account_id)
            .where(Booking.kind == "invoice")
            .group_by(Booking.source, Account.kind)
        )
        return self._cells(query)
