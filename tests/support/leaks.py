"""Looks for what must never be kept, shown or logged: card numbers, keys, passwords, tokens."""

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import Engine, String, inspect, text

LONG = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])")

RANDOM = re.compile(r"(?i)\b(?:[\da-f]{64}|[\da-f]{32}|[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12})\b")
"""Digests and GUIDs: by chance their digits are as a card's."""


def card_numbers(content: str) -> list[str]:
    """Runs of 13 to 19 digits that are as a card's number is, digests and GUIDs apart."""
    runs = (re.sub(r"\D", "", found) for found in LONG.findall(RANDOM.sub("", content)))
    return [digits for digits in runs if is_luhn(digits)]


def is_luhn(digits: str) -> bool:
    """The check digit of cards (ISO/IEC 7812-1, annex B)."""
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def leaks(content: str, secrets: Iterable[str], where: str) -> list[str]:
    """What of it stands in a text, one line each; secrets whatever their case."""
    lower = content.lower()
    told = [f"{where}: the secret {secret[:4]}…" for secret in secrets if secret.lower() in lower]
    return told + [f"{where}: {digits}" for digits in card_numbers(content)]


def columns(engine: Engine) -> Iterator[tuple[str, str]]:
    """(table.column, all that stands in it) of every column of text."""
    looked = inspect(engine)
    with engine.connect() as connection:
        for table in looked.get_table_names():
            for column in looked.get_columns(table):
                if isinstance(column["type"], String):
                    rows = connection.execute(text(f'SELECT "{column["name"]}" FROM "{table}"'))
                    cells = (str(row[0]) for row in rows if row[0] is not None)
                    yield f"{table}.{column['name']}", "\n".join(cells)
