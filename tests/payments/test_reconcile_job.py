"""The clock asks the gateway about each payment of a week, once a day, and mends what it finds."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from dcx.payments.errors import GatewaySilentError
from dcx.payments.jobs.reconcile import reconcile
from dcx.payments.service import differences
from dcx.repository.session import reading, transaction
from dcx.wallet.errors import UnbalancedError
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.support.gateway import SimulatedGateway
from tests.support.shop import Shop, opened_shop

DAY_S = 86_400


@pytest.fixture
def shop(
    databases: SqliteDatabases | PostgresDatabases, gateway: SimulatedGateway
) -> Iterator[Shop]:
    with opened_shop(databases.fresh(), gateway) as shop:
        shop.customer("alpha")
        yield shop


def put_into(key: str, state: str) -> None:
    """As if nobody ever heard the gateway's word."""
    with transaction() as session:
        facts = {"state": state, "key": key}
        session.execute(
            text("UPDATE payment SET state = :state, next_check_us = NULL WHERE key = :key"), facts
        )


def found(state: str = "open") -> dict[str, str]:
    """Kind of difference by payment."""
    with reading() as session:
        page = differences.differences(session, {"state": state, "kind": "", "words": ""})
    return {line.payment: line.kind for line in page.rows}


def test_what_the_gateway_knows_better_is_settled_and_noted(shop: Shop) -> None:
    """Scenario 52."""
    good, voided, lost = shop.paid(), shop.paid(), shop.paid()
    shop.gateway.fault("drop", "notify")
    shop.gateway.void(shop.request_of(voided))
    shop.gateway.fault("drop", "notify")
    late = shop.paid()
    put_into(late, "expired")
    with shop.gateway.simulator.book.opened() as contents:
        del contents.requests[shop.request_of(lost)]

    counts = shop.reconcile()

    assert counts == {"asked": 4, "settled": 2, "differ": 3}
    assert (shop.state(late), shop.state(voided)) == ("paid", "reversed")
    assert found() == {
        voided: "reversed", lost: "paid_unapproved", late: "approved_unpaid",
    }  # fmt: skip
    assert shop.money().wallet == 3 * 15_000
    assert shop.breaches() == []
    assert shop.reconcile() == {}
    shop.advance(DAY_S)
    assert shop.reconcile() == {"asked": 4, "differ": 1}
    assert found() == {lost: "paid_unapproved"}
    assert set(found("settled")) == {late, voided}
    assert good not in found("all")


def test_a_void_of_which_no_notice_can_be_believed_is_found_within_a_day(shop: Shop) -> None:
    key = shop.paid()
    assert shop.reconcile() == {"asked": 1}
    shop.gateway.fault("tamper", "notify", field="AMOUNT", value="1")
    shop.gateway.void(shop.request_of(key))
    shop.advance(2 * 3_600)
    assert (shop.state(key), len(shop.gateway.attempts)) == ("paid", 1 + 4), "told in vain"

    shop.advance(DAY_S)
    shop.poll()
    shop.reconcile()

    assert (shop.state(key), shop.money().wallet) == ("reversed", 0)
    assert found() == {key: "reversed"}


def test_a_payment_that_gives_trouble_stops_no_other_one(shop: Shop) -> None:
    shop.gateway.fault("drop", "notify", times=-1)
    broken, good = shop.paid(), shop.paid()
    put_into(broken, "paid")
    put_into(good, "expired")
    shop.gateway.void(shop.request_of(broken))

    with pytest.raises(UnbalancedError, match="was never booked"):
        reconcile(shop.desk, shop.settings.zone, clock=shop.now_us)

    assert (shop.state(broken), shop.state(good)) == ("paid", "paid")
    assert shop.money().wallet == 15_000


def test_after_an_outage_of_a_day_nothing_is_left_out(shop: Shop) -> None:
    keys = [shop.paid() for _ in range(5)]
    shop.gateway.fault("timeout", "query", times=-1)
    with pytest.raises(GatewaySilentError, match="gave no answer on 3 payments"):
        reconcile(shop.desk, shop.settings.zone, clock=shop.now_us)
    shop.advance(DAY_S)
    shop.gateway.simulator.faults.clear()
    shop.gateway.fault("wrong_checksum", "query")

    with pytest.raises(GatewaySilentError, match="on 1 payments, and was asked about 4"):
        reconcile(shop.desk, shop.settings.zone, clock=shop.now_us)

    assert shop.reconcile() == {"asked": 1}
    assert shop.rows("SELECT count(*) FROM payment WHERE gateway_cents = 15000") == len(keys)
    assert found() == {}
