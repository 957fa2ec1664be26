"""What can be done with mails: write them, send them once, look at them, send them again."""

from dcx.notifications.rules import is_address
from dcx.notifications.service.letters import (
    AccessGranted,
    File,
    Invitation,
    Message,
    Reset,
    Words,
)
from dcx.notifications.service.letters_of_money import (
    AutoTopUpFailed,
    CardExpires,
    FineAgain,
    InvoiceIssued,
    LowBalance,
    PaymentFailed,
    PaymentReceived,
    RefundSent,
    Suspended,
    ZeroAhead,
)
from dcx.notifications.service.looks import (
    MailLine,
    MailView,
    failed_lately,
    get_file,
    get_mail,
    mails,
    send_again,
)
from dcx.notifications.service.outbox import (
    Claim,
    claim,
    forget_before,
    settle_failed,
    settle_sent,
    write,
)
from dcx.notifications.service.samples import sample, samples
from dcx.notifications.service.site import Site
from dcx.notifications.service.suppression import Suppressed, lift, suppress, suppressed

__all__ = [
    "AccessGranted", "AutoTopUpFailed", "CardExpires", "Claim", "File", "FineAgain", "Invitation",
    "InvoiceIssued", "LowBalance", "MailLine", "MailView", "Message", "PaymentFailed",
    "PaymentReceived", "RefundSent", "Reset", "Site", "Suppressed", "Suspended", "Words",
    "ZeroAhead", "claim", "failed_lately", "forget_before", "get_file", "get_mail", "is_address",
    "lift", "mails", "sample", "samples", "send_again", "settle_failed", "settle_sent", "suppress",
    "suppressed", "write",
]  # fmt: skip
