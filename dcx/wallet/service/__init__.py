"""What can be done with the ledger."""

from dcx.wallet.errors import NotEnoughError, NothingOwedError
from dcx.wallet.rules import Leg, Posting
from dcx.wallet.service.acts import (
    Bill,
    Receipt,
    Received,
    Sent,
    charge,
    receive,
    send_back,
    settle_from_wallet,
    take_back,
    write_off,
)
from dcx.wallet.service.balances import Balances, balance_at, balances, balances_of, owed, owing
from dcx.wallet.service.book import book, lock
from dcx.wallet.service.sources import Booked, came_in, find_booking

__all__ = [
    "Balances", "Bill", "Booked", "Leg", "NotEnoughError", "NothingOwedError", "Posting", "Receipt",
    "Received", "Sent", "balance_at", "balances", "balances_of", "book", "came_in", "charge",
    "find_booking", "lock", "owed",
    "owing", "receive", "send_back", "settle_from_wallet", "take_back", "write_off",
]  # fmt: skip
