"""Settlement files: what the gateway says that it paid out, matched with payments and booked."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.ids import fingerprint, new_id
from dcx.kit.periods import day_period
from dcx.kit.sorting import Ask, Page
from dcx.payments.errors import FileRefusedError, UnknownFileError
from dcx.payments.models import Payment, SettlementFile, SettlementLine
from dcx.payments.repository.settlements import FILE_COLUMNS, LINE_COLUMNS, SettlementRepository
from dcx.payments.rules.settlement_files import FileLine, read_settlement
from dcx.payments.service.differences import NOTHING, Found, Side, settle_gone, write
from dcx.wallet import service as wallet
from dcx.wallet.service import Leg, Posting

MATCHED, UNKNOWN, OTHER_AMOUNT, TWICE = "matched", "unknown", "amount_differs", "paid_twice"
KIND_OF = {UNKNOWN: "line_unknown", OTHER_AMOUNT: "line_amount", TWICE: "line_twice"}
LATE_DAYS = 3
LONGEST_NAME = 120
__all__ = [
    "FILE_COLUMNS", "LINE_COLUMNS", "add_file", "every_line", "find_missing",
    "get_file", "lines", "settlement_files",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file in a list. `cents` of its lines that matched."""

    key: str
    name: str
    sent_by: str
    received_us: int
    lines: int = 0
    wrong: int = 0
    cents: int = 0


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a file, and its payment ("" where there is none)."""

    position: int
    reference: str
    transaction_id: str
    cents: int
    paid_on: date
    verdict: str
    payment: str
    customer: str


def add_file(
    session: Session, name: str, body: bytes, *, currency: str, by: Actor, now_us: int
) -> str:
    """Read a file, match its lines and book what was paid out from the gateway to the bank; its
    key. FileRefusedError says in one sentence why it is not taken: then nothing is kept of it.
    """
    found = read_settlement(body)
    file = {
        "key": new_id(), "name": " ".join(name.split())[-LONGEST_NAME:] or "settlement.csv",
        "digest": fingerprint(body), "sent_by": by.who, "received_us": now_us,
    }  # fmt: skip
    repository = SettlementRepository(session)
    number = repository.claim(file)
    if number is None:
        known = repository.by_digest(str(file["digest"]))
        was = f"{known.name}, sent by {known.sent_by}" if known else "another name"
        raise FileRefusedError(f"This file was read before, as {was}. It counts once.")
    matcher = _matcher(session, found, now_us)
    judged = [(line, *matcher.judge(line)) for line in found]
    repository.add_lines([_row(number, *each) for each in judged])
    for line, payment, verdict in judged:
        if verdict == MATCHED and payment is not None:
            _book(session, str(file["key"]), line, payment, by=by, now_us=now_us)
        else:
            difference = _difference(str(file["key"]), line, payment, verdict, currency)
            write(session, difference, now_us=now_us)
    verdicts = Counter(verdict for _, _, verdict in judged)
    deed = Deed("settlement file read", str(file["name"]), after={"lines": len(found), **verdicts})
    journal.record(session, by, deed, now_us=now_us)
    return str(file["key"])


def _matcher(session: Session, lines: Sequence[FileLine], now_us: int) -> "_Matcher":
    """What the lines are matched with, read while the money of all their customers is held: two
    files that say the same at once pay nothing out twice.
    """
    repository, transactions = (
        SettlementRepository(session),
        [line.transaction_id for line in lines],
    )
    payments = repository.payments([line.reference for line in lines], transactions)
    wallet.lock(session, *(row.customer for row in payments), now_us=now_us)
    return _Matcher.of(repository, payments, transactions)


@dataclass
class _Matcher:
    """Finds the payment of a line, and says whether the line is right; each payment, and each
    refund of it, is paid out once.
    """

    by_reference: dict[str, Payment]
    by_transaction: dict[str, Payment]
    owed: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    seen: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(
        cls,
        repository: SettlementRepository,
        payments: Sequence[Payment],
        transactions: Sequence[str],
    ) -> "_Matcher":
        found = cls(
            {row.reference: row for row in payments},
            {row.transaction_id: row for row in payments if row.transaction_id},
        )
        by_id = {row.id: row for row in payments}
        for payment, transaction, cents in repository.refunds(list(by_id), transactions):
            found.owed[payment].append(-cents)
            if transaction and payment in by_id:
                found.by_transaction.setdefault(transaction, by_id[payment])
        for row in payments:
            found.owed[row.id] += _expected(row, -sum(found.owed[row.id]))
        for payment, cents in repository.matched(list(by_id)):
            found._pay_out(payment, cents)
        return found

    def judge(self, line: FileLine) -> tuple[Payment | None, str]:
        named = self.by_reference.get(line.reference)
        payment = self.by_transaction.get(line.transaction_id, named)
        if payment is None or (named is not None and named.id != payment.id):
            return None, UNKNOWN
        if payment.state not in {"paid", "reversed"}:
            return payment, UNKNOWN
        if self._pay_out(payment.id, line.cents):
            return payment, MATCHED
        is_second = any((cents > 0) is (line.cents > 0) for cents in self.seen[payment.id])
        return payment, TWICE if is_second else OTHER_AMOUNT

    def _pay_out(self, payment: int, cents: int) -> bool:
        """Take an amount off those still to be paid out, if it is one of them."""
        if cents not in self.owed[payment]:
            return False
        self.owed[payment].remove(cents)
        self.seen[payment].append(cents)
        return True


def _expected(payment: Payment, sent_cents: int) -> list[int]:
    """What lines of a payment may say: its amount, and, where it is reversed, what refunds had left
    of it taken back.
    """
    if payment.state == "paid":
        return [payment.amount_cents]
    is_reversed, left = payment.state == "reversed", payment.amount_cents - sent_cents
    return [payment.amount_cents, *filter(None, [-left])] if is_reversed else []


def _row(file: int, line: FileLine, payment: Payment | None, verdict: str) -> dict[str, object]:
    return {
        "file_id": file, "position": line.position, "reference": line.reference,
        "transaction_id": line.transaction_id, "amount_cents": line.cents,
        "paid_on": line.paid_on.isoformat(), "verdict": verdict,
        "payment_id": payment.id if payment else None,
    }  # fmt: skip


def _book(
    session: Session, file: str, line: FileLine, payment: Payment, *, by: Actor, now_us: int
) -> None:
    """Money went from the gateway to our bank, or, below zero, back to it."""
    posting = Posting(
        "payout", f"payout/{file}/{line.position}", payment.customer,
        f"Payment {payment.reference} paid out by the gateway",
        (Leg(wallet.CLEARING, line.cents), Leg(wallet.BANK, -line.cents)),
    )  # fmt: skip
    wallet.book(session, posting, by=by, now_us=now_us)


def _difference(
    file: str, line: FileLine, payment: Payment | None, verdict: str, currency: str
) -> Found:
    ours = Side(payment.state, payment.amount_cents, payment.currency) if payment else NOTHING
    theirs = Side("paid_out", line.cents, currency)
    return Found(
        KIND_OF[verdict], f"{file}/{line.position}", payment.customer if payment else "",
        payment.id if payment else None, ours, theirs,
        note=f"{line.reference or line.transaction_id}, {line.paid_on.isoformat()}",
    )  # fmt: skip


def find_missing(session: Session, *, zone: ZoneInfo, now_us: int) -> int:
    """Find payments that no file pays out, though files speak of later days; how many.

    Files may begin or end within a day, so their first day and their last three prove nothing.
    """
    repository = SettlementRepository(session)
    days = repository.days()
    rows: Sequence[Payment] = ()
    if days:
        first, last = map(date.fromisoformat, days)
        starts_us = day_period(first + timedelta(days=1), zone).starts_us
        ends_us = day_period(last - timedelta(days=LATE_DAYS - 1), zone).starts_us
        rows = repository.not_paid_out(starts_us, ends_us)
    for row in rows:
        ours = Side("paid", row.amount_cents, row.currency)
        found = Found("not_paid_out", row.key, row.customer, row.id, ours, NOTHING)
        write(session, found, now_us=now_us)
    settle_gone(session, ("not_paid_out",), now_us=now_us)
    return len(rows)


def settlement_files(session: Session, ask: Ask) -> Page[FileRow]:
    """Files, newest first unless asked otherwise."""
    page = SettlementRepository(session).files(ask)
    rows = [
        FileRow(row.key, row.name, row.sent_by, row.received_us, *map(int, counts))
        for row, *counts in page.rows
    ]
    return Page(rows, page.after, page.before, page.first, page.count, page.ask)


def get_file(session: Session, key: str) -> FileRow:
    """One file, without counts."""
    row = _file(session, key)
    return FileRow(row.key, row.name, row.sent_by, row.received_us)


def lines(session: Session, key: str, ask: Ask) -> Page[LineRow]:
    """Lines of a file; those that did not match first unless asked otherwise."""
    page = SettlementRepository(session).lines(_file(session, key).id).page(session, ask)
    rows = [_line(*row) for row in page.rows]
    return Page(rows, page.after, page.before, page.first, page.count, page.ask)


def every_line(session: Session, key: str, ask: Ask) -> Iterator[LineRow]:
    """All lines of a file, streamed."""
    for row in SettlementRepository(session).lines(_file(session, key).id).every(session, ask):
        yield _line(*row)


def _file(session: Session, key: str) -> SettlementFile:
    row = SettlementRepository(session).find(key)
    if row is None:
        raise UnknownFileError("This settlement file does not exist.")
    return row


def _line(row: SettlementLine, payment: str, customer: str) -> LineRow:
    return LineRow(
        row.position, row.reference, row.transaction_id, row.amount_cents,
        date.fromisoformat(row.paid_on), row.verdict, payment, customer,
    )  # fmt: skip
