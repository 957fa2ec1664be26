"""Words that bend with their number."""


def bent(number: int, one: str, many: str = "") -> str:
    """The word "invoice" of one, "invoices" of more; `many` where that is not `one` with an s."""
    return one if number == 1 else many or f"{one}s"


def counted(number: int, one: str, many: str = "") -> str:
    """1 invoice, 2 invoices: where no locale groups the digits."""
    return f"{number} {bent(number, one, many)}"


def lines_of(address: str) -> list[str]:
    """The lines of a postal address, which a `;` or a line break parts; none is empty."""
    return [
        line for part in address.split(";") for each in part.splitlines() if (line := each.strip())
    ]
