"""What can be done with the ledger."""

from dcx.wallet.errors import (
    AdjustmentRefusedError,
    CreditRefusedError,
    HoldEndedError,
    NotEnoughError,
    NothingOwedError,
    UnknownAdjustmentError,
    UnknownHoldError,
)
from dcx.wallet.rules import BANK, CLEARING, KINDS, RECEIVABLE, WALLET, Leg, Posting
from dcx.wallet.service.acts import (
    Bill,
    Receipt,
    Received,
    Sent,
    Undoing,
    charge,
    receive,
    send_back,
    settle_from_wallet,
    take_back,
    write_off,
)
from dcx.wallet.service.adjustments import Adjustment, Wish, adjustments_of, ask, decide, waiting
from dcx.wallet.service.balances import (
    Balances,
    balance_at,
    balances,
    balances_of,
    owed,
    owed_by,
    owing,
    written_off,
)
from dcx.wallet.service.book import book, lock
from dcx.wallet.service.charged import Charged, charged
from dcx.wallet.service.check import breaches
from dcx.wallet.service.credits import (
    CreditLeft,
    Grant,
    credits_of,
    every_credit_of,
    expire_credits,
    give_credit,
)
from dcx.wallet.service.holds import (
    Held,
    HeldMoney,
    held_for,
    hold,
    hold_for,
    holds_of,
    release,
    send_held,
    use,
)
from dcx.wallet.service.movements import (
    ADJUSTMENT_COLUMNS,
    ENTRY_COLUMNS,
    adjustment_page,
    changes,
    entry_page,
    every_adjustment,
    every_entry,
)
from dcx.wallet.service.sources import Booked, came_in, find_booking
from dcx.wallet.service.statement import Line, Statement, entries, statement

__all__ = [
    "ADJUSTMENT_COLUMNS", "BANK", "CLEARING", "ENTRY_COLUMNS", "KINDS", "RECEIVABLE", "WALLET",
    "Adjustment", "AdjustmentRefusedError", "Balances", "Bill", "Booked", "Charged", "CreditLeft",
    "CreditRefusedError", "Grant", "Held", "HeldMoney", "HoldEndedError", "Leg", "Line",
    "NotEnoughError", "NothingOwedError", "Posting", "Receipt", "Received", "Sent", "Statement",
    "Undoing", "UnknownAdjustmentError", "UnknownHoldError", "Wish", "adjustment_page",
    "adjustments_of", "ask", "balance_at", "balances", "balances_of", "book", "breaches", "came_in",
    "changes", "charge", "charged", "credits_of", "decide", "entries", "entry_page",
    "every_adjustment", "every_credit_of", "every_entry", "expire_credits", "find_booking",
    "give_credit", "held_for", "hold", "hold_for", "holds_of", "lock", "owed", "owed_by", "owing",
    "receive", "release", "send_back", "send_held", "settle_from_wallet", "statement", "take_back",
    "use", "waiting", "write_off", "written_off",
]  # fmt: skip
