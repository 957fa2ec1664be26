"""What was set aside is closed by people, with a reason; no money moves."""

from flask.testing import FlaskClient

from dcx.payments import service
from dcx.repository.session import transaction
from tests.conftest import SignIn, token_of
from tests.support.paying import ALICE, BEGUN_US, DAY_US, Till

WHY = "PayGate's page shows another amount; the bank gave it back"


def set_aside(till: Till) -> str:
    """A payment whose answer names another amount."""
    key = till.pay()
    till.gateway.fault("forge", "query", field="AMOUNT", value="1")
    till.gateway.pay(till.request(key))
    assert till.state(key) == "review"
    return key


def closed(client: FlaskClient, key: str, reason: str) -> tuple[int, str]:
    sent = {"csrf_token": token_of(client, "/payments"), "reason": reason}
    answer = client.post(f"/payments/{key}/close", data=sent)
    if answer.status_code == 303:
        answer, status = client.get(answer.headers["Location"]), 303
        return status, answer.text
    return answer.status_code, answer.text


def test_what_was_set_aside_is_closed_with_a_reason_and_credits_nobody(
    till: Till, sign_in: SignIn
) -> None:
    key, sam = set_aside(till), sign_in("sam")

    silent = closed(sam, key, "  ")
    told = closed(sam, key, WHY)
    again = closed(sam, key, WHY)
    seen = sign_in("alice").get(f"/c/alpha/payments/{key}").text

    assert silent[0] == 422
    assert "Say why" in silent[1]
    assert told[0] == again[0] == 303
    assert "Nothing was credited." in told[1]
    assert "Close without crediting" not in told[1]
    assert "Only a payment that is set aside can be closed." in again[1]
    assert till.steps(key)[-1] == ("declined", f"Closed without crediting: {WHY}")
    assert till.audited()[-1] == "sam@dcx.example: payment closed"
    assert till.audited().count("sam@dcx.example: payment closed") == 1
    assert "Our people looked into this payment" in seen
    assert "Nothing was charged" not in seen
    assert (till.balance(), till.mails(), till.breaches()) == (0, [], [])
    assert "Close without crediting" not in sign_in("sue").get(f"/payments/{set_aside(till)}").text


def test_what_was_closed_is_booked_should_the_gateway_say_paid_after_all(till: Till) -> None:
    key = set_aside(till)
    with transaction() as session:
        service.close(session, key, WHY, by=ALICE, now_us=BEGUN_US)

    till.ask(key, after_us=DAY_US)

    assert till.state(key) == "paid"
    assert till.balance() == 15_000
