"""Numbers and sizes as people type them: read in one way only, or refused with what to write."""

import re

from dcx.kit.money import decimal_text

SIZE_HINT = (
    "GB and TB count as hypervisors count them: 16 GB is 16 GiB, 2 TB is 2 048 GiB."
    " A disk maker's TB is smaller: convert it first."
)
"""What stands under a field for a size."""
MOST_DECIMALS, LONGEST = 10, 40
_SPACES = " \u00a0\u2009\u202f"
_BLANK = f"{_SPACES}\t\r\n"
_NUMBER = re.compile(
    rf"(\d{{1,3}}(?:[{_SPACES}]\d{{3}})+|\d{{1,12}}|)(?:([.,])(\d+))?",
    re.ASCII,
)
_SIZE = re.compile(rf"(.*?)[{_SPACES}]*([^\W\d_]+)", re.DOTALL)
_EXPONENT = re.compile(r"[\d.,]+[eE][-+]?\d+", re.ASCII)
_TWO_NUMBERS = re.compile(r"([1-9]\d{0,2}),(\d{3})", re.ASCII)
_GROUPED = re.compile(r"(\d{1,3}(?:([.,'])\d{3})(?:\2\d{3})*)(?:[.,](\d+))?", re.ASCII)
_WHY_NOT = (
    (re.compile("[-\u2212]"), "Write a number that is not negative."),
    (re.compile(rf"{_EXPONENT.pattern}\Z"), "Write the number in full, like 1000, no exponent."),
    (re.compile(r"[^a-zA-Z]*[^\x00-\x7f]"), "Write the number with the digits 0 to 9, like 0,5."),
    (re.compile(""), "Write a number, like 4, 0,5 or 1 024."),
)
_MIB = {"M": 1, "G": 1024, "T": 1024**2, "P": 1024**3}
"""Memory and disks are counted in powers of 1 024, whichever way they are written."""


def typed_number(text: str) -> str:
    """A number of zero or more as the contract writes it: "1 024" is "1024", "1,50" is "1.5".

    Spaces part thousands, a comma or a point parts decimals. ValueError says what to write where
    the text is no number, or could be two: "1,234".
    """
    whole, part = _digits(_bare(text))
    return decimal_text(int(whole + part), len(part), at_least=0)


def typed_gib(text: str) -> str:
    """A size in GiB as the contract writes it: "16", "16 GB" and "16GiB" are "16", "512 MB" is
    "0.5", "1,5 TB" is "1536". ValueError says what to write.
    """
    found = _SIZE.fullmatch(_bare(text))
    if not found or not found[2].isalpha():
        return typed_number(text)
    mib = _mib_of(found[2])
    whole, part = _digits(found[1])
    return _gib(int(whole + part) * mib, len(part))


def _bare(text: str) -> str:
    found = text.strip(_BLANK)
    if len(found) > LONGEST:
        raise ValueError("This is too long for a number.")
    return found


def _gib(mib: int, places: int) -> str:
    """MiB x 10^places in GiB; ten more places always say a 1 024th exactly."""
    gib = decimal_text(mib * 10**MOST_DECIMALS // 1024, places + MOST_DECIMALS, at_least=0)
    if len(gib.partition(".")[2]) > MOST_DECIMALS:
        raise ValueError("This is finer than sizes are counted. Write whole MB or GB.")
    return gib


def _mib_of(unit: str) -> int:
    """MiB of one of a unit: g, GB and GiB are the same."""
    letter, rest = unit[:1].upper(), unit[1:].lower()
    if letter not in _MIB or rest not in {"", "b", "ib"}:
        raise ValueError("Write a size like 16, 16 GB, 512 MB or 1,5 TB.")
    return _MIB[letter]


def _digits(text: str) -> tuple[str, str]:
    """The digits before and after the mark."""
    found = _NUMBER.fullmatch(text)
    if not found or not text:
        raise ValueError(_why_not(text))
    if two := _TWO_NUMBERS.fullmatch(text):
        raise ValueError(
            f"This could be two numbers. Write {two[1]} {two[2]} or {two[1]}.{two[2]}."
        )
    part = found[3] or ""
    if len(part) > MOST_DECIMALS:
        raise ValueError(f"Write at most {MOST_DECIMALS} decimals.")
    return re.sub(r"\D", "", found[1]) or "0", part


def _why_not(text: str) -> str:
    """What to write instead of what is no number."""
    if grouped := _GROUPED.fullmatch(text):
        thousands = re.sub(r"\D", " ", grouped[1])
        decimals = f",{grouped[3]}" if grouped[3] else ""
        return f"Part thousands with spaces: {thousands}{decimals}."
    return next(words for pattern, words in _WHY_NOT if pattern.match(text))
