"""What happened, in words for customers. The bank's suspicions are never among them."""

from dcx.payments.rules import states

NOTHING_CHARGED = "Nothing was charged."
BANK_SAID_NO = "Your bank declined the payment."
_AUTHENTICATION = "Your bank could not confirm that it is you."
_NOT_READ = "The card's details were not accepted."
_BY_CODE = {
    "900002": "The card has expired.",
    "900003": "The bank said no: there is not enough money or credit on the card.",
    "900004": _NOT_READ,
    "900005": "The bank did not answer in time.",
    "900006": _NOT_READ,
    "900010": _NOT_READ,
    "900014": "The card was used too often today.",
    "900205": _AUTHENTICATION,
    "900206": _AUTHENTICATION,
    "900207": _AUTHENTICATION,
    "900209": _AUTHENTICATION,
    "900210": _AUTHENTICATION,
    "990022": "The bank is not available at the moment.",
    "990024": "The same payment was sent twice; the second one was stopped.",
    "990028": "The payment was cancelled.",
    "991001": "The card's expiry date was not accepted.",
    "991002": "The bank did not accept the amount.",
}
"""Codes without words of their own (fraud, stolen, lost, listed cards among them) are declines."""
STATE_WORDS = {
    states.CREATED: ("go", "Waiting"),
    states.REDIRECTED: ("go", "Waiting"),
    states.PENDING: ("go", "Waiting"),
    states.UNKNOWN: ("warn", "Unclear"),
    states.PAID: ("ok", "Settled"),
    states.DECLINED: ("bad", "Declined"),
    states.CANCELLED: ("off", "Cancelled"),
    states.EXPIRED: ("off", "Expired"),
    states.FAILED: ("bad", "Failed"),
    states.REVIEW: ("warn", "Unclear"),
    states.REVERSED: ("bad", "Taken back"),
}
"""Each state as a badge: its kind and its word."""
REFUNDED = ("off", "Refunded")
"""The badge of a payment that was settled and sent back in full."""
STATUS_WORDS = {
    "0": "not done",
    "1": "approved",
    "2": "declined",
    "3": "cancelled",
    "4": "cancelled by the customer",
    "5": "received",
    "7": "settlement voided",
}
"""PayGate's own words for its TRANSACTION_STATUS, for staff."""
STEP_WORDS = {
    states.CREATED: "Begun",
    states.REDIRECTED: "At PayGate",
    states.PENDING: "Waits for the bank",
    states.REVIEW: "Set aside",
}
"""What staff read of the states that customers need not tell apart."""
_METHODS = {"CC": "Card", "DC": "Debit card", "EW": "E-wallet", "BT": "Bank transfer",
            "CV": "Cash voucher", "PC": "Prepaid card"}  # fmt: skip


def reason(result_code: str) -> str:
    """Why a payment was not made, as the customer may read it."""
    return _BY_CODE.get(result_code, BANK_SAID_NO)


def method_words(method: str) -> str:
    """ "CC Visa" as "Card, Visa"; "" where nobody knows yet."""
    kind, _, detail = method.partition(" ")
    return ", ".join(part for part in (_METHODS.get(kind, kind), detail) if part)


def step_words(state: str) -> str:
    """A state in a history, where badges are too coarse."""
    return STEP_WORDS.get(state, STATE_WORDS[state][1])


def is_authenticated(risk: str) -> bool:
    """Did the bank confirm the cardholder? X says that it does not apply."""
    return not risk.startswith("N")


LOOKS = {
    "waiting": (states.CREATED, states.REDIRECTED, states.PENDING),
    "unclear": (states.UNKNOWN, states.REVIEW),
    "settled": (states.PAID,),
    "declined": (states.DECLINED,),
    "cancelled": (states.CANCELLED,),
    "expired": (states.EXPIRED,),
    "failed": (states.FAILED,),
    "taken back": (states.REVERSED,),
}
"""The states that a filter offers, by the word that stands for them."""
