"""What was booked when invoices were issued, so that billing can compare it with them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.wallet.repository.charges import ChargeRepository
from dcx.wallet.rules import RECEIVABLE, REVENUE, VAT


@dataclass(frozen=True, slots=True)
class Charged:
    """The cents that the booking of an invoice asks for, net and VAT."""

    net_cents: int = 0
    vat_cents: int = 0
    total_cents: int = 0


def charged(session: Session) -> Mapping[str, Charged]:
    """The booking of every invoice by the invoice's number; zero throughout where there is none."""
    cents: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for source, kind, sum_cents in ChargeRepository(session).sums():
        cents[source.removeprefix("invoice/")][kind] = int(sum_cents)
    found: defaultdict[str, Charged] = defaultdict(Charged)
    for number, kinds in cents.items():
        found[number] = Charged(kinds.get(REVENUE, 0), kinds.get(VAT, 0), -kinds.get(RECEIVABLE, 0))
    return found
