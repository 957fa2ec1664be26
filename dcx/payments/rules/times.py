"""When the gateway is asked about a payment: soon, then ever more rarely, then no more."""

from dcx.kit.periods import SECOND_US

MINUTE_US = 60 * SECOND_US
DAY_US = 24 * 60 * MINUTE_US
USABLE_US = 30 * MINUTE_US
"""So long the gateway's page can be opened with a payment request."""
GIVEN_UP_US = 35 * MINUTE_US
"""After this nobody can pay an attempt whose request never came back to us."""
LEASE_US = 90 * SECOND_US
"""So long one worker has for a question: longer than the gateway may take to answer."""
PAUSE_US = 5 * SECOND_US
"""So long nobody asks again after an answer, whatever comes to our doors."""
_FIRST_MIN = (2, 5, 15, 35, 95)


def next_check_us(created_us: int, now_us: int) -> int | None:
    """When to ask next: 2, 5, 15, 35 and 95 minutes after the beginning, then hourly for a day,
    then daily for a week; None: it is time to give up.
    """
    age_us = now_us - created_us
    for minutes in _FIRST_MIN:
        if age_us < minutes * MINUTE_US:
            return created_us + minutes * MINUTE_US
    last_us = created_us + _FIRST_MIN[-1] * MINUTE_US
    for step_us, until_us in ((60 * MINUTE_US, DAY_US), (DAY_US, 8 * DAY_US)):
        if age_us < until_us:
            steps = (now_us - last_us) // step_us + 1
            return min(last_us + steps * step_us, created_us + until_us)
    return None


def poll_delay_s(turn: int) -> int:
    """How long a page waits before it looks again: 2 seconds at first, then up to half a minute."""
    return 2 if turn < 10 else min(2 + (turn - 10), 30)  # noqa: PLR2004 - twenty seconds in
