"""Words that bend with their number."""


def bent(number: int, one: str, many: str = "") -> str:
    """The word "invoice" of one, "invoices" of more; `many` where that is not `one` with an s."""
    return one if number == 1 else many or f"{one}s"


def counted(number: int, one: str, many: str = "") -> str:
    """1 invoice, 2 invoices: where no locale groups the digits."""
    return f"{number} {bent(number, one, many)}"
