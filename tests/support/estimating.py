"""The form of an estimate as a browser sends it, and what an answer says."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from dcx.estimates import service
from dcx.estimates.rules.sheets import Sheet, SheetLine, sheet_of

HTMX = {"HX-Request": "true"}
Fields = list[tuple[str, str]]
Form = dict[str, Any]


def fields_of(given: dict[str, Any]) -> Fields:
    """What a browser would send of the form filled with an ask."""
    return sent_by(sheet_of(service.read_ask(given, this_month="2026-11")))


def sent_by(sheet: Sheet) -> Fields:
    head = [("name", sheet.name), ("price_book", sheet.price_book), ("month", sheet.month)]
    lines = [each for place, line in enumerate(sheet.lines) for each in _line(line, place)]
    return head + lines + ([("whole", sheet.whole)] if sheet.whole else [])


def _line(line: SheetLine, place: int) -> Fields:
    at = f"lines.{place}."
    found = [(f"{at}kind", line.kind)]
    found += [(at + key, text) for key, text in line.texts.items()]
    found += [(f"{at}schedule.days", day) for day in line.days]
    for number, disk in enumerate(line.disks):
        found += [(f"{at}disks.{number}.{key}", text) for key, text in disk.items()]
    return found


def form(fields: Fields) -> Form:
    """The fields as Flask's client sends them: a list for each name."""
    found: Form = {}
    for name, text in fields:
        found.setdefault(name, []).append(text)
    return found


def changed(sent: Form, changes: Mapping[str, str | list[str]]) -> Form:
    """The same with other texts in some fields, which must be there."""
    assert changes.keys() <= sent.keys(), changes
    return sent | dict(changes)


def words_of(answer: Any) -> str:
    """What a page says: without its tags, its spaces plain."""
    words = unescape(re.sub(r"<[^>]+>", " ", answer.text))
    return re.sub(r"\s+(?=[:.,])", "", re.sub(r"\s+", " ", words))
