"""What bookings of payments and refunds are found by."""


def source_of(key: str) -> str:
    """The source of the one booking that a payment has; `/reversed` after it is its undoing."""
    return f"payment/{key}"


def refund_source(key: str) -> str:
    """The source of a refund's booking, and of the hold that keeps its money until then."""
    return f"refund/{key}"
