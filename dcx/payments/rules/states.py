"""The states of a payment, the one table of steps between them, and what a status means."""

CREATED, REDIRECTED, PENDING, UNKNOWN = "created", "redirected", "pending", "unknown"
PAID, DECLINED, CANCELLED, EXPIRED = "paid", "declined", "cancelled", "expired"
FAILED, REVIEW, REVERSED = "failed", "review", "reversed"
_OUTCOMES = frozenset({PENDING, PAID, DECLINED, CANCELLED, EXPIRED, REVIEW})

ALLOWED: dict[str, frozenset[str]] = {
    CREATED: frozenset({REDIRECTED, UNKNOWN, FAILED}) | _OUTCOMES,
    REDIRECTED: _OUTCOMES,
    PENDING: _OUTCOMES - {PENDING},
    UNKNOWN: frozenset({REDIRECTED, FAILED}) | _OUTCOMES,
    DECLINED: frozenset({PENDING, PAID, CANCELLED, REVIEW}),
    CANCELLED: frozenset({PENDING, PAID, DECLINED, REVIEW}),
    EXPIRED: frozenset({PENDING, PAID, DECLINED, CANCELLED, REVIEW}),
    REVIEW: frozenset({PENDING, PAID, DECLINED, CANCELLED}),
    FAILED: frozenset(),
    PAID: frozenset({REVERSED}),
    REVERSED: frozenset(),
}
"""From each state, those that may follow. Whoever fails may still pay in the end: gateways let
people try again on their page, and a bank transfer can arrive days later. What is paid is only
ever taken back.
"""
STATES = tuple(ALLOWED)
OPEN = (CREATED, REDIRECTED, PENDING, UNKNOWN)
"""Nobody knows yet how it ends: the gateway is asked until it says so, or it expires."""
ENDED = tuple(state for state in STATES if state not in OPEN)
UNPAID = (DECLINED, CANCELLED, EXPIRED, FAILED)

APPROVED, VOIDED = "1", "7"
APPROVED_CODE = "990017"
_MEANINGS = {"1": PAID, "2": DECLINED, "3": CANCELLED, "4": CANCELLED, "5": PENDING, "7": REVERSED}


def is_allowed(before: str, after: str) -> bool:
    return after in ALLOWED[before]


def meaning(status: str, result_code: str = "") -> str:
    """The state that the gateway's TRANSACTION_STATUS speaks of.

    0 says only that nothing is done yet: redirected while the customer is at the gateway's page,
    pending once there is a result code, as when a bank was not available. Approved beside a code
    that says otherwise is a contradiction, and people look at it.
    """
    if status == APPROVED and result_code not in {APPROVED_CODE, ""}:
        return REVIEW
    if status == "0":
        return PENDING if result_code else REDIRECTED
    return _MEANINGS.get(status, REVIEW)


def next_state(state: str, told: str) -> str:
    """Where a payment in `state` goes when the gateway speaks of `told`; `state` where it stays.

    What was voided before anything was booked counts as cancelled.
    """
    if told == REVERSED and state != PAID:
        told = CANCELLED
    return told if is_allowed(state, told) else state


def contradicts(state: str, told: str) -> bool:
    """Does the gateway say of a payment that was booked that it was not, or the other way round?"""
    if state == PAID:
        return told not in {PAID, REVERSED}
    return state == REVERSED and told == PAID
