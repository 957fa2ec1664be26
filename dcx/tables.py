"""Every table, imported once so that migrations see them all."""

from dcx.accounts import models as accounts
from dcx.billing import models as billing
from dcx.estimates import models as estimates
from dcx.journal import models as journal
from dcx.metering import models as metering
from dcx.notifications import models as notifications
from dcx.payments import models as payments
from dcx.prepaid import models as prepaid
from dcx.pricing import models as pricing
from dcx.wallet import models as wallet

__all__ = [
    "accounts", "billing", "estimates", "journal", "metering", "notifications", "payments",
    "prepaid", "pricing", "wallet",
]  # fmt: skip
