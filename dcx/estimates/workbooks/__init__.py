"""XLSX: tables written by XlsxWriter and read by calamine."""

from dcx.estimates.workbooks.reading import is_workbook, table_of
from dcx.estimates.workbooks.writing import (
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

__all__ = [
    "MONEY", "NUMBER", "PRICE", "TEXT", "Cell", "Column", "Formula", "Sheet",
    "is_workbook", "table_of", "workbook",
]  # fmt: skip
