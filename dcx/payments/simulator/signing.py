"""How PayGate signs: MD5 over the values in a set order, the key last, nothing in between.

Written apart from the adapter of DCX that does the same, so that each proves the other.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode

INITIATE = (
    "PAYGATE_ID", "REFERENCE", "AMOUNT", "CURRENCY", "RETURN_URL", "TRANSACTION_DATE", "LOCALE",
    "COUNTRY", "EMAIL", "PAY_METHOD", "PAY_METHOD_DETAIL", "NOTIFY_URL", "USER1", "USER2", "USER3",
    "VAULT", "VAULT_ID",
)  # fmt: skip
NOTICE = (
    "PAYGATE_ID", "PAY_REQUEST_ID", "REFERENCE", "TRANSACTION_STATUS", "RESULT_CODE", "AUTH_CODE",
    "CURRENCY", "AMOUNT", "RESULT_DESC", "TRANSACTION_ID", "RISK_INDICATOR", "PAY_METHOD",
    "PAY_METHOD_DETAIL", "USER1", "USER2", "USER3", "VAULT_ID", "PAYVAULT_DATA_1",
    "PAYVAULT_DATA_2",
)  # fmt: skip
OPENED = ("PAYGATE_ID", "PAY_REQUEST_ID", "REFERENCE")
"""Signs the reply of initiate, the browser's way to the page, and a query."""
MOST_FIELDS = 40


def checksum(values: Iterable[str], key: str) -> str:
    """The signature of these values in this order."""
    joined = "".join(values) + key
    return hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()


def sign(fields: Mapping[str, str], order: Iterable[str], key: str) -> str:
    """The signature of the fields that are there, in that order."""
    return checksum((fields.get(name, "") for name in order), key)


def is_signed(given: str, right: str) -> bool:
    return hmac.compare_digest(given.lower().encode(), right.encode())


def with_checksum(fields: Mapping[str, str], key: str) -> dict[str, str]:
    """The fields, signed in the order in which they stand."""
    return {**fields, "CHECKSUM": checksum(fields.values(), key)}


def line_of(fields: Mapping[str, str]) -> str:
    """The fields as they are sent, in their order."""
    return urlencode(fields)


def fields_of(body: bytes) -> dict[str, str]:
    """What was sent, in its order; ValueError where it cannot be read or names a field twice."""
    pairs = parse_qsl(
        body.decode("ascii"),
        keep_blank_values=True,
        max_num_fields=MOST_FIELDS,
        encoding="utf-8",
        errors="strict",
    )
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("A field is there twice.")
    return fields
