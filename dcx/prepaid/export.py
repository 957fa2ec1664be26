"""The wallet as files: entries, statements, adjustments."""

from collections.abc import Iterator

from dcx.kit.money import cents_text
from dcx.kit.periods import instant_text
from dcx.kit.sorting import Ask
from dcx.repository.session import reading
from dcx.wallet import service as wallet
from dcx.wallet.service import Line, Statement

ENTRIES_HEAD = ("at", "kind", "words", "invoice", "amount", "balance", "currency")
ADJUSTMENTS_HEAD = (
    "asked_at", "customer", "kind", "amount", "invoice", "reason", "state", "asked_by",
    "decided_by", "decided_at", "currency",
)  # fmt: skip


def entry_rows(customer: str, ask: Ask, currency: str) -> Iterator[tuple[object, ...]]:
    """All entries of a wallet under ENTRIES_HEAD, read as they are sent."""
    with reading() as session:
        for line in wallet.every_entry(session, customer, ask):
            yield _entry(line, currency)


def statement_rows(found: Statement, currency: str) -> Iterator[tuple[object, ...]]:
    """Opening, lines and closing under ENTRIES_HEAD."""
    starts, ends = instant_text(found.period.starts_us), instant_text(found.period.ends_us)
    yield (starts, "opening", "Opening balance", "", "", cents_text(found.opening), currency)
    for line in found.lines:
        yield _entry(line, currency)
    yield (ends, "closing", "Closing balance", "", "", cents_text(found.closing), currency)


def _entry(line: Line, currency: str) -> tuple[object, ...]:
    return (
        instant_text(line.at_us), line.kind, line.words, line.document,
        cents_text(line.amount_cents), cents_text(line.balance_cents), currency,
    )  # fmt: skip


def adjustment_rows(ask: Ask, currency: str) -> Iterator[tuple[object, ...]]:
    """All adjustments under ADJUSTMENTS_HEAD, read as they are sent."""
    with reading() as session:
        for each in wallet.every_adjustment(session, ask):
            yield (
                instant_text(each.asked_us), each.customer, each.kind,
                cents_text(each.amount_cents), each.document, each.reason, each.state,
                each.asked_by, each.decided_by or "",
                instant_text(each.decided_us) if each.decided_us else "", currency,
            )  # fmt: skip
