"""Search over what several rooms hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.billing import service as billing
from dcx.metering import service as metering


@dataclass(frozen=True, slots=True)
class Found:
    """One result of a search."""

    kind: str
    words: str
    detail: str
    customer: str
    key: str


def search(session: Session, words: str, *, customers: Sequence[str] | None) -> list[Found]:
    """Customers (for staff), resources and invoices that hold the words; at most some twenty."""
    if not words.strip():
        return []
    words = words.strip()
    known = accounts.search_customers(session, words, limit=8) if customers is None else ()
    things = metering.search_resources(session, words, customers=customers, limit=8)
    invoices = billing.find_invoices(session, words, customers=customers, limit=5)
    return [
        *(Found("Customer", each.name, each.key, each.key, each.key) for each in known),
        *(
            Found(
                each.kind, each.name or each.resource, each.resource, each.customer, each.resource
            )
            for each in things
        ),
        *(
            Found("Invoice", each.number, each.customer_name, each.customer, each.number)
            for each in invoices
        ),
    ]
