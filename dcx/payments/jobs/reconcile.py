"""The clock's door to reconciliation: ask the gateway about recent payments, compare all three."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dcx.kit.actors import CLOCK
from dcx.kit.turns import Turns
from dcx.payments.errors import GatewayRefusedError, GatewaySilentError
from dcx.payments.jobs.clock import Clock, now_us
from dcx.payments.rules import Answer
from dcx.payments.service import Desk, reconciliation, settle, settlements
from dcx.payments.service.reconciliation import Asked
from dcx.payments.service.unattended import query_unattended
from dcx.repository.session import reading, transaction
from dcx.settings import Gateway

MOST_AT_ONCE, PIECE, PATIENCE = 2_000, 100, 3
UNKNOWN_THERE = "NO_TRANS_DATA"


def reconcile(
    desk: Desk, zone: ZoneInfo, *, gateway: Gateway | None = None, clock: Clock | None = None
) -> dict[str, int]:
    """Compare payments with the ledger, with settlement files and with the gateway; count those
    asked about, settled by the answer, differing and unanswered.

    Charges that nobody sat before are asked about where `gateway` has a password for PayHost.

    Safe to repeat, to end at any point and to run beside itself. A payment of the last 7 days is
    asked about once a day; those that the gateway gave no answer on are asked about by the next
    run. GatewaySilentError at the end says so, and that the rest of the work is done; what
    fails for one payment stops no other one and is raised at the end.
    """
    now, counts = clock or now_us, Counter(asked=0, settled=0, differ=0, unanswered=0)
    with transaction() as session:
        found = reconciliation.compare_with_ledger(session, currency=desk.currency, now_us=now())
        found += settlements.find_missing(session, zone=zone, now_us=now())
    counts["differ"] = found
    turns = Turns()
    if desk.gateway.is_on:
        _ask_all(_Door(desk, gateway), counts, turns, now)
    with transaction() as session:
        counts["differ"] += reconciliation.find_sent_and_taken(session, now_us=now())
    turns.end()
    if counts["unanswered"]:
        raise GatewaySilentError(
            f"The gateway gave no answer on {counts['unanswered']} payments, and was asked about"
            f" {counts['asked']}. The next run goes on."
        )
    return counts


def _ask_all(door: "_Door", counts: Counter[str], turns: Turns, now: Clock) -> None:
    """Until all are asked about, or the gateway is silent several times over."""
    silences = 0
    for payment in _to_ask(now):
        if payment.is_unattended and not door.has_password:
            continue
        try:
            told = door.query(payment)
        except (GatewaySilentError, GatewayRefusedError) as error:
            counts["unanswered"] += 1
            silences += type(error) is GatewaySilentError
            if silences == PATIENCE:
                return
            continue
        silences = 0
        counts["asked"] += 1
        with turns.one():
            _compare(door.desk, payment, told, counts, now)


def _to_ask(now: Clock) -> Iterator[Asked]:
    after, count = 0, 0
    while count < MOST_AT_ONCE:
        with reading() as session:
            piece = reconciliation.to_ask(session, after=after, limit=PIECE, now_us=now())
        yield from piece
        if len(piece) < PIECE:
            return
        after, count = piece[-1].id, count + len(piece)


@dataclass(frozen=True, slots=True)
class _Door:
    """Where the gateway is asked: PayWeb3, or PayHost for what has no request."""

    desk: Desk
    gateway: Gateway | None

    @property
    def has_password(self) -> bool:
        return self.gateway is not None and bool(self.gateway.payhost_password)

    def query(self, payment: Asked) -> Answer | None:
        """The gateway's answer; None where it says that it knows no such payment."""
        if payment.is_unattended and self.gateway:
            return query_unattended(self.gateway, payment.reference)
        try:
            return self.desk.gateway.query(payment.pay_request_id, payment.reference)
        except GatewayRefusedError as refusal:
            if refusal.code == UNKNOWN_THERE:
                return None
            raise


def _compare(
    desk: Desk, payment: Asked, told: Answer | None, counts: Counter[str], now: Clock
) -> None:
    """Settle what the answer changes, by the one function that settles, and compare."""
    if told is not None and reconciliation.must_settle(payment, told):
        with transaction() as session:
            settle(session, payment.key, told, desk, by=CLOCK, now_us=now())
        counts["settled"] += 1
    with transaction() as session:
        kind = reconciliation.compare_with_gateway(session, payment, told, now_us=now())
    counts["differ"] += bool(kind)
