"""What estimates refuse."""

from typing import Self

from dcx.kit.errors import FormError, NotFoundError, TooManyError

MOST_NAMED = 20


class AskRefusedError(FormError):
    """What was asked for cannot be estimated; `fields` names each place: lines.0.vcpus."""

    @property
    def message(self) -> str:
        """The first faults with their places, for whoever has no form to show them in."""
        faults = [f"{place}: {words}" if place else words for place, words in self.fields.items()]
        more = len(faults) - MOST_NAMED
        return " ".join(faults[:MOST_NAMED] + ([f"And {more} more."] if more > 0 else []))


class UnknownEstimateError(NotFoundError):
    """No such estimate, or not the viewer's."""


class UploadRefusedError(FormError):
    """A file that cannot be read as lines of an estimate."""

    @classmethod
    def of(cls, words: str) -> Self:
        return cls({"file": words})


class LinkGoneError(NotFoundError):
    """A link that never was, has expired or is revoked: all three look alike."""


class TooManyGuessesError(TooManyError):
    """So many links that lead nowhere are guesses."""
