"""What can be done with mails: write them, send them once, look at them, send them again."""

from dcx.notifications.service.letters import (
    AccessGranted,
    Invitation,
    Message,
    Reset,
    Words,
)
from dcx.notifications.service.looks import (
    MailLine,
    MailView,
    failed_lately,
    get_mail,
    mails,
    send_again,
)
from dcx.notifications.service.outbox import Claim, claim, settle_failed, settle_sent, write
from dcx.notifications.service.site import Site

__all__ = [
    "AccessGranted", "Claim", "Invitation", "MailLine", "MailView", "Message", "Reset", "Site",
    "Words", "claim", "failed_lately", "get_mail", "mails", "send_again", "settle_failed",
    "settle_sent", "write",
]  # fmt: skip
