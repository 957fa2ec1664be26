"""Saved estimates as files: CSV and JSON for programs, XLSX and PDF for people."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal

from babel.numbers import get_currency_symbol

from dcx.billing.documents import pdf
from dcx.estimates.rules.groups import Group, amount_words, facets, groups_of, quantity_of
from dcx.estimates.service import Answer, AnswerLine, Given, NotPriced, answer_json
from dcx.estimates.service.papers import NOT_AN_INVOICE, facts_of, holds_words, paper_of
from dcx.estimates.workbooks import (
    MONEY,
    NUMBER,
    PRICE,
    TEXT,
    Cell,
    Column,
    Formula,
    Sheet,
    workbook,
)
from dcx.kit.csv import csv_lines
from dcx.kit.money import cents_text, decimal_text
from dcx.kit.periods import from_us
from dcx.settings import Settings
from dcx.web.looks import Looks

FORMS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "json": "application/json",
}
CSV_HEAD = (
    "row", "name", "line", "disk", "tier", "meter", "count", "quantity", "unit", "unit_price",
    "per_month_of_hours", "step", "amount", "currency", "price_book", "version",
)  # fmt: skip
TEMPLATE_HEAD = (
    "kind", "name", "count", "vcpus", "memory_gib", "disks", "tier", "size_gib", "hours", "os",
    "region",
)  # fmt: skip
TEMPLATE_ROWS: Sequence[Sequence[str | int]] = (
    ("vm", "web", 3, 2, 4, "50 ssd", "", "", "", "", ""),
    ("vm", "db", 1, 8, 32, "100 ssd; 1000 hdd", "", "", 210, "", ""),
    ("disk", "archive", 1, "", "", "", "hdd", 500, "", "", ""),
    ("ip", "addresses", 2, "", "", "", "", "", "", "", ""),
    ("backup", "backups", 1, "", "", "", "", 595, "", "", ""),
)
_NUMBERS = {"count", "vcpus", "memory_gib", "size_gib", "hours"}
BYTE_ORDER_MARK = "\ufeff"
_AMOUNT = "H"


def file_of(given: Given, form: str, settings: Settings, *, has_mark: bool = False) -> bytes:
    """A saved estimate as one of FORMS; `has_mark` begins a CSV so that spreadsheets know its
    encoding.
    """
    saved = given.saved
    match form:
        case "csv":
            text = "".join(csv_lines(CSV_HEAD, csv_rows(saved.answer)))
            return f"{BYTE_ORDER_MARK if has_mark else ''}{text}".encode()
        case "xlsx":
            return _workbook(given, settings)
        case "pdf":
            return pdf("estimate", asdict(paper_of(given, settings)), now_us=saved.created_us)
        case _:
            return json.dumps(answer_json(saved.answer), ensure_ascii=False).encode()


def template_of(form: str) -> bytes:
    """A file to fill in and upload, with an example of each kind."""
    if form == "xlsx":
        columns = [
            Column(words, 14, NUMBER if words in _NUMBERS else TEXT) for words in TEMPLATE_HEAD
        ]
        rows = [[None if cell == "" else cell for cell in row] for row in TEMPLATE_ROWS]
        return workbook([Sheet("Lines", columns, rows)], symbol="")
    return (BYTE_ORDER_MARK + "".join(csv_lines(TEMPLATE_HEAD, TEMPLATE_ROWS))).encode()


def csv_rows(answer: Answer) -> Iterator[tuple[object, ...]]:
    """Under CSV_HEAD: lines, what has no price, sums, and what it rests on; `row` tells them
    apart.
    """
    tail = (answer.currency, answer.book)
    blank = ("",) * 10
    for line in answer.lines:
        yield ("line", *_line_cells(line), *tail, line.version)
    for entry in answer.unpriced:
        yield ("unpriced", *_unpriced_cells(entry), *tail, answer.version)
    for row, words, cents in (
        ("net", "Total without VAT", answer.net_cents),
        ("vat", f"VAT at {decimal_text(answer.vat_rate_e8, 8, at_least=2)}", answer.vat_cents),
        ("total", "Total with VAT", answer.total_cents),
    ):
        yield (row, words, *blank, cents_text(cents), *tail, answer.version)
    for row, sentences in (
        ("assumption", answer.assumptions), ("not_estimated", answer.not_estimated),
    ):  # fmt: skip
        for words in sentences:
            yield (row, words, *blank, "", *tail, answer.version)


def _line_cells(line: AnswerLine) -> tuple[object, ...]:
    return (
        line.name, line.line, line.disk or "", line.tier, line.meter, line.count,
        decimal_text(line.micros, 6), line.unit, decimal_text(line.unit_price_e8, 8),
        line.per_month or "", line.step or "", cents_text(line.amount_cents),
    )  # fmt: skip


def _unpriced_cells(entry: NotPriced) -> tuple[object, ...]:
    """The same columns; what has no price has no amount either, which is not zero."""
    return (
        entry.name, entry.line, entry.disk or "", entry.where.get("tier", ""), entry.meter, "",
        decimal_text(entry.micros, 6), entry.unit, "", "", "", "",
    )  # fmt: skip


def _workbook(given: Given, settings: Settings) -> bytes:
    answer = given.saved.answer
    return workbook(
        [_lines_sheet(answer, settings), _about_sheet(given, settings)],
        symbol=get_currency_symbol(answer.currency, locale=settings.locale),
        title=answer.name,
        made_at=from_us(given.saved.created_us).replace(tzinfo=None),
    )


def _lines_sheet(answer: Answer, settings: Settings) -> Sheet:
    money = f"({answer.currency})"
    columns = [
        Column("Line", 32), Column("What", 24), Column("Tier", 12), Column("Count", 8, NUMBER),
        Column("Quantity of one", 16, NUMBER), Column("Unit", 16),
        Column(f"Unit price {money}", 18, PRICE), Column(f"Amount {money}", 18, MONEY),
    ]  # fmt: skip
    rows = [row for group in groups_of(answer) for row in _group_rows(group)]
    amounts = f"{_AMOUNT}2:{_AMOUNT}{len(rows) + 1}"
    net = f"{_AMOUNT}{len(rows) + 2}"
    rate = Looks(settings).rate(answer.vat_rate_e8)
    adds_up = f'=IF(ROUND(SUM({amounts})-{net},2)=0,"The lines add up","The lines do not add up")'
    sums: list[tuple[str, Cell]] = [
        ("Total without VAT", _money(answer.net_cents)),
        (f"VAT {rate} %", _money(answer.vat_cents)),
        ("Total with VAT", _money(answer.total_cents)),
        ("Check: sum of the lines", Formula(f"=SUM({amounts})", _money(answer.net_cents))),
        ("Check", Formula(adds_up, "The lines add up")),
    ]
    rows += [(words, *(None,) * 6, cell) for words, cell in sums]
    return Sheet("Estimate", columns, rows, sums=len(sums))


def _group_rows(group: Group) -> Iterator[tuple[Cell, ...]]:
    name = group.name
    for line in group.lines:
        much = quantity_of(line)
        yield (
            name, amount_words(line), line.tier, much.count, Decimal(much.micros) / 10**6,
            much.unit, Decimal(line.unit_price_e8) / 10**8, _money(line.amount_cents),
        )  # fmt: skip
    for entry in group.unpriced:
        yield (
            name, amount_words(entry), entry.where.get("tier", ""), None,
            Decimal(entry.micros) / 10**6, entry.unit, None, "No price",
        )  # fmt: skip


def _about_sheet(given: Given, settings: Settings) -> Sheet:
    looks, answer = Looks(settings), given.saved.answer
    rows: list[tuple[Cell, ...]] = [("", NOT_AN_INVOICE), ("Name", answer.name)]
    rows += facts_of(given, looks)
    rows.append(("How long prices hold", holds_words(given, looks)))
    for entry in answer.unpriced:
        narrow = facets(entry.where)
        words = f"{entry.name}: {amount_words(entry)}"
        rows.append(("Has no price", f"{words} ({narrow})" if narrow else words))
    rows += [("Rests on", words) for words in answer.assumptions]
    rows += [("Not estimated", words) for words in answer.not_estimated]
    return Sheet("About", [Column("About", 24), Column("", 100)], rows)


def _money(cents: int) -> Decimal:
    return Decimal(cents) / 100
