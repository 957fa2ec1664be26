"""NDJSON and JSON lists as rows, item by item."""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO

from dcx.metering.reader.rows import LONGEST_LINE, BrokenError, Cells, Rows, lines_of, text_of
from dcx.metering.rules.cells import Fault

_CHUNK = 1024 * 1024
_MOST_HEADS = 1_000
_scan = json.JSONDecoder().raw_decode
_scan_with_long_numbers = json.JSONDecoder(parse_int=str).raw_decode
_marks = re.compile(r'"(?:[^"\\]|\\.)*+"|[]["{}]', re.DOTALL).finditer

Row = tuple[tuple[str, ...], Cells | Fault, str]


def ndjson_rows(stream: BinaryIO) -> Rows:
    """A row per line; a line that is no JSON object costs itself only."""
    row_of = partial(_row_of, {})
    for lines in lines_of(stream):
        for line in lines:
            text = line.strip()
            if text:
                yield row_of(_item(text), text)


def json_rows(stream: BinaryIO) -> Rows:
    """A row per item of a list; BrokenError where it is cut or broken."""
    row_of = partial(_row_of, {})
    for item, text in json_items(stream):
        yield row_of(item, text)


def json_items(stream: BinaryIO) -> Iterator[tuple[Any, str]]:
    """The items of a JSON list one by one with their texts, however long the list; BrokenError
    where it is cut or broken.
    """
    pieces = text_of(stream, _CHUNK)
    text = next(pieces).lstrip()
    if not text.startswith("["):
        raise BrokenError("is not a JSON list")
    place = _next_place(text, 1)
    while text[place : place + 1] != "]":
        try:
            item, end = _scanned(text, place)
            yield item, text[place:end]
        except ValueError as error:
            more = next(pieces, "")
            if not more or len(text) - place > LONGEST_LINE:
                raise BrokenError("is not a whole JSON list: it is cut or broken") from error
            text, end = text[place:] + more, 0
        place = _next_place(text, end)
    if text[place + 1 :].strip() or any(more.strip() for more in pieces):
        raise BrokenError("goes on after the end of its JSON list")


def _scanned(text: str, place: int) -> tuple[Any, int]:
    """(item, its end); ValueError where the text holds no whole item at this place.

    Python refuses integers of thousands of digits and lists nested hundreds deep; neither may cost
    the neighbours.
    """
    try:
        return _scan(text, place)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return _scan_with_long_numbers(text, place)
    except RecursionError:
        return Fault("the row is nested too deep"), _end_of_nested(text, place)


def _end_of_nested(text: str, place: int) -> int:
    depth = 0
    for mark in _marks(text, place):
        sign = mark[0]
        if sign == '"':
            break
        depth += (sign in "[{") - (sign in "]}")
        if not depth:
            return mark.end()
    raise ValueError("is not whole yet")


def _item(text: str) -> Any:
    try:
        item, end = _scanned(text, 0)
    except ValueError:
        return Fault("the line is not JSON")
    return Fault("the line is not JSON") if text[end:] else item


def _row_of(heads: dict[tuple[str, ...], tuple[str, ...]], item: Any, text: str) -> Row:
    """Rows with the same keys share one head: the judge looks at each head once."""
    if isinstance(item, Fault):
        return (), item, text
    if not isinstance(item, dict):
        return (), Fault("the row is not a JSON object"), text
    if len(heads) > _MOST_HEADS:
        heads.clear()
    head = tuple(item)
    return heads.setdefault(head, head), _without_booleans(list(item.values())), text


def _without_booleans(cells: list[Any]) -> list[Any]:
    """Python takes true for 1, a collector does not: booleans become words."""
    if True not in cells and False not in cells:
        return cells
    return [json.dumps(cell) if isinstance(cell, bool) else cell for cell in cells]


def _next_place(text: str, place: int) -> int:
    while text[place : place + 1] and text[place] in " \t\r\n,":
        place += 1
    return place
