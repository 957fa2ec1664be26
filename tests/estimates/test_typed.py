"""Numbers and sizes as people type them have one meaning, or are sent back with what to write."""

from collections.abc import Callable

import pytest

from dcx.estimates.rules.typed import typed_gib, typed_number

NUMBERS = {
    "16": "16", " 16 ": "16", "007": "7", "0": "0", "16,0": "16", "1,5": "1.5", "1.5": "1.5",
    "1,50": "1.5", ".5": "0.5", ",5": "0.5", "0,125": "0.125", "0.125": "0.125", "1.125": "1.125",
    "1 024": "1024", "1\u00a0024": "1024", "1\u202f024,5": "1024.5", "1 234,56": "1234.56",
    "1 234.56": "1234.56", "1 234,567": "1234.567", "1234,567": "1234.567",
    "0.0009765625": "0.0009765625", "12 345 678": "12345678",
}  # fmt: skip
SIZES = {
    "16": "16", "16 GB": "16", "16GB": "16", "16GiB": "16", "16 gib": "16", "100g": "100",
    "1 024 GB": "1024", "512 MB": "0.5", "512MiB": "0.5", "1M": "0.0009765625", "1,5 TB": "1536",
    "1.5TB": "1536", "2 TiB": "2048", "2\u00a0TB": "2048", "1PB": "1048576", "0,5 GB": "0.5",
    "1 536 MB": "1.5",
}  # fmt: skip
NEITHER = {
    "": "Write a number", " ": "Write a number", "4x": "Write", "four": "Write", "5.": "Write",
    "1.2.3": "Write", "10 24": "Write", "1_024": "Write", "NaN": "Write", "infinity": "Write",
    "0x10": "Write", "-5": "not negative", "\u22125": "not negative", "-1 GB": "not negative",
    "1e3": "no exponent", "1,5E3": "no exponent", "½": "digits 0 to 9",
    "٣": "digits 0 to 9", "１６": "digits 0 to 9", "2½ GB": "digits 0 to 9",
    "1,234": "Write 1 234 or 1.234", "12,000": "Write 12 000 or 12.000",
    "1.234,56": "spaces: 1 234,56", "1,234.56": "spaces: 1 234,56",
    "1,234,567": "spaces: 1 234 567",
    "1'024": "spaces: 1 024", "0.12345678901": "at most",
    "9" * 13: "Write", "9" * 41: "too long", "=1+1": "Write",
}  # fmt: skip
SIZES_OF_NOTHING = {
    "GB": "Write a number", "16 GHz": "16 GB", "16 Kb": "16 GB", "16 GBs": "16 GB",
    "0.0001 MB": "whole MB", "16 ГБ": "16 GB", "1,234 GB": "Write 1 234 or 1.234",
}  # fmt: skip


@pytest.mark.parametrize(("read", "texts"), [(typed_number, NUMBERS), (typed_gib, SIZES)])
def test_every_way_of_writing_has_one_meaning(
    read: Callable[[str], str], texts: dict[str, str]
) -> None:
    assert {text: read(text) for text in texts} == texts


@pytest.mark.parametrize(
    ("read", "texts"), [(typed_number, NEITHER), (typed_gib, NEITHER | SIZES_OF_NOTHING)]
)
def test_what_has_no_one_meaning_is_sent_back_with_what_to_write(
    read: Callable[[str], str], texts: dict[str, str]
) -> None:
    said = {text: _refusal(read, text) for text in texts}
    assert {text: texts[text] for text, words in said.items() if texts[text] not in words} == {}


def _refusal(read: Callable[[str], str], text: str) -> str:
    try:
        return f"read as {read(text)}"
    except ValueError as error:
        return str(error)
