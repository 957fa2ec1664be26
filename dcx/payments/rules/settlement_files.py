"""Settlement files as people download them from the gateway: CSV read into lines, or refused."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from dcx.kit.words import counted
from dcx.payments.errors import FileRefusedError

MOST_BYTES, MOST_LINES = 2 * 1024 * 1024, 500
LONGEST_TEXT = 80
COLUMNS = {
    "reference": ("reference", "merchantreference", "ref"),
    "transaction id": ("transactionid", "transid", "txnid", "transaction"),
    "amount": ("amount", "amountr", "amountzar", "grossamount", "gross"),
    "date": ("date", "paidon", "transactiondate", "settlementdate"),
}
_SPACES = dict.fromkeys(map(ord, " \t\u00a0\u2009\u202f"))
_AMOUNT = re.compile(r"(-?)(?:R|ZAR)?(-?)(\d{1,9}|\d{1,3}(?:[.,]\d{3}){1,2})(?:[.,](\d{1,2}))?")
_GROUPS = re.compile(r"\d{1,3}(\.\d{3})+")
_YEAR_FIRST = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)(?:[T ].*)?")
_DAY_FIRST = re.compile(r"(\d\d)[-/](\d\d)[-/](\d{4})(?: .*)?")


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line of a settlement file; `cents` below zero went back to a customer."""

    position: int
    reference: str
    transaction_id: str
    cents: int
    paid_on: date


def read_settlement(body: bytes) -> list[FileLine]:
    """The lines of a file, in UTF-8 or Latin-1, with commas, semicolons or tabs, whatever the order
    of its columns; FileRefusedError says where it is wrong.
    """
    if len(body) > MOST_BYTES:
        raise FileRefusedError("The file is larger than 2 MiB. Send it in parts.")
    rows = _rows(_text(body))
    head = next(rows, None)
    if head is None:
        raise FileRefusedError("The file is empty.")
    places = _places(head[1])
    lines = [_line(number, row, head[1], places) for number, row in rows]
    if not lines:
        raise FileRefusedError("The file has a head and no line under it.")
    return lines


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    if any(ord(sign) < 32 and sign not in "\r\n\t" for sign in text):  # noqa: PLR2004 - control signs
        raise FileRefusedError("This is not a CSV file. Save it as CSV and send that.")
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line, its cells) of the lines that are not blank."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for count, row in enumerate(reader):
            if count > MOST_LINES:
                raise FileRefusedError(f"The file has more than {MOST_LINES} lines. Send parts.")
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise FileRefusedError(f"Line {reader.line_num} cannot be read as CSV.") from error


def _places(head: Sequence[str]) -> dict[str, int]:
    """Where each column stands."""
    names = [re.sub(r"[^a-z]", "", cell.lower()) for cell in head]
    return {column: _place(column, known, names) for column, known in COLUMNS.items()}


def _place(column: str, known: Iterable[str], names: Sequence[str]) -> int:
    found = [place for place, name in enumerate(names) if name in set(known)]
    if len(found) != 1:
        how = "no column" if not found else "more than one column"
        raise FileRefusedError(f"The file has {how} for the {column}.")
    return found[0]


def _line(number: int, row: Sequence[str], head: Sequence[str], places: dict[str, int]) -> FileLine:
    if len(row) != len(head):
        has = f"{counted(len(row), 'column')}, the head has {len(head)}"
        raise FileRefusedError(f"Line {number} has {has}.")
    reference, transaction = row[places["reference"]], row[places["transaction id"]]
    if not (reference or transaction):
        raise FileRefusedError(f"Line {number} has neither a reference nor a transaction id.")
    if max(len(reference), len(transaction)) > LONGEST_TEXT:
        raise FileRefusedError(f"Line {number}: a reference has at most {LONGEST_TEXT} signs.")
    try:
        cents, paid_on = read_cents(row[places["amount"]]), read_day(row[places["date"]])
    except ValueError as error:
        raise FileRefusedError(f"Line {number}: {error}") from error
    return FileLine(number, reference, transaction, cents, paid_on)


def read_cents(text: str) -> int:
    """R1 234,50, 1,234.50, -12.5 and the like in cents; ValueError says why not."""
    plain = text.translate(_SPACES).replace("\u2212", "-")
    found = _AMOUNT.fullmatch(plain)
    if not found or (_GROUPS.fullmatch(found[3]) and not found[4]) or (found[1] and found[2]):
        raise ValueError(f"“{text}” is not an amount.")
    before, after, whole, cents = found.groups()
    value = int(re.sub(r"[.,]", "", whole)) * 100 + int((cents or "").ljust(2, "0"))
    if not value:
        raise ValueError("the amount is zero.")
    return -value if before or after else value


def read_day(text: str) -> date:
    """2026-11-23, 2026/11/23 or 23/11/2026, with or without a time; ValueError says why not."""
    try:
        if found := _YEAR_FIRST.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY_FIRST.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        pass
    raise ValueError(f"“{text}” is not a date, for example 2026-11-23.")
