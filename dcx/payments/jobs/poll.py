"""The clock's door to payments: the gateway is asked about those that are due."""

from collections import Counter

from dcx.kit.actors import CLOCK
from dcx.payments import service
from dcx.payments.jobs.clock import Clock, now_us
from dcx.payments.service import Desk
from dcx.repository.session import reading

MOST_AT_ONCE = 200
MOST_SILENT = 3


def poll(desk: Desk, *, clock: Clock | None = None) -> dict[str, int]:
    """Ask the gateway about each payment that is due; count those due, told (it answered), paid and
    silent.

    Safe to repeat, to end at any point and to run beside itself: each question is one worker's. A
    payment that gives trouble stops no other one; a gateway that is silent three times in a row is
    left alone until the next run.
    """
    now, counts = clock or now_us, Counter(due=0, told=0, paid=0, silent=0)
    if not desk.gateway.is_on:
        return counts
    with reading() as session:
        keys = service.due(session, now_us=now(), limit=MOST_AT_ONCE)
    in_a_row = 0
    for key in keys:
        heard = service.ask(key, desk, by=CLOCK, now_us=now())
        counts["due"] += 1
        counts["told"] += bool(heard.state)
        counts["paid"] += heard.state == "paid"
        counts["silent"] += heard.is_silent
        in_a_row = in_a_row + 1 if heard.is_silent else 0
        if in_a_row == MOST_SILENT:
            break
    return counts
