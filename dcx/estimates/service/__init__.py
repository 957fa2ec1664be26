"""What can be done with estimates: price, save, look up, price again."""

from dcx.estimates.rules.answers import Answer, AnswerLine, NotPriced, answer_json
from dcx.estimates.rules.asks import Ask, AskedDisk, AskedLine, ask_json
from dcx.estimates.rules.reading import read_ask
from dcx.estimates.service.check import breaches
from dcx.estimates.service.given import Given, given
from dcx.estimates.service.prices import Desk, estimate, require_open_book
from dcx.estimates.service.saved import (
    Saved,
    changed_since,
    get_saved,
    price_again,
    save,
    versions_of,
)
from dcx.estimates.service.uploads import Uploaded, WrongCell, read_upload

__all__ = [
    "Answer", "AnswerLine", "Ask", "AskedDisk", "AskedLine", "Desk", "Given", "NotPriced", "Saved",
    "Uploaded", "WrongCell",
    "answer_json", "ask_json", "breaches", "changed_since", "estimate", "get_saved", "given",
    "price_again", "read_ask", "read_upload", "require_open_book", "save", "versions_of",
]  # fmt: skip
