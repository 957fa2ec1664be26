"""What the gateway, or somebody who says to be it, gets wrong: nobody is credited by it."""

import pytest

from dcx.payments import service
from dcx.repository.session import transaction
from tests.support.gateway import POOR
from tests.support.paying import BEGUN_US, DAY_US, Till


# scenario 27
def test_a_notice_for_one_payment_pays_no_other(till: Till) -> None:
    cheap, dear = till.pay(5_000), till.pay(500_000)
    till.gateway.fault("drop", "notify")
    till.gateway.pay(till.request(cheap))
    client, raw = till.app.test_client(), till.gateway.notice(till.request(cheap))
    edited = raw.replace(till.row(cheap).reference.encode(), till.row(dear).reference.encode())

    form = "application/x-www-form-urlencoded"
    address = "/payments/paygate/notify"
    statuses = [
        client.post(f"{address}?eid={dear}&order={dear}", data=raw, content_type=form).status_code,
        client.post(address, data=edited, content_type=form).status_code,
    ]

    assert statuses == [200, 400]
    assert (till.state(cheap), till.state(dear), till.balance()) == ("paid", "redirected", 5_000)


# scenarios 28 and 29
@pytest.mark.parametrize(
    "changes",
    [{"AMOUNT": "100"}, {"AMOUNT": ""}, {"CURRENCY": "USD"}, {"REFERENCE": "DCX-OTHER-A"},
     {"AMOUNT": "15001"}, {"RESULT_CODE": "900007"}],
)  # fmt: skip
def test_an_answer_that_does_not_fit_is_set_aside_and_credits_nobody(
    till: Till, changes: dict[str, str]
) -> None:
    key = till.pay()
    [(name, value)] = changes.items()
    till.gateway.fault("forge", "query", field=name, value=value)

    till.gateway.pay(till.request(key))

    assert (till.state(key), till.balance(), till.bookings()) == ("review", 0, [])
    assert till.audited()[-1] == "PayGate: payment set aside"
    with transaction() as session:
        assert service.waiting_count(session, now_us=BEGUN_US) == 1
    assert till.poll(after_us=3 * DAY_US)["due"] == 0
    assert till.mails() == []
    assert till.ask(key, after_us=DAY_US).state == "paid", "asked again by hand, it fits"


# scenario 30
def test_an_answer_for_another_merchant_is_no_answer(till: Till) -> None:
    key = till.pay()
    till.gateway.fault("forge", "query", field="PAYGATE_ID", value="10011013800")

    till.gateway.pay(till.request(key))

    assert (till.state(key), till.balance()) == ("redirected", 0)


# scenario 33
def test_a_forged_return_credits_nobody(till: Till) -> None:
    key = till.pay()
    way = till.gateway.pay(till.request(key), POOR)
    client = till.app.test_client()
    true = dict(way.fields)

    for sent in ({**true, "TRANSACTION_STATUS": "1"}, {**true, "CHECKSUM": "0" * 32}, true):
        assert client.post("/payments/paygate/return", data=sent).status_code == 303

    assert (till.state(key), till.balance()) == ("declined", 0)


def test_a_return_alone_is_believed_only_as_far_as_the_gateway_confirms_it(till: Till) -> None:
    key = till.pay()
    way = till.gateway.way_back(till.request(key))

    till.gateway.come_back(till.app.test_client(), way)

    assert (till.state(key), till.balance()) == ("redirected", 0)
    assert [notice.kind for notice in till.notices()] == ["return"]
