"""Lists of values in pieces that a statement can carry."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

_CHUNK = 500


def chunks(items: Iterable[Any], size: int = _CHUNK) -> Iterable[list[Any]]:
    """Lists of at most `size`, so that no statement carries too many values."""
    stream = iter(items)
    while chunk := list(islice(stream, size)):
        yield chunk
