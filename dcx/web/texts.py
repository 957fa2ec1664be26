"""What is sent must be text: a NUL means nothing to anybody, and not every database takes one."""

import json
from collections.abc import Iterator
from typing import Any, TypeVar

from flask import current_app, request

from dcx.kit.errors import BadRequestError

View = TypeVar("View")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def judges_itself(view: View) -> View:
    """Leave what is sent to this view, unread: it refuses by rules of its own what is no text."""
    vars(view)["judges_itself"] = True
    return view


def require_address() -> None:
    """Refuse an address with a NUL in it."""
    if "\0" in request.path or b"%00" in request.query_string:
        raise BadRequestError("This address cannot be read.")


def require_text() -> None:
    """Refuse a form, a file's name or JSON with a NUL in it."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "judges_itself", False):
        return
    if not all(map(_is_text, _sent())):
        raise BadRequestError("What was sent holds a sign that is no text. Take it out.")


def _sent() -> Iterator[str]:
    if request.mimetype in _FORMS:
        yield from (value for _, value in request.form.items(multi=True))
        yield from (file.filename or "" for _, file in request.files.items(multi=True))
    elif request.is_json:
        yield from _texts(_json())


def _json() -> Any:
    """What is no JSON is the view's to refuse, in its own words."""
    try:
        return json.loads(request.get_data(cache=True))
    except RecursionError as error:
        raise BadRequestError("This JSON is nested too deeply.") from error
    except ValueError:
        return None


def _texts(sent: Any) -> Iterator[str]:
    """Every text in it, keys too, however deep it lies."""
    waiting = [sent]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += [*each, *each.values()]
        elif isinstance(each, list):
            waiting += each


def _is_text(value: str) -> bool:
    """A surrogate, half of a sign, is none either: it cannot be written in UTF-8."""
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False
