"""How much a view takes: declared at the view, and known before anything that is sent is read."""

from collections.abc import Callable
from typing import TypeVar

from flask import current_app, request

from dcx.kit.errors import TooLargeError

View = TypeVar("View")
TOO_LARGE = "This is more than is read at once. Send it in smaller parts."


def takes(most_bytes: int, words: str = TOO_LARGE) -> Callable[[View], View]:
    """Refuse with 413 and these words what is larger, instead of the limit for all views."""

    def declare(view: View) -> View:
        vars(view)["takes"] = most_bytes, words
        return view

    return declare


def limit_size() -> None:
    """Before any other hook: the first one to look at a form or JSON reads all of it."""
    view = current_app.view_functions.get(request.endpoint or "")
    most_bytes, words = getattr(view, "takes", (None, ""))
    if most_bytes is None:
        return
    request.max_content_length = request.max_form_memory_size = most_bytes
    if (request.content_length or 0) > most_bytes:
        raise TooLargeError(words)
