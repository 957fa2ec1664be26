"""Tables in an address: how it is sorted, which page, and the whole of it as CSV."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from flask import Response, request

from dcx.kit.csv import csv_lines
from dcx.kit.sorting import PER_PAGE, Ask, Place, Sort

Cells = Iterable[object]


def asked(keys: Iterable[str], default: str, *, name: str = "", limit: int = PER_PAGE) -> Ask:
    """What the address asks of a table; `name` keeps the tables of one page apart."""
    plain = Ask(Sort("", down=False), name=name)
    sort = Sort.read(request.args.get(plain.param("sort"), ""), keys, default)
    after, before = (
        Place.read(request.args.get(plain.param(what), ""), sort) for what in ("after", "before")
    )
    return Ask(sort, after, None if after else before, limit, name)


def wants_csv(name: str = "") -> bool:
    """Does the address ask for this table as a file?"""
    return request.args.get("as") == "csv" and request.args.get("table", "") == name


def as_csv(
    name: str, head: Sequence[str], rows: Iterable[Cells] | Callable[[], Iterable[Cells]]
) -> Response:
    """A CSV to download, streamed. Rows that are read as they are sent come as a function.

    The first piece is made at once: what a reader opens is opened within the request, and a
    refusal still finds its page.
    """
    lines = csv_lines(head, rows() if callable(rows) else rows)
    response = Response(chain([next(lines)], lines), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
