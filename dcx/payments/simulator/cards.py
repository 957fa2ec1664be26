"""The test cards, and what each result of PayGate means."""

from collections.abc import Mapping
from dataclasses import dataclass

APPROVED, DECLINED, UNDONE, CANCELLED = "1", "2", "0", "4"
RECEIVED, VOIDED = "5", "7"
DONE = "990017"
RESULTS: Mapping[str, tuple[str, str]] = {
    DONE: ("Auth Done", APPROVED),
    "900001": ("Call for Approval", DECLINED),
    "900002": ("Card Expired", DECLINED),
    "900003": ("Insufficient Funds", DECLINED),
    "900004": ("Invalid Card Number", DECLINED),
    "900005": ("Bank Interface Timeout", DECLINED),
    "900006": ("Invalid Card", DECLINED),
    "900007": ("Declined", DECLINED),
    "900009": ("Lost Card", DECLINED),
    "900010": ("Invalid Card Length", DECLINED),
    "900011": ("Suspected Fraud", DECLINED),
    "900012": ("Card Reported As Stolen", DECLINED),
    "900013": ("Restricted Card", DECLINED),
    "900014": ("Excessive Card Usage", DECLINED),
    "900015": ("Card Blacklisted", DECLINED),
    "900207": ("Declined; authentication failed", DECLINED),
    "990020": ("Auth Declined", DECLINED),
    "991001": ("Invalid expiry date", DECLINED),
    "991002": ("Invalid Amount", DECLINED),
    "900205": ("Unexpected authentication result (phase 1)", UNDONE),
    "900206": ("Unexpected authentication result (phase 2)", UNDONE),
    "900209": ("Transaction verification failed (phase 2)", UNDONE),
    "900210": ("Authentication complete; transaction must be restarted", UNDONE),
    "990001": ("Could not insert into Database", UNDONE),
    "990022": ("Bank not available", UNDONE),
    "990024": ("Duplicate Transaction Detected", UNDONE),
    "990053": ("Error processing transaction", UNDONE),
    "990028": ("Transaction cancelled", CANCELLED),
}
"""Code: words and status."""


@dataclass(frozen=True, slots=True)
class TestCard:
    """A number, and what paying with it comes to. `asks_code`: does its bank ask for a code?"""

    number: str
    brand: str
    result: str
    risk: str
    asks_code: bool = False

    @property
    def words(self) -> str:
        return "Approved" if self.result == DONE else RESULTS[self.result][0]


CARDS = (
    TestCard("4000000000000002", "Visa", DONE, "AX", asks_code=True),
    TestCard("5200000000000015", "MasterCard", DONE, "AX"),
    TestCard("378282246310005", "Amex", DONE, "NX"),
    TestCard("5200000000000023", "MasterCard", "900003", "NX", asks_code=True),
    TestCard("4000000000000028", "Visa", "900003", "NX"),
    TestCard("371449635398431", "Amex", "900003", "NX"),
    TestCard("4000000000000036", "Visa", "900007", "AX", asks_code=True),
    TestCard("5200000000000049", "MasterCard", "900007", "AX", asks_code=True),
    TestCard("30569309025904", "Diners", "900007", "XX"),
    TestCard("5200000000000064", "MasterCard", "990022", "XX"),
)
_BY_NUMBER = {card.number: card for card in CARDS}


def card_of(number: str) -> TestCard:
    """The test card of that number; any other is an invalid one, and its number is let go."""
    digits = "".join(sign for sign in number if sign.isdigit())
    return _BY_NUMBER.get(digits) or TestCard("", "", "900004", "XX")
