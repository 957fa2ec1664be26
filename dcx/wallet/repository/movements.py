"""Movements of a customer's money: the wallet's table as people turn it, and what came in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, func, select

from dcx.kit.sorting import Ask, Page
from dcx.repository.base import Repository, lowered
from dcx.repository.pages import Sorted
from dcx.wallet.models import Account, Adjustment, Booking, Entry
from dcx.wallet.rules import CREDIT, RECEIVABLE, WALLET

SORTED_BY: Mapping[str, ColumnElement[Any]] = {
    "date": Entry.booked_us.expression,
    "words": lowered(Booking.words),
    "amount": Entry.amount_cents.expression,
    "balance": func.coalesce(Entry.balance_cents, 0),
}

ADJUSTMENTS_BY: Mapping[str, ColumnElement[Any]] = {
    "asked": Adjustment.asked_us.expression,
    "customer": Adjustment.customer.expression,
    "kind": Adjustment.kind.expression,
    "amount": Adjustment.amount_cents.expression,
    "state": Adjustment.state.expression,
}
_ADJUSTMENTS = Sorted(select(Adjustment), ADJUSTMENTS_BY, Adjustment.id.expression)


class MovementRepository(Repository):
    """Entries of one customer."""

    def page(self, customer: str, ask: Ask) -> Page[Any]:
        """Rows of (key, booked_us, words, kind, document, amount, balance) of the wallet."""
        return self._sorted(customer).page(self.session, ask)

    def every(self, customer: str, ask: Ask) -> Iterator[Any]:
        return self._sorted(customer).every(self.session, ask)

    def _sorted(self, customer: str) -> Sorted:
        query = (
            select(
                Booking.key, Entry.booked_us, Booking.words, Booking.kind, Entry.document,
                Entry.amount_cents, Entry.balance_cents,
            )
            .join_from(Entry, Booking, Booking.id == Entry.booking_id)
            .join(Account, Account.id == Entry.account_id)
            .where(Account.customer == customer, Account.kind == WALLET)
        )  # fmt: skip
        return Sorted(query, SORTED_BY, Entry.id.expression)

    def changes(self, customer: str, since_us: int) -> Sequence[Any]:
        """(booked_us, cents) of each booking since then that changed what a customer has left:
        wallet, credits and what is owed together, but for invoices, which ask for what was used.
        """
        cents = func.sum(Entry.amount_cents)
        query = (
            select(Entry.booked_us, cents)
            .join_from(Entry, Account, Account.id == Entry.account_id)
            .join(Booking, Booking.id == Entry.booking_id)
            .where(Account.customer == customer, Account.kind.in_((WALLET, CREDIT, RECEIVABLE)))
            .where(Entry.booked_us >= since_us, Booking.kind != "invoice")
            .group_by(Entry.booking_id, Entry.booked_us)
            .having(cents != 0)
        )
        return self._cells(query)

    def adjustments(self, ask: Ask) -> Page[Any]:
        page = _ADJUSTMENTS.page(self.session, ask)
        return replace(page, rows=[row[0] for row in page.rows])

    def every_adjustment(self, ask: Ask) -> Iterator[Adjustment]:
        for (row,) in _ADJUSTMENTS.every(self.session, ask):
            yield row
