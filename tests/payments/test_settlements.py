"""Settlement files: what the gateway paid out is matched line by line, booked once, or refused."""

from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from apiflask import APIFlask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from dcx.kit.actors import Actor
from dcx.kit.periods import from_us
from dcx.kit.sorting import Ask, Sort
from dcx.payments.errors import FileRefusedError
from dcx.payments.rules.settlement_files import read_cents, read_day, read_settlement
from dcx.payments.service import differences, settlements
from dcx.repository.session import reading, transaction
from tests.support.ledger import all_at_once
from tests.support.paid import (
    DAY_US,
    NOON_US,
    provider_cents,
    put_booked,
    put_payment,
    put_refund,
    send_back,
)

SAM = Actor("sam@dcx.example")
ZONE = ZoneInfo("Africa/Johannesburg")
HEAD = "reference,transaction id,amount,date\n"


def send(session: Session, text: str, *, now_us: int = NOON_US) -> dict[int, str]:
    """The verdict of each line of a file."""
    key = settlements.add_file(
        session, "nov.csv", text.encode(), currency="ZAR", by=SAM, now_us=now_us
    )
    lines = settlements.every_line(session, key, Ask(Sort("line")))
    return {line.position: line.verdict for line in lines}


def reported(session: Session) -> dict[str, list[str]]:
    """By kind, what the open differences are about."""
    found: dict[str, list[str]] = {}
    asked = {"state": "open", "kind": "", "words": ""}
    for line in differences.every_difference(session, asked, Ask(Sort("found"))):
        found.setdefault(line.kind, []).append(line.reference or line.note)
    return found


def test_five_seeded_differences_are_all_reported_and_none_is_false(session: Session) -> None:
    """T32."""
    days = [NOON_US - number * DAY_US for number in range(30)]
    payments = [
        put_booked(session, f"p{number:02}", 10_000 + number, paid_us=paid_us,
                   transaction_id=f"10787{number:05}")
        for number, paid_us in enumerate(days)
    ]  # fmt: skip
    put_payment(session, "declined", state="declined", paid_us=days[9])
    rows = [
        (each.reference, each.transaction_id, each.amount_cents, NOON_US - number * DAY_US)
        for number, each in enumerate(payments)
    ]
    rows[4] = (*rows[4][:2], 9_999, rows[4][3])
    rows[7] = ("", *rows[7][1:])
    del rows[12]
    unpaid = ("DCX-DECLINED-A", "", 15_000, days[9])
    rows += [("DCX-NOBODYS-A", "999", 5_000, days[3]), rows[20], unpaid]
    lines = [
        f"{reference},{transaction},{cents / 100:.2f},{from_us(us).date()}\n"
        for reference, transaction, cents, us in rows
    ]

    verdicts = send(session, HEAD + "".join(lines))
    settlements.find_missing(session, zone=ZONE, now_us=NOON_US)

    assert sorted(verdict for verdict in verdicts.values() if verdict != "matched") == [
        "amount_differs", "paid_twice", "unknown", "unknown",
    ]  # fmt: skip
    assert {kind: len(each) for kind, each in reported(session).items()} == {
        "line_amount": 1, "line_twice": 1, "line_unknown": 2, "not_paid_out": 1,
    }  # fmt: skip
    found = reported(session)
    assert found["line_amount"] == ["DCX-P04-A"]
    assert found["not_paid_out"] == ["DCX-P12-A"]
    matched = sum(10_000 + number for number in range(30) if number not in {4, 12})
    assert provider_cents(session, "bank") == -matched
    owed = sum(each.amount_cents for each in payments)
    assert provider_cents(session, "clearing") == matched - owed


def test_refunds_and_reversals_go_back_to_the_gateway_once(session: Session) -> None:
    paid = put_booked(session, "paid", transaction_id="100")
    put_booked(session, "undone", 7_000, state="reversed", transaction_id="200")
    put_refund(session, paid, "some", 4_000, transaction_id="300")
    send_back(session, paid, "some", 4_000)
    rows = (
        f"{paid.reference},100,150.00,2026-11-20\n,300,-40.00,2026-11-20\n"
        ",200,70.00,2026-11-20\n,200,-70.00,2026-11-21\n"
    )

    first = send(session, HEAD + rows)
    second = send(session, HEAD + "\n" + rows)

    assert set(first.values()) == {"matched"}
    assert set(second.values()) == {"paid_twice"}
    assert provider_cents(session, "clearing") == 0
    assert provider_cents(session, "bank") == -11_000


def test_the_same_file_counts_once(session: Session) -> None:
    put_booked(session, "one", transaction_id="100")
    text = f"{HEAD},100,150.00,2026-11-20\n"
    send(session, text)

    with pytest.raises(FileRefusedError, match=r"read before, as nov.csv, sent by sam@dcx.example"):
        send(session, text)
    assert provider_cents(session, "bank") == -15_000


def test_two_files_that_say_the_same_at_once_pay_out_once(app: APIFlask) -> None:
    keys = [f"p{number:02}" for number in range(12)]
    with transaction() as session:
        for key in keys:
            put_booked(session, key, customer=f"customer-{key}")
    lines = [f"DCX-{key.upper()}-A,,150.00,2026-11-24\n" for key in keys]
    files = [HEAD + "".join(lines), HEAD + "".join(lines[::-1])]

    def read(text: str) -> dict[int, str]:
        with transaction() as session:
            return send(session, text)

    verdicts = all_at_once(app, [partial(read, text) for text in files])

    said = [set(each.values()) for each in verdicts if isinstance(each, dict)]
    assert sorted(said, key=str) == [{"matched"}, {"paid_twice"}]
    with reading() as session:
        assert provider_cents(session, "bank") == -15_000 * len(keys)


def test_a_payment_taken_back_after_a_refund_pays_back_the_rest(session: Session) -> None:
    payment = put_booked(session, "p1", state="reversed")
    put_refund(session, payment, "r1", 4_000)

    verdicts = send(session, HEAD + "DCX-P1-A,,150,2026-11-20\nDCX-P1-A,,-40,2026-11-21\n"
                    "DCX-P1-A,,-110,2026-11-22\nDCX-P1-A,,-150,2026-11-23\n")  # fmt: skip

    assert list(verdicts.values()) == ["matched", "matched", "matched", "paid_twice"]


def test_columns_come_in_any_order_and_dress() -> None:
    texts = [
        "Transaction ID;Date;Amount (R);Reference\r\n100;23/11/2026;R1 234,50;DCX-É-A\r\n".encode(),
        "\ufeffAmount,Reference,TRANS_ID,Paid on\n\"1,234.50\",DCX-É-A,100,2026/11/23 10:00\n\n"
        .encode(),
        "Ref\tAmount\tTransaction\tDate\nDCX-É-A\tR\u00a01\u202f234.50\t100\t2026-11-23T10:00\n"
        .encode(),
        "Date;Reference;Amount;Transaction Id\n2026-11-23;DCX-É-A;1.234,50;100\n".encode("latin-1"),
    ]  # fmt: skip

    for text in texts:
        [line] = read_settlement(text)
        assert (line.reference, line.transaction_id) == ("DCX-É-A", "100")
        assert (line.cents, line.paid_on) == (123_450, date(2026, 11, 23))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The file is empty."),
        (HEAD, "no line under it"),
        ("reference,amount,date\nA,1,2026-11-23\n", "no column for the transaction id"),
        ("reference,ref,transaction id,amount,date\n", "more than one column for the reference"),
        (f"{HEAD}A,1,1.00\n", "Line 2 has 3 columns, the head has 4."),
        (f"{HEAD}A,1,1.00,2026-11-23\n,,1.00,2026-11-23\n", "Line 3 has neither a reference"),
        (f"{HEAD}A,1,1.005,2026-11-23\n", "Line 2: “1.005” is not an amount."),
        (f"{HEAD}A,1,ten,2026-11-23\n", "Line 2: “ten” is not an amount."),
        (f"{HEAD}A,1,1e9,2026-11-23\n", "is not an amount"),
        (f"{HEAD}A,1,0.00,2026-11-23\n", "Line 2: the amount is zero."),
        (f"{HEAD}A,1,1.00,2026-02-30\n", "Line 2: “2026-02-30” is not a date"),
        (f"{HEAD}A,1,1.00,23 Nov\n", "is not a date"),
        (f"{HEAD}{'A' * 81},1,1.00,2026-11-23\n", "at most 80 signs"),
        (f"{HEAD}A\0,1,1.00,2026-11-23\n", "not a CSV file"),
        ("PK\x03\x04 an Excel file", "not a CSV file"),
        (HEAD + "A,1,1.00,2026-11-23\n" * 501, "more than 500 lines"),
        (f'{HEAD}"A,1,1.00,2026-11-23\n', "Line 2 has 1 column"),
        ("x" * (2 * 1024 * 1024 + 1), "larger than 2 MiB"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_in_one_line_and_nothing_is_kept(text: str, words: str) -> None:
    with pytest.raises(FileRefusedError) as refusal:
        read_settlement(text.encode())

    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


@given(st.integers(1, 10**11).flatmap(lambda cents: st.sampled_from([cents, -cents])))
def test_an_amount_is_read_back_as_it_was_written(cents: int) -> None:
    sign, whole, rest = "-" if cents < 0 else "", *divmod(abs(cents), 100)

    for text in (f"{sign}{whole}.{rest:02}", f"{sign}R{whole:,}.{rest:02}",
                 f"{sign}{whole:,}".replace(",", " ") + f",{rest:02}"):  # fmt: skip
        if whole < 10**9:
            assert read_cents(text) == cents


@given(st.binary(max_size=300))
def test_no_file_breaks_the_reader(body: bytes) -> None:
    for each in (body, HEAD.encode() + body):
        try:
            assert read_settlement(each)
        except FileRefusedError:
            continue


@given(st.text(max_size=30))
def test_no_cell_breaks_the_reader(text: str) -> None:
    for read in (read_cents, read_day):
        try:
            assert read(text)
        except ValueError:
            continue
