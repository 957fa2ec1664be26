"""Turns: in a run over many, one that fails keeps no other from its turn."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)
MOST_FAULTS = 20
"""What fails so often is no matter of one among many: the run ends."""


class Turns:
    """The turns of one run, and what went wrong in them."""

    def __init__(self) -> None:
        self._faults: list[Exception] = []

    @contextmanager
    def one(self) -> Iterator[None]:
        """One turn: what fails in it is logged and kept for the end."""
        try:
            yield
        except Exception as fault:
            self._faults.append(fault)
            if len(self._faults) == MOST_FAULTS:
                raise
            log.exception("One of many failed; the others have their turn")

    def end(self) -> None:
        """Raise the first fault, now that all had their turn."""
        if self._faults:
            raise self._faults[0]
