"""The filters of templates: one for each kind of value."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask, url_for

from dcx.web.looks import Looks


def register_filters(app: Flask) -> None:
    """One filter for each kind of value; templates format nothing themselves."""
    looks = Looks(app.config["DCX"])
    for name in (
        "money", "whole_money", "amount", "unit_price", "micros", "short", "number", "percent",
        "day", "long_day", "short_day", "gib", "counted",
        "clock", "minute", "second", "iso", "month", "month_word", "hours", "took", "offset",
    ):  # fmt: skip
        look: Callable[..., str] = getattr(looks, name)
        app.add_template_filter(look, name)
    app.add_template_filter(sentence, "sentence")
    app.add_template_global(_static_address(app), "static_url")


def _static_address(app: Flask) -> Callable[[str], str]:
    """The address of a static file with the time of its last change, so that caches never lag."""

    def address(path: str) -> str:
        file = Path(str(app.static_folder)) / path
        stamp = int(file.stat().st_mtime) if file.is_file() else 0
        return url_for("static", filename=path, v=stamp)

    return address


def sentence(words: str) -> str:
    """Words with a capital first letter, the rest as it is."""
    return words[:1].upper() + words[1:]
