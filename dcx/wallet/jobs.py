"""The clock's door to the ledger: credits that have expired go back."""

from datetime import UTC, datetime

from dcx.kit.periods import to_us
from dcx.repository.session import transaction
from dcx.wallet import service


def expire_credits() -> dict[str, int]:
    """Book back what is left of expired credits, in transactions of some hundreds; how many. Safe
    to repeat, to end at any point and to run beside itself.
    """
    expired, more = 0, 1
    while more:
        with transaction() as session:
            more = service.expire_credits(session, now_us=to_us(datetime.now(UTC)))
        expired += more
    return {"expired": expired}
