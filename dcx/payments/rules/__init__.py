"""Pure rules of payments: states, fields, when to ask, words for customers."""

from dcx.payments.rules.answers import Answer, Token, mismatches
from dcx.payments.rules.states import (
    ALLOWED,
    ENDED,
    OPEN,
    STATES,
    UNPAID,
    is_allowed,
    meaning,
    next_state,
)

__all__ = [
    "ALLOWED", "ENDED", "OPEN", "STATES", "UNPAID", "Answer", "Token", "is_allowed", "meaning",
    "mismatches", "next_state",
]  # fmt: skip
