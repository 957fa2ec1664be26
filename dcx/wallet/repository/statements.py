"""Statements of what moved in an account: for a period, and page by page."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, literal, select, true

from dcx.kit.periods import Period
from dcx.repository.base import Repository
from dcx.wallet.models import Account, Booking, Entry

_LINE = (
    Booking.key, Entry.booked_us, Booking.words, Booking.kind, Entry.document, Entry.amount_cents,
)  # fmt: skip


class StatementRepository(Repository):
    """Lines of one account of a customer."""

    def opening_and_lines(self, customer: str, kind: str, period: Period) -> Sequence[Any]:
        """What stood before the period beside each line in it, in order: (opening, key, booked_us,
        words, kind, document, amount). Where nothing moved: one row whose key is None.
        """
        account = _account(customer, kind)
        opening = (
            select(func.coalesce(func.sum(Entry.amount_cents), 0).label("cents"))
            .where(Entry.account_id == account, Entry.booked_us < period.starts_us)
            .subquery()
        )
        lines = (
            _lines(account, Entry.id.label("place"))
            .where(Entry.booked_us >= period.starts_us, Entry.booked_us < period.ends_us)
            .subquery()
        )
        wanted = [column for column in lines.c if column.key != "place"]
        query = select(opening.c.cents, *wanted).select_from(opening.outerjoin(lines, true()))
        return self._cells(query.order_by(lines.c.booked_us, lines.c.place))

    def latest(self, customer: str, kind: str, *, before: str | None, limit: int) -> Sequence[Any]:
        """(key, booked_us, words, kind, document, amount, balance), newest first, from below the
        booking `before` on.
        """
        account = _account(customer, kind)
        query = _lines(account, Entry.balance_cents)
        if before is not None:
            row = select(Booking.id).where(Booking.key == before).scalar_subquery()
            query = query.where(Entry.booking_id < row)
        return self._cells(query.order_by(Entry.booking_id.desc()).limit(limit))


def _account(customer: str, kind: str) -> ScalarSelect[int]:
    query = select(Account.id).where(
        Account.customer == customer, Account.kind == kind, Account.tag == literal("")
    )
    return query.scalar_subquery()


def _lines(account: ScalarSelect[int], *more: ColumnElement[Any] | Any) -> Select[Any]:
    return (
        select(*_LINE, *more)
        .join_from(Entry, Booking, Booking.id == Entry.booking_id)
        .where(Entry.account_id == account)
    )
