"""XLSX written by XlsxWriter: no text of a cell is ever a formula."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

TEXT, NUMBER, MONEY, PRICE = "text", "number", "money", "price"


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of our own code, with what it comes to."""

    words: str
    value: str | Decimal


Cell = str | int | Decimal | Formula | None


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column, how wide it is in signs, and how its numbers look."""

    words: str
    width: int
    look: str = TEXT


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its head stays in sight, its last `sums` rows are bold."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    sums: int = 0


def workbook(
    sheets: Sequence[Sheet], *, symbol: str, title: str = "", made_at: datetime | None = None
) -> bytes:
    """A workbook; money is shown with the currency's `symbol`."""
    body = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(body, options) as book:
        book.set_properties({"title": title, "created": made_at})
        formats = {
            (look, is_bold): book.add_format(
                {"num_format": form, "bold": is_bold, "valign": "top", "text_wrap": look == TEXT}
            )
            for look, form in _number_formats(symbol).items()
            for is_bold in (False, True)
        }
        for sheet in sheets:
            _write(book.add_worksheet(sheet.name), sheet, formats)
    return body.getvalue()


def _number_formats(symbol: str) -> Mapping[str, str]:
    money = '"' + symbol.replace('"', "") + '"'
    return {
        TEXT: "@",
        NUMBER: "#,##0.######",
        MONEY: f"{money}#,##0.00",
        PRICE: f"{money}#,##0.0000####",
    }


def _write(page: Any, sheet: Sheet, formats: Mapping[tuple[str, bool], Any]) -> None:
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.fit_to_pages(1, 0)
    page.set_landscape()
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
        page.write_string(0, place, column.words, formats[TEXT, True])
    for number, row in enumerate(sheet.rows, 1):
        is_sum = number > len(sheet.rows) - sheet.sums
        for place, cell in enumerate(row):
            _put(page, (number, place), cell, formats[sheet.columns[place].look, is_sum])


def _put(page: Any, place: tuple[int, int], cell: Cell, look: Any) -> None:
    match cell:
        case None:
            return
        case str():
            page.write_string(*place, cell, look)
        case Formula():
            page.write_formula(*place, cell.words, look, cell.value)
        case _:
            page.write_number(*place, cell, look)
