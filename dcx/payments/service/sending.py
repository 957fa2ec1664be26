"""Refunds on their way: taken by one sender, sent once, and after a silence asked about first."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.kit.actors import CLOCK
from dcx.kit.money import cents_text
from dcx.kit.periods import SECOND_US
from dcx.notifications.service import RefundSent, Site
from dcx.payments.models import Payment, Refund
from dcx.payments.repository import PaymentRepository
from dcx.payments.repository.refunds import WENT_ALONG, RefundRepository
from dcx.payments.rules.states import REVERSED
from dcx.payments.service.set_aside import book_sent, give_back

LEASE_US = 120 * SECOND_US
"""Longer than the gateway may take: whoever still has no answer then has died."""
_WAITS_S = (120, 300, 1_800, 7_200, 21_600, 86_400)
_SENDABLE = ("sent", "unknown")


@dataclass(frozen=True, slots=True)
class Errand:
    """A refund that is ours to send, or (`asks_first`) to ask about, until the lease ends.

    `reference` is the payment's; `known` are the transactions of its other refunds.
    """

    key: str
    order_id: str
    reference: str
    transaction_id: str
    cents: int
    currency: str
    tries: int
    asks_first: bool
    known: frozenset[str]


def claim_errand(session: Session, *, now_us: int) -> Errand | None:
    """Take the refund that has been due longest; None where none is due.

    That it is sent is written down before it is: whoever finds it so later asks the gateway first.
    """
    found = RefundRepository(session).lock_due(now_us)
    if found is None:
        return None
    refund, payment = found
    asks_first = refund.state in _SENDABLE
    refund.state = refund.state if asks_first else "sent"
    refund.tries += 1
    refund.next_try_us = now_us + LEASE_US
    others = RefundRepository(session).of_payment(payment.id)
    return Errand(
        refund.key, refund.order_id, payment.reference, payment.transaction_id,
        refund.amount_cents, payment.currency, refund.tries, asks_first,
        frozenset(other.transaction_id for other in others if other is not refund),
    )  # fmt: skip


def settle_done(
    session: Session, errand: Errand, transaction_id: str, *, site: Site, now_us: int
) -> bool:
    """The gateway confirmed it: book it, once, and tell the customer. Was it open until now?

    What confirms another refund of the payment confirms nothing here.
    """
    found = _open(session, errand)
    if found is None:
        return False
    refund, payment = found
    others = RefundRepository(session).of_payment(payment.id)
    if transaction_id in {row.transaction_id for row in others if row is not refund} - {""}:
        settle_unknown(session, errand, "That was another refund.", now_us=now_us)
        return False
    _end(refund, "done", "The gateway confirmed it.", now_us)
    refund.transaction_id = transaction_id
    book_sent(session, payment, refund, by=CLOCK, now_us=now_us)
    amount = f"{cents_text(refund.amount_cents)} {payment.currency}"
    _tell_history(session, payment, f"Refund of {amount} sent", now_us)
    words = RefundSent(
        customer=accounts.get_customer(session, payment.customer).name,
        amount=site.looks.money(refund.amount_cents),
        reference=payment.reference,
        link=site.link(f"/c/{payment.customer}/payments/{payment.key}"),
    )
    accounts.tell(session, payment.customer, words, site=site, now_us=now_us)
    return True


def settle_refused(session: Session, errand: Errand, words: str, *, now_us: int) -> bool:
    """The gateway said no, and nothing was sent: what was held is the customer's again."""
    found = _open(session, errand)
    if found is None:
        return False
    refund, payment = found
    if payment.state == REVERSED:
        _leave(session, payment, refund, now_us)
        return True
    _end(refund, "refused", words, now_us)
    give_back(session, refund, by=CLOCK, now_us=now_us)
    amount = f"{cents_text(refund.amount_cents)} {payment.currency}"
    _tell_history(session, payment, f"Refund of {amount} refused: {words}", now_us)
    return True


def settle_unknown(session: Session, errand: Errand, words: str, *, now_us: int) -> None:
    """Nobody knows: ask later, and never send before that."""
    found = _open(session, errand)
    if found is not None and found[0].tries == errand.tries:
        refund = found[0]
        refund.state, refund.words = "unknown", words
        wait_s = _WAITS_S[min(errand.tries, len(_WAITS_S)) - 1]
        refund.next_try_us = now_us + wait_s * SECOND_US


def settle_unseen(session: Session, errand: Errand, *, now_us: int) -> None:
    """The gateway never heard of it: it may be sent again."""
    found = _open(session, errand)
    if found is None or found[0].tries != errand.tries:
        return
    refund, payment = found
    if payment.state == REVERSED:
        _leave(session, payment, refund, now_us)
    else:
        refund.state, refund.next_try_us = "wanted", now_us


def _leave(session: Session, payment: Payment, refund: Refund, now_us: int) -> None:
    """It was not sent, but the gateway has taken the payment back meanwhile, all but this refund:
    its money is gone too.
    """
    _end(refund, "done", WENT_ALONG, now_us)
    book_sent(session, payment, refund, by=CLOCK, now_us=now_us)
    amount = f"{cents_text(refund.amount_cents)} {payment.currency}"
    _tell_history(session, payment, f"Refund of {amount} went with the payment", now_us)


def _open(session: Session, errand: Errand) -> tuple[Refund, Payment] | None:
    """The refund and its payment, held; None where it has ended meanwhile."""
    found = RefundRepository(session).lock(errand.key)
    if found is None or found[0].state not in _SENDABLE:
        return None
    return found[0], found[1]


def _end(refund: Refund, state: str, words: str, now_us: int) -> None:
    refund.state, refund.words = state, words
    refund.next_try_us, refund.ended_us = None, now_us


def _tell_history(session: Session, payment: Payment, words: str, now_us: int) -> None:
    PaymentRepository(session).note(payment, words, made_by=CLOCK.who, at_us=now_us)
