"""The clock's door to charges of saved cards: how did those end that are open?"""

from dcx.kit.actors import CLOCK
from dcx.payments.jobs.clock import Clock, now_us
from dcx.payments.service.desk import Desk
from dcx.payments.service.unattended import ask_unattended, due_unattended
from dcx.repository.session import reading
from dcx.settings import Gateway

MOST_AT_ONCE = 100


def ask_about_charges(
    gateway: Gateway, desk: Desk, *, clock: Clock | None = None
) -> dict[str, int]:
    """Ask the gateway about every charge that is due; count them. It charges nothing, and is safe
    to repeat, to end at any point and to run beside itself.
    """
    now = clock or now_us
    with reading() as session:
        due = due_unattended(session, now_us=now(), limit=MOST_AT_ONCE)
    for key in due:
        ask_unattended(gateway, key, desk, by=CLOCK, clock=now)
    return {"asked": len(due)}
