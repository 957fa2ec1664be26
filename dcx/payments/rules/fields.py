"""The fields of the gateway, each with the shape that it must have.

Its signature has no separators, so that moving a character across a border keeps it: only shapes
this narrow, references that end with a letter, and asking again make that harmless.
"""

import re
import secrets

LONGEST_BODY, MOST_FIELDS, LONGEST_REFERENCE = 16 * 1024, 40, 80
HIDDEN = "…"
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"  # pragma: allowlist secret
_PRINTABLE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{0,255}"
REFERENCE = re.compile(r"[A-Z0-9-]{1,79}[A-Z]")
CHECKSUM = re.compile(r"[0-9A-Fa-f]{32}")
ERROR = re.compile(r"ERROR=([A-Z0-9_]{2,40})\s*")
_NAME = re.compile(r"[A-Z0-9_]{1,40}")
_TEXT = re.compile(_PRINTABLE)
_GUID = r"[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}"
SHAPES: dict[str, re.Pattern[str]] = {
    "CHECKSUM": CHECKSUM,
    "PAYGATE_ID": re.compile(r"[0-9]{1,11}"),
    "PAY_REQUEST_ID": re.compile(_GUID),
    "REFERENCE": REFERENCE,
    "TRANSACTION_STATUS": re.compile(r"[0-9]"),
    "RESULT_CODE": re.compile(r"[0-9]{0,6}"),
    "AUTH_CODE": re.compile(r"[0-9A-Za-z]{0,10}"),
    "CURRENCY": re.compile(r"([A-Z]{3})?"),
    "AMOUNT": re.compile(r"[0-9]{0,11}"),
    "TRANSACTION_ID": re.compile(r"[0-9]{0,20}"),
    "RISK_INDICATOR": re.compile(r"[A-Z]{0,2}"),
    "PAY_METHOD": re.compile(r"[A-Z0-9]{0,10}"),
    "VAULT_ID": re.compile(rf"({_GUID})?", re.IGNORECASE),
    "PAYVAULT_DATA_1": re.compile(r"([0-9xX*]{8,15}[0-9]{4})?"),
    "PAYVAULT_DATA_2": re.compile(r"((0[1-9]|1[0-2])20[0-9]{2})?"),
}
_LONG_NUMBER = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
_TOKEN = re.compile(r"(?i)(VAULT_ID=)[^&\s]+")
_LOOSE_GUID = re.compile(rf"\b{_GUID.replace('A-F', 'a-f')}\b")


def fault_of(values: dict[str, str]) -> str | None:
    """Which field has not the shape it must have; None: all have."""
    for name, value in values.items():
        if not _NAME.fullmatch(name) or not SHAPES.get(name, _TEXT).fullmatch(value):
            return name if _NAME.fullmatch(name) else "a name"
    return None


def new_reference() -> str:
    """DCX-XXXXXXXXXXXXXXXX-A: 80 random bits, and a letter at the end."""
    return f"DCX-{''.join(secrets.choice(_SIGNS) for _ in range(16))}-A"


def redacted(body: str) -> str:
    """A body as it may be kept: without tokens, anything like a card's number, and control signs,
    which not every database takes.
    """
    seen = "".join(sign if sign.isprintable() else HIDDEN for sign in body)
    plain = _LOOSE_GUID.sub(HIDDEN, _TOKEN.sub(rf"\1{HIDDEN}", seen))
    return _LONG_NUMBER.sub(_unless_no_card, plain)


def _unless_no_card(found: re.Match[str]) -> str:
    digits = [int(sign) for sign in found[0] if sign.isdigit()]
    return HIDDEN if _is_luhn(digits) else found[0]


def _is_luhn(digits: list[int]) -> bool:
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
