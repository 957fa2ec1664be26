"""The clock's door to refunds: send what is wanted, ask about what is unknown."""

from collections import Counter
from collections.abc import Sequence

from dcx.notifications.service import Site
from dcx.payments.errors import GatewayRefusedError, GatewaySilentError
from dcx.payments.jobs.clock import Clock, now_us
from dcx.payments.payhost import PayHost, Status
from dcx.payments.service import sending
from dcx.payments.service.refunds import count_open
from dcx.payments.service.sending import Errand
from dcx.repository.session import reading, transaction
from dcx.settings import Gateway

MOST_AT_ONCE = 200


def send_refunds(gateway: Gateway, site: Site, *, clock: Clock | None = None) -> dict[str, int]:
    """Send the refunds that are due, each once; count those done, refused, unknown, unseen (the
    gateway never heard of them) and left waiting for want of a PayHost password.

    Safe to repeat, to end at any point and to run beside itself.
    """
    now, counts = clock or now_us, Counter(done=0, refused=0, unknown=0, unseen=0, waiting=0)
    if not gateway.payhost_password:
        with reading() as session:
            counts["waiting"] = count_open(session)
        return counts
    while counts.total() < MOST_AT_ONCE and (errand := _claimed(now())):
        counts[_run(PayHost(gateway), errand, site, now)] += 1
    return counts


def _claimed(now_us: int) -> Errand | None:
    with transaction() as session:
        return sending.claim_errand(session, now_us=now_us)


def _run(payhost: PayHost, errand: Errand, site: Site, now: Clock) -> str:
    """Send or ask, write how it went, and answer it as a word."""
    outcome, words, told = _ask(payhost, errand) if errand.asks_first else _send(payhost, errand)
    with transaction() as session:
        if outcome == "done":
            sending.settle_done(session, errand, told, site=site, now_us=now())
        elif outcome == "refused":
            sending.settle_refused(session, errand, words, now_us=now())
        elif outcome == "unseen":
            sending.settle_unseen(session, errand, now_us=now())
        else:
            sending.settle_unknown(session, errand, words, now_us=now())
    return outcome


def _send(payhost: PayHost, errand: Errand) -> tuple[str, str, str]:
    """(outcome, words, transaction id) of sending it, the one time."""
    try:
        status = payhost.refund(errand.transaction_id, errand.cents, errand.order_id)
    except GatewaySilentError as error:
        return "unknown", str(error), ""
    except GatewayRefusedError as error:
        return "refused", str(error), ""
    return _outcome(status, errand)


def _ask(payhost: PayHost, errand: Errand) -> tuple[str, str, str]:
    """(outcome, words, transaction id) of what the gateway knows of it; it sends nothing.

    Asked for by our order id, then among the refunds of the payment: only what stands under
    neither was never heard of.
    """
    try:
        found = payhost.query(order_id=errand.order_id)
        found = found or payhost.query(order_id=errand.reference)
    except (GatewaySilentError, GatewayRefusedError) as error:
        return "unknown", str(error), ""
    own = [status for status in found if _may_be(status, errand)]
    return _outcome(_best(own), errand) if own else ("unseen", "", "")


def _may_be(status: Status, errand: Errand) -> bool:
    if status.reference == errand.order_id:
        return True
    is_refund = status.kind.lower() == "refund" and status.reference in {"", errand.reference}
    return is_refund and status.transaction_id not in errand.known


def _best(found: Sequence[Status]) -> Status:
    """The one that says most: a confirmation, else what may become one, else a no."""
    return min(found, key=lambda status: (not status.is_approved, not status.is_open))


def _outcome(status: Status, errand: Errand) -> tuple[str, str, str]:
    """By its code alone; an amount or currency that is not ours is for people to look at."""
    is_ours = status.cents in {None, errand.cents} and status.currency in {"", errand.currency}
    if status.is_approved and is_ours:
        return "done", "", status.transaction_id
    if status.is_approved:
        return "unknown", "The gateway speaks of another amount.", ""
    if status.is_open:
        return "unknown", status.words or "The gateway has not decided.", ""
    return "refused", status.words or "The gateway said no.", ""
