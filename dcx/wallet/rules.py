"""Pure rules of the ledger: what a booking is, and which money is used first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dcx.kit.periods import FOREVER
from dcx.wallet.errors import UnbalancedError

WALLET, RECEIVABLE, HELD, CREDIT = "wallet", "receivable", "held", "credit"
REVENUE, VAT, CLEARING, BANK = "revenue", "vat", "clearing", "bank"
CREDITS_GIVEN, WRITE_OFF, CORRECTION = "credits_given", "write_off", "correction"
KINDS = ("adjustment", "credit", "write_off", "received")
"""What staff can ask for by hand."""
SHORTEST_REASON, LONGEST_REASON = 5, 500
MOST_CENTS = 10**13
CUSTOMERS_KINDS = frozenset({WALLET, RECEIVABLE, HELD, CREDIT})


@dataclass(frozen=True, slots=True)
class Leg:
    """What a booking adds to one account: cents, positive in favour of whose account it is.

    The kind says whose: wallet, receivable, held and credit are the customer's, all others the
    provider's. `tag` tells credits apart; `document` is the invoice that it is about.
    """

    kind: str
    cents: int
    tag: str = ""
    document: str = ""

    @property
    def is_customers(self) -> bool:
        return self.kind in CUSTOMERS_KINDS


@dataclass(frozen=True, slots=True)
class Posting:
    """A booking to be made, once per `source`: it sums to zero and names an account once.

    `may_overdraw`: may a wallet fall below zero by it? Only what the gateway takes back may do
    that.
    """

    kind: str
    source: str
    customer: str
    words: str
    legs: tuple[Leg, ...]
    may_overdraw: bool = False

    def __post_init__(self) -> None:
        if not self.legs or sum(leg.cents for leg in self.legs) != 0:
            raise UnbalancedError(f"The booking {self.source} does not sum to zero.")
        if len({(leg.kind, leg.tag) for leg in self.legs}) < len(self.legs):
            raise UnbalancedError(f"The booking {self.source} names an account twice.")


@dataclass(frozen=True, slots=True)
class Purse:
    """A credit that can be spent: its key, what is left of it, and what it is ordered by."""

    key: str
    cents: int
    priority: int
    expires_us: int | None
    created_us: int


def spend(cents: int, purses: Iterable[Purse]) -> list[tuple[str, int]]:
    """Which credits pay how much of an amount: by priority, then expiry, then age. What they do not
    cover is the wallet's.
    """
    used, left = [], cents
    for purse in sorted(purses, key=_order):
        part = min(left, purse.cents)
        if part > 0:
            used.append((purse.key, part))
            left -= part
    return used


def spending_order(
    priority: int, expires_us: int | None, created_us: int, key: str
) -> tuple[int, int, int, str]:
    """What credits are sorted by: the first is spent first."""
    return priority, FOREVER if expires_us is None else expires_us, created_us, key


def _order(purse: Purse) -> tuple[int, int, int, str]:
    return spending_order(purse.priority, purse.expires_us, purse.created_us, purse.key)


def mirrored(legs: Sequence[Leg]) -> tuple[Leg, ...]:
    """The legs that undo these."""
    return tuple(Leg(leg.kind, -leg.cents, leg.tag, leg.document) for leg in legs)


def fault_of_wish(kind: str, cents: int, reason: str, form_key: str) -> str:
    """What stands against an adjustment whatever the ledger says, in a sentence; "" if nothing."""
    checks = (
        (kind in KINDS and form_key, f"An adjustment is one of {', '.join(KINDS)}, by its form."),
        (
            SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON,
            f"Give a reason of {SHORTEST_REASON} to {LONGEST_REASON} characters.",
        ),
        (abs(cents) <= MOST_CENTS, "This is more money than DCX counts."),
        (cents >= 0 or kind == "adjustment", "The amount must be more than zero."),
        (cents or kind == "write_off", "The amount must not be zero."),
    )
    return next((sentence for holds, sentence in checks if not holds), "")
