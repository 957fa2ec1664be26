"""An estimate as it stands on paper: every value a finished text, in the order of reading."""

from collections.abc import Sequence
from dataclasses import dataclass

from dcx.estimates.rules.answers import Answer, AnswerLine, NotPriced
from dcx.estimates.rules.groups import Group, amount_words, groups_of, quantity_of
from dcx.estimates.service.given import Given
from dcx.kit.words import lines_of
from dcx.settings import Settings
from dcx.web.looks import Looks

Row = Sequence[str]
MOST_AMOUNTS = MOST_LINES = 1_000
"""With more amounts than that, each line of the ask is one row; with more lines, the rest is."""
NOT_AN_INVOICE = "This is an estimate and not a tax invoice."


@dataclass(frozen=True, slots=True)
class Block:
    """A line of the ask with its amounts."""

    words: str
    amount: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class EstimatePaper:
    """An estimate. `sums` has a row for each length of time: what it is, without and with VAT."""

    title: str
    name: str
    says: str
    provider: str
    provider_lines: Sequence[str]
    facts: Sequence[tuple[str, str]]
    sums_head: Row
    sums: Sequence[Row]
    incomplete: str
    columns: Row
    blocks: Sequence[Block]
    note: str
    totals: Sequence[tuple[str, str]]
    holds: str
    assumptions: Sequence[str]
    not_estimated: Sequence[str]


def paper_of(given: Given, settings: Settings) -> EstimatePaper:
    """The paper of a saved estimate, as of the provider of these settings."""
    looks, answer = Looks(settings), given.saved.answer
    groups = groups_of(answer)
    return EstimatePaper(
        title="Estimate",
        name=answer.name or "Untitled",
        says=NOT_AN_INVOICE,
        provider=settings.provider,
        provider_lines=lines_of(settings.provider_address),
        facts=facts_of(given, looks),
        sums_head=["", "Without VAT", f"With {looks.rate(answer.vat_rate_e8)} % VAT"],
        sums=_sums(answer, looks),
        incomplete=_incomplete(answer, looks),
        columns=["Line", "Quantity", "Unit", "Unit price", f"Amount ({answer.currency})"],
        blocks=_blocks(groups, looks),
        note=_note(groups, looks),
        totals=totals_of(answer, looks),
        holds=holds_words(given, looks),
        assumptions=answer.assumptions,
        not_estimated=answer.not_estimated,
    )


def facts_of(given: Given, looks: Looks) -> list[tuple[str, str]]:
    """What an estimate is of, each with its label."""
    saved, answer = given.saved, given.saved.answer
    facts = [
        ("Estimate", saved.key),
        ("Version", f"{saved.number}"),
        ("Made on", looks.long_day(saved.created_us)),
        ("For", given.customer),
        ("Month", _month(answer, looks)),
        ("Prices of", _prices(answer)),
    ]
    return [(label, words) for label, words in facts if words]


def totals_of(answer: Answer, looks: Looks) -> list[tuple[str, str]]:
    """The sums as they stand under the lines."""
    return [
        ("Total without VAT", looks.money(answer.net_cents)),
        (f"VAT {looks.rate(answer.vat_rate_e8)} %", looks.money(answer.vat_cents)),
        ("Total with VAT", looks.money(answer.total_cents)),
    ]


def holds_words(given: Given, looks: Looks) -> str:
    """How long the prices hold: nothing is promised that is not known."""
    answer = given.saved.answer
    if given.since_us is None:
        return f"The price book {answer.book} has no prices in this month."
    says = f"Prices of {_prices(answer)}, in force since {looks.long_day(given.since_us)}."
    if given.until_us is None:
        return f"{says} No change is announced; prices may change."
    return f"{says} They hold until {looks.long_day(given.until_us)}, when the next version starts."


def _month(answer: Answer, looks: Looks) -> str:
    hours = looks.counted(answer.hours, "hour")
    return hours if answer.month.isdigit() else f"{looks.month(answer.month)}, {hours}"


def _prices(answer: Answer) -> str:
    return f"{answer.book}, version {answer.version}" if answer.version else answer.book


def _incomplete(answer: Answer, looks: Looks) -> str:
    if answer.is_complete:
        return ""
    number = looks.counted(len(answer.unpriced), "amount")
    return f"Not complete: {number} without a price, and not in the sums. They are not free."


def _sums(answer: Answer, looks: Looks) -> list[Row]:
    net, total = answer.net_cents, answer.total_cents
    rows = (
        ("A month", net, total),
        ("An hour", answer.an_hour(net), answer.an_hour(total)),
        ("A year of twelve such months", answer.a_year(net), answer.a_year(total)),
    )
    return [
        (words, looks.money(without), looks.money(with_vat)) for words, without, with_vat in rows
    ]


def _blocks(groups: Sequence[Group], looks: Looks) -> list[Block]:
    rows_of = _summed if _is_long(groups) else _rows
    blocks = [_block(group, rows_of(group, looks), looks) for group in groups[:MOST_LINES]]
    rest = groups[MOST_LINES:]
    if rest:
        cents = sum(group.cents for group in rest)
        words = f"{looks.number(len(rest))} more lines together"
        blocks.append(Block(words, looks.amount(cents), []))
    return blocks


def _note(groups: Sequence[Group], looks: Looks) -> str:
    if not _is_long(groups):
        return ""
    lines = looks.counted(len(groups), "line")
    return f"This estimate has {lines}. Each is one row here; its CSV and XLSX have every amount."


def _is_long(groups: Sequence[Group]) -> bool:
    return sum(len(group.lines) + len(group.unpriced) for group in groups) > MOST_AMOUNTS


def _block(group: Group, rows: Sequence[Row], looks: Looks) -> Block:
    times = f" × {looks.number(group.count)}" if group.count > 1 else ""
    amount = looks.amount(group.cents) if group.lines else "–"
    return Block(group.name + times, amount, rows)


def _rows(group: Group, looks: Looks) -> list[Row]:
    priced = [_row(line, looks) for line in group.lines]
    return priced + [_unpriced(entry, looks) for entry in group.unpriced]


def _summed(group: Group, looks: Looks) -> list[Row]:
    """Only what has no price is named."""
    if not group.unpriced:
        return []
    return [(looks.counted(len(group.unpriced), "more amount"), "", "", "–", "No price")]


def _row(line: AnswerLine, looks: Looks) -> Row:
    much = quantity_of(line)
    times = f"{looks.number(much.count)} × " if much.count > 1 else ""
    return (
        amount_words(line),
        times + looks.short(much.micros),
        much.unit,
        looks.unit_price(line.unit_price_e8),
        looks.amount(line.amount_cents),
    )


def _unpriced(entry: NotPriced, looks: Looks) -> Row:
    return amount_words(entry), looks.short(entry.micros), entry.unit, "–", "No price"
