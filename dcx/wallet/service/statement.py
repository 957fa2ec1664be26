"""What moved in an account: a statement of a period, and the entries page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from sqlalchemy.orm import Session

from dcx.kit.periods import Period
from dcx.repository.pages import Page, page_of
from dcx.wallet.repository import StatementRepository
from dcx.wallet.rules import WALLET


@dataclass(frozen=True, slots=True)
class Line:
    """One movement of an account and what it held after it, in cents.

    `key` is the booking's, `kind` what sort of act it was, `document` the invoice that it is about
    or "".
    """

    key: str
    at_us: int
    words: str
    kind: str
    document: str
    amount_cents: int
    balance_cents: int


@dataclass(frozen=True, slots=True)
class Statement:
    """An account over a period, in cents: what it held before, each line, what it held at the
    end.
    """

    customer: str
    period: Period
    opening: int
    lines: Sequence[Line]
    closing: int


def statement(session: Session, customer: str, period: Period, *, kind: str = WALLET) -> Statement:
    """A customer's wallet over a period, in the order of time; `kind` "receivable": what was owed
    and paid, where what is owed is below zero.
    """
    rows = StatementRepository(session).opening_and_lines(customer, kind, period)
    opening = int(rows[0][0])
    moved = [tuple(row[1:]) for row in rows if row[1] is not None]
    held = list(accumulate((row[-1] for row in moved), initial=opening))
    lines = [Line(*(*row, balance)) for row, balance in zip(moved, held[1:], strict=True)]
    return Statement(customer, period, opening, lines, held[-1])


def entries(
    session: Session,
    customer: str,
    *,
    before: str | None = None,
    limit: int = 50,
    kind: str = WALLET,
) -> Page[Line]:
    """The movements of a customer's wallet (or their "receivable"), newest first; pass the last
    line's key, which the page's `after` is, to turn the page.
    """
    rows = StatementRepository(session).latest(customer, kind, before=before, limit=limit + 1)
    return page_of([Line(*row) for row in rows], limit, lambda line: line.key)
