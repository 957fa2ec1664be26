"""PayGate's known signatures: fifteen of its own papers and replies, ten made by the same rules."""

from dcx.settings import ROOT

_LINES = (ROOT / "tests/data/paygate_checksums.csv").read_text().splitlines()[1:]
CHECKSUMS: list[tuple[str, str, tuple[str, ...], str]] = [
    (case, key, tuple(values.split("|")), expected)
    for case, key, values, expected in (line.split(";") for line in _LINES)
]
"""(case, key, values in their order, checksum)."""
