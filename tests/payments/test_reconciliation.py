"""Ledger, payments and gateway are compared: every difference is found, and none is false."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from dcx.kit.actors import Actor
from dcx.kit.periods import Period
from dcx.kit.sorting import Ask, Sort
from dcx.payments.rules import Answer
from dcx.payments.service import differences, reconciliation
from dcx.payments.service.differences import Line
from dcx.payments.service.reconciliation import Asked
from tests.support.paid import (
    DAY_US,
    NOON_US,
    book,
    put_booked,
    put_payment,
    put_refund,
    send_back,
)

SAM = Actor("sam@dcx.example")


def found(session: Session, **wanted: str) -> list[Line]:
    asked = {"state": "open", "kind": "", "words": ""} | wanted
    return list(differences.every_difference(session, asked, Ask(Sort("kind"))))


def compare(session: Session, now_us: int = NOON_US) -> list[tuple[str, str]]:
    """(kind, subject) of what the ledger and the payments do not agree on."""
    reconciliation.compare_with_ledger(session, currency="ZAR", now_us=now_us)
    return sorted((line.kind, line.subject) for line in found(session))


def test_whatever_the_ledger_has_otherwise_is_found_and_nothing_else(session: Session) -> None:
    good = put_booked(session, "good")
    put_booked(session, "undone", state="reversed")
    put_refund(session, good, "sent", 4_000)
    send_back(session, good, "sent", 4_000)
    put_refund(session, good, "asked-for", 2_000, state="wanted")
    put_payment(session, "open", state="pending")
    put_payment(session, "declined", state="declined")
    assert compare(session) == []
    put_payment(session, "lost")
    book(session, put_payment(session, "less"), cents=14_999)
    book(session, put_payment(session, "whose"), customer="gamma")
    book(session, put_payment(session, "early", state="pending"))
    book(session, put_payment(session, "back", state="reversed"))
    put_refund(session, good, "unbooked", 1_000)

    assert compare(session) == [
        ("booked_alone", "payment/early"),
        ("booked_otherwise", "payment/less"),
        ("booked_otherwise", "payment/whose"),
        ("not_booked", "payment/back/reversed"),
        ("not_booked", "payment/lost"),
        ("not_booked", "refund/unbooked"),
    ]
    less = next(line for line in found(session) if line.subject == "payment/less")
    assert (less.ours.cents, less.ledger.cents, less.reference) == (15_000, 14_999, "DCX-LESS-A")


def test_a_difference_keeps_its_age_and_owner_until_it_is_gone(session: Session) -> None:
    lost = put_payment(session, "lost")
    compare(session)
    [line] = found(session)
    differences.take(session, line.number, by=SAM, now_us=NOON_US)
    differences.note(session, line.number, " Asked  the\nbank ", by=SAM, now_us=NOON_US)

    compare(session, NOON_US + DAY_US)
    [again] = found(session)
    book(session, lost)
    compare(session, NOON_US + 2 * DAY_US)

    assert (again.found_us, again.seen_us) == (NOON_US, NOON_US + DAY_US)
    assert (again.owner, again.note) == (SAM.who, "Asked the bank")
    assert found(session) == []
    [gone] = found(session, state="settled")
    assert (gone.settled_by, gone.settled_us) == ("Clock", NOON_US + 2 * DAY_US)


def test_what_staff_settled_stays_settled_until_it_is_another_difference(session: Session) -> None:
    less = put_payment(session, "less")
    book(session, less, cents=14_999)
    compare(session)
    [line] = found(session)
    differences.settle(session, line.number, "The bank kept a cent.", by=SAM, now_us=NOON_US)

    assert compare(session, NOON_US + DAY_US) == []
    less.amount_cents = 15_001
    session.flush()

    assert compare(session, NOON_US + 2 * DAY_US) == [("booked_otherwise", "payment/less")]


def told(payment: Asked, status: str = "1", **facts: Any) -> Answer:
    code = {"1": "990017", "2": "900003"}.get(status, "")
    given: dict[str, Any] = {
        "amount_cents": payment.cents,
        "currency": payment.currency,
        "result_code": code,
    }
    return Answer(payment.pay_request_id, payment.reference, status, **(given | facts))


Change = Callable[[Session, int], None]


def heard(session: Session, key: str, answer: Answer | None, *, becomes: str = "") -> str:
    """What the gateway's answer about a payment is found to be; it settles first to `becomes`."""
    rows = reconciliation.to_ask(session, after=0, limit=100, now_us=NOON_US)
    before = next(row for row in rows if row.key == key)
    if becomes:
        assert reconciliation.must_settle(before, answer)
        set_state(session, before.id, becomes)
    return reconciliation.compare_with_gateway(session, before, answer, now_us=NOON_US)


def set_state(session: Session, number: int, state: str) -> None:
    from dcx.payments.models import Payment  # noqa: PLC0415 - only here

    session.get_one(Payment, number).state = state
    session.flush()


def test_whatever_the_gateway_says_otherwise_is_found_and_nothing_else(session: Session) -> None:
    keys = ("good", "no", "nothing", "less", "dollars", "undone")
    for key in keys:
        put_booked(session, key)
    for key, state in (("late", "expired"), ("open", "redirected"), ("no-no", "declined"),
                       ("review", "review"), ("back", "reversed")):  # fmt: skip
        put_payment(session, key, state=state)
    asks = {
        row.key: row for row in reconciliation.to_ask(session, after=0, limit=100, now_us=NOON_US)
    }

    kinds = {
        "good": heard(session, "good", told(asks["good"])),
        "no": heard(session, "no", told(asks["no"], "2")),
        "nothing": heard(session, "nothing", None),
        "less": heard(session, "less", told(asks["less"], amount_cents=14_999)),
        "dollars": heard(session, "dollars", told(asks["dollars"], currency="USD")),
        "undone": heard(session, "undone", told(asks["undone"], "7"), becomes="reversed"),
        "late": heard(session, "late", told(asks["late"]), becomes="paid"),
        "open": heard(session, "open", told(asks["open"]), becomes="paid"),
        "no-no": heard(session, "no-no", told(asks["no-no"], "2")),
        "review": heard(session, "review", told(asks["review"], amount_cents=1)),
        "back": heard(session, "back", told(asks["back"], "7")),
    }

    assert kinds == {
        "good": "", "no": "paid_unapproved", "nothing": "paid_unapproved",
        "less": "amount_differs", "dollars": "amount_differs", "undone": "reversed",
        "late": "approved_unpaid", "open": "", "no-no": "", "review": "amount_differs", "back": "",
    }  # fmt: skip
    late = next(line for line in found(session) if line.subject == "late")
    assert late.note == "Settled by reconciliation: now paid."
    assert (late.ours.words, late.theirs.words) == ("expired", "paid")


def test_each_payment_of_a_week_is_asked_about_once_a_day(session: Session) -> None:
    for key, days in (("new", 0), ("old", 6), ("older", 8)):
        put_booked(session, key, paid_us=NOON_US - days * DAY_US)
    put_payment(session, "never-began", state="failed", pay_request_id=None)

    def keys(now_us: int) -> list[str]:
        rows = reconciliation.to_ask(session, after=0, limit=100, now_us=now_us)
        return [row.key for row in rows]

    assert keys(NOON_US) == ["new", "old", "older"]
    for row in reconciliation.to_ask(session, after=0, limit=100, now_us=NOON_US):
        reconciliation.compare_with_gateway(session, row, told(row), now_us=NOON_US)

    assert keys(NOON_US + DAY_US // 2) == []
    assert keys(NOON_US + DAY_US) == ["new", "old"]
    assert keys(NOON_US + 3 * DAY_US) == ["new"]


def test_the_sums_of_a_period_agree_until_one_of_the_three_differs(session: Session) -> None:
    put_booked(session, "one", 10_000)
    put_booked(session, "two", 5_000)
    put_booked(session, "undone", 7_000, state="reversed")
    put_booked(session, "before", 900, paid_us=NOON_US - 3 * DAY_US)
    period = Period(NOON_US - DAY_US, NOON_US + DAY_US)
    unasked = reconciliation.sums(session, period)
    for row in reconciliation.to_ask(session, after=0, limit=100, now_us=NOON_US):
        status = "7" if row.state == "reversed" else "1"
        reconciliation.compare_with_gateway(session, row, told(row, status), now_us=NOON_US)
    all_agree = reconciliation.sums(session, period)

    put_payment(session, "lost", 1)

    three = (all_agree.ledger, all_agree.ours, all_agree.gateway)
    assert {(each.count, each.cents) for each in three} == {(2, 15_000)}
    assert (unasked.agrees, unasked.asked) == (True, 0)
    assert (all_agree.agrees, all_agree.asked) == (True, 3)
    assert not reconciliation.sums(session, period).agrees
