"""Every statement of the ledger."""

from dcx.wallet.repository.adjustments import AdjustmentRepository
from dcx.wallet.repository.checks import CheckRepository
from dcx.wallet.repository.ledger import LedgerRepository, Pot
from dcx.wallet.repository.pockets import CreditRepository, HoldRepository
from dcx.wallet.repository.statements import StatementRepository

__all__ = [
    "AdjustmentRepository", "CheckRepository", "CreditRepository", "HoldRepository",
    "LedgerRepository", "Pot", "StatementRepository",
]  # fmt: skip
