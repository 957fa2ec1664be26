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


def fingerprint(text: str) -> str:
    """SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(content: Mapping[str, object] | Sequence[object]) -> str:
    """SHA-256 of the canonical JSON of a document: key order and spacing do not matter."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return fingerprint(canonical)
