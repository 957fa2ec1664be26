"""Statements about settlement files and their lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, insert, select

from dcx.kit.sorting import Ask, Page
from dcx.payments.models import Payment, Refund, SettlementFile, SettlementLine
from dcx.repository.base import Repository
from dcx.repository.pages import Sorted

_PIECE = 400
_IS_PROBLEM = case((SettlementLine.verdict == "matched", 0), else_=1)
FILE_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "received": SettlementFile.received_us.expression,
    "name": SettlementFile.name.expression,
}
LINE_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "line": SettlementLine.position.expression,
    "verdict": _IS_PROBLEM,
    "reference": SettlementLine.reference.expression,
    "amount": SettlementLine.amount_cents.expression,
    "day": SettlementLine.paid_on.expression,
}


class SettlementRepository(Repository):
    """What the gateway says that it paid out."""

    def by_digest(self, digest: str) -> SettlementFile | None:
        return self._one(select(SettlementFile).where(SettlementFile.digest == digest))

    def find(self, key: str) -> SettlementFile | None:
        return self._one(select(SettlementFile).where(SettlementFile.key == key))

    def claim(self, values: Mapping[str, Any]) -> int | None:
        """Write a file; None where its content was read before."""
        query = self._insert(SettlementFile).values(**values)
        query = query.on_conflict_do_nothing(index_elements=["digest"])
        found: int | None = self.session.scalar(query.returning(SettlementFile.id))
        return found

    def add_lines(self, rows: list[dict[str, Any]]) -> None:
        self.session.execute(insert(SettlementLine.__table__), rows)  # type: ignore[arg-type]

    def payments(self, references: Sequence[str], transactions: Sequence[str]) -> list[Payment]:
        """Payments of these references, or of these ids of the gateway."""
        found: dict[int, Payment] = {}
        for column, values in (
            (Payment.reference, references), (Payment.transaction_id, transactions)
        ):  # fmt: skip
            for piece in _pieces(values):
                rows = self._all(select(Payment).where(column.in_(piece)))
                found |= {row.id: row for row in rows}
        return list(found.values())

    def refunds(self, payments: Sequence[int], transactions: Sequence[str]) -> list[Any]:
        """(payment id, transaction id, cents) of done refunds, of these payments or ids."""
        query = select(Refund.payment_id, Refund.transaction_id, Refund.amount_cents)
        query = query.where(Refund.state == "done")
        found: set[tuple[Any, ...]] = set()
        for piece in _pieces(payments):
            found.update(map(tuple, self._cells(query.where(Refund.payment_id.in_(piece)))))
        for piece in _pieces(transactions):
            found.update(map(tuple, self._cells(query.where(Refund.transaction_id.in_(piece)))))
        return sorted(found)

    def matched(self, payments: Sequence[int]) -> list[Any]:
        """(payment id, cents) of the lines that these payments were matched with before."""
        query = select(SettlementLine.payment_id, SettlementLine.amount_cents)
        query = query.where(SettlementLine.verdict == "matched")
        return [
            row
            for piece in _pieces(payments)
            for row in self._cells(query.where(SettlementLine.payment_id.in_(piece)))
        ]

    def days(self) -> tuple[str, str] | None:
        """The first and the last day that any file speaks of."""
        first, last = self.session.execute(
            select(func.min(SettlementLine.paid_on), func.max(SettlementLine.paid_on))
        ).one()
        return (first, last) if first else None

    def not_paid_out(self, starts_us: int, ends_us: int) -> Sequence[Payment]:
        """Payments paid in a time and still paid that no line was matched with."""
        line = select(SettlementLine.id).where(SettlementLine.payment_id == Payment.id)
        query = (
            select(Payment)
            .where(Payment.state == "paid", ~line.exists())
            .where(Payment.paid_us >= starts_us, Payment.paid_us < ends_us)
        )
        return self._all(query.order_by(Payment.id))

    def files(self, ask: Ask) -> Page[Any]:
        """(file, its lines, those that did not match, cents of those that did)."""
        of_file = SettlementLine.file_id == SettlementFile.id
        cents = case((SettlementLine.verdict == "matched", SettlementLine.amount_cents), else_=0)
        count = select(func.count()).where(of_file).scalar_subquery()
        wrong = select(func.sum(_IS_PROBLEM)).where(of_file).scalar_subquery()
        total = select(func.sum(cents)).where(of_file).scalar_subquery()
        query = select(SettlementFile, count, wrong, total)
        return Sorted(query, FILE_COLUMNS, SettlementFile.id.expression).page(self.session, ask)

    def lines(self, file: int) -> Sorted:
        """(line, key and customer of its payment) of a file."""
        query = (
            select(
                SettlementLine, func.coalesce(Payment.key, ""), func.coalesce(Payment.customer, "")
            )
            .outerjoin(Payment, Payment.id == SettlementLine.payment_id)
            .where(SettlementLine.file_id == file)
        )
        return Sorted(query, LINE_COLUMNS, SettlementLine.id.expression)


def _pieces(values: Sequence[Any]) -> list[list[Any]]:
    wanted = sorted({value for value in values if value})
    return [wanted[at : at + _PIECE] for at in range(0, len(wanted), _PIECE)]
