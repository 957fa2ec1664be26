"""Pure rules of mails: what may stand in a header, how long to wait after a failure, what hides."""

import re

from dcx.kit.periods import SECOND_US

STATES = ("waiting", "sent", "failed")
WAITS_S = (60, 300, 1_800, 7_200, 21_600)
HIDDEN = "…"
_BREAK = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@[\w-]+(\.[\w-]+)*")
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,}")
_HOST = re.compile(r"[A-Za-z0-9.-]+")


def is_one_line(words: str) -> bool:
    """Are the words free of line breaks and control signs? Only such may stand in a header."""
    return not _BREAK.search(words)


def is_address(words: str) -> bool:
    """Is this one plain address, without a name or a second one? Only its domain may have letters
    beyond ASCII.
    """
    return bool(_ADDRESS.fullmatch(words))


def is_secret(words: str) -> bool:
    """Is this long and plain enough to be found again in a text and taken out of it?"""
    return bool(_SECRET.fullmatch(words))


def message_id(key: str, host: str | None) -> str:
    """The Message-ID of the mail with this key, written by the site at `host`."""
    return f"<{key}@{host if host and _HOST.fullmatch(host) else 'localhost'}>"


def wait_us(tries: int) -> int | None:
    """How long to wait after that many tries in vain; None once it is time to give up."""
    return WAITS_S[tries - 1] * SECOND_US if tries <= len(WAITS_S) else None


def without(words: str, secret: str | None) -> str:
    """The words with the secret taken out of them."""
    return words.replace(secret, HIDDEN) if secret else words
