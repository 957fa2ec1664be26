"""The clock's door to prepaid: nobody waits for somebody else's trouble."""

import pytest

from dcx.prepaid.models import AutoTopUp
from dcx.prepaid.service.top_ups import PAID, Intent, Outcome
from dcx.repository.session import transaction
from tests.prepaid.conftest import Purse


def test_what_fails_for_one_customer_keeps_no_other_from_its_top_up(purse: Purse) -> None:
    with transaction() as session:
        for customer in ("gamma", "alpha"):
            session.add(
                AutoTopUp(customer=customer, crossing=1, amount_cents=5, payment="",
                          state="wanted", created_us=purse.now_us)
            )  # fmt: skip
            session.flush()
    tried = []

    def charge(intent: Intent) -> Outcome:
        tried.append(intent.customer)
        if intent.customer == "gamma":
            raise ConnectionError
        return Outcome(PAID, "pay-1")

    for _ in range(2):
        with pytest.raises(ConnectionError):
            purse.watch(charge)

    assert tried == ["gamma", "alpha", "gamma"]
