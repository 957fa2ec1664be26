"""Identifiers that may be shown to the outside, and the fingerprints of secrets and contents."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence


def new_id() -> str:
    """A random public id of 128 bits: not guessable, not a row number."""
    return secrets.token_urlsafe(16)


def new_secret() -> str:
    """256 random bits for keys and session ids; store only its `fingerprint`."""
    return secrets.token_urlsafe(32)


def fingerprint(content: str | bytes) -> str:
    """SHA-256 in hex, of any text: also of one that is not Unicode."""
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()


def content_hash(content: Mapping[str, object] | Sequence[object]) -> str:
    """SHA-256 of the canonical JSON of a document: key order and spacing do not matter."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return fingerprint(canonical)
