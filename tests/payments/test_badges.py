"""What people read of a payment's state, which programs know by other words."""

import re

import pytest
from apiflask import APIFlask

from dcx.payments.jobs.clock import now_us
from tests.conftest import SignIn
from tests.support.gateway import SimulatedGateway
from tests.support.kept_cards import Clock, paid
from tests.support.refunding import ask, send


@pytest.mark.usefixtures("people")
def test_a_payment_is_settled_until_all_of_it_was_sent_back(
    app: APIFlask, gateway: SimulatedGateway, sign_in: SignIn
) -> None:
    gateway.deliver_by(lambda _url, _body: (200, "OK"))
    payment, clock = paid(gateway, 15000, "top-up"), Clock(now_us() + 60_000_000)
    alice, sam = sign_in("alice"), sign_in("sam")
    pages = {
        "/c/alpha/payments": alice, f"/c/alpha/payments/{payment}": alice, "/payments": sam,
        f"/payments/{payment}": sam,
    }  # fmt: skip

    def badges() -> set[str]:
        badge = re.compile(r'class="badge (\w+)">(Paid|Settled|Refunded)<')
        found = {path: badge.search(who.get(path).text) for path, who in pages.items()}
        return {f"{each[2]}, {each[1]}" if each else "nothing" for each in found.values()}

    ask(payment, 4000, "form 1")
    assert send(app, clock) == {"done": 1}
    assert badges() == {"Settled, ok"}
    ask(payment, 11000, "form 2")
    assert badges() == {"Settled, ok"}
    assert send(app, clock) == {"done": 1}

    assert badges() == {"Refunded, off"}
    assert "All of it was sent back" in alice.get(f"/c/alpha/payments/{payment}").text
    rows = sam.get("/payments?as=csv&state=settled").text.splitlines()
    assert ",paid,150.00," in rows[1], "programs read the state"
