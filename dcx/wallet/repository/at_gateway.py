"""What bookings moved at the gateway, as a table that another room reads beside its own."""

from sqlalchemy import Subquery, func, select

from dcx.wallet.models import Account, Booking, Entry
from dcx.wallet.rules import CLEARING


def at_gateway() -> Subquery:
    """A table that other rooms may join: (source, customer, cents, booked_us) of every booking that
    moved money at the gateway. Money that came in is below zero, money that went out above.

    It is read inside one statement with the other side, so that millions of bookings are compared
    where they are.
    """
    query = (
        select(
            Booking.source,
            Booking.customer,
            func.sum(Entry.amount_cents).label("cents"),
            Booking.booked_us,
        )
        .join(Entry, Entry.booking_id == Booking.id)
        .join(Account, Account.id == Entry.account_id)
        .where(Account.kind == CLEARING, Account.customer == "")
        .group_by(Booking.id, Booking.source, Booking.customer, Booking.booked_us)
    )
    return query.subquery("at_gateway")
