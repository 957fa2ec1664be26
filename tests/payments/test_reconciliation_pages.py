"""Staff see what does not agree, take it, note it and settle it, and send settlement files."""

import io
import re

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from dcx.journal import service as journal
from dcx.journal.service import Wanted
from dcx.payments.service import differences, reconciliation
from dcx.repository.session import reading, transaction
from tests.conftest import SignIn, token_of
from tests.support.paid import NOON_US, book, put_booked, put_payment

PAGE = "/payments/reconciliation"
DAYS = "from=2026-11-20&to=2026-11-24"


@pytest.fixture
def seeded(app: APIFlask) -> None:
    """One payment agrees, one the ledger lacks, of one it has a cent less."""
    assert app.config["DCX"]
    with transaction() as session:
        put_booked(session, "good", transaction_id="100")
        put_payment(session, "lost")
        book(session, put_payment(session, "less"), cents=14_999)
        reconciliation.compare_with_ledger(session, currency="ZAR", now_us=NOON_US)


@pytest.fixture
def sam(sign_in: SignIn, seeded: None) -> FlaskClient:
    assert seeded is None
    return sign_in("sam")


def number_of(subject: str) -> int:
    with reading() as session:
        wanted = {"state": "all", "kind": "", "words": subject}
        return differences.differences(session, wanted).rows[0].number


def post(client: FlaskClient, path: str, **sent: object) -> str:
    token = {"csrf_token": token_of(client, PAGE)}
    answer = client.post(
        f"{PAGE}{path}", data=token | sent, follow_redirects=True,
        content_type="multipart/form-data",
    )  # fmt: skip
    return plain(answer.text)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ")


def last_deed() -> str:
    with reading() as session:
        entry = journal.entries(session, Wanted(), limit=1).rows[0]
    return f"{entry.who}: {entry.action}: {entry.subject} {entry.after}"


def test_the_page_shows_what_agrees_and_what_does_not(sam: FlaskClient) -> None:
    page = plain(sam.get(f"{PAGE}?{DAYS}").text)
    narrow = plain(sam.get(f"{PAGE}?kind=not_booked", headers={"HX-Request": "true"}).text)
    none = plain(sam.get(f"{PAGE}?q=zzz").text)

    assert "2 differences wait for somebody." in page
    assert "Ledger R299,99 2 payments" in page
    assert "Our payments R450,00 3 payments" in page
    assert "Gateway – Not asked yet" in page
    assert "Otherwise in the ledger" in page
    assert "Payment R150,00" in page
    assert "Payment R149,99" in page
    assert "DCX-LOST-A" in narrow
    assert "DCX-LESS-A" not in narrow
    assert "No difference matches" in none
    home = plain(sam.get("/").text)
    assert "2 Payments that do not agree 1 otherwise in the ledger, 1 not in the ledger" in home
    assert "Reconciliation 2 wait" in home


def test_a_difference_is_taken_noted_and_settled_with_a_reason(
    sam: FlaskClient, sign_in: SignIn
) -> None:
    number = number_of("payment/lost")

    assert "It is yours now." in post(sam, f"/{number}/take")
    assert last_deed().startswith("sam@dcx.example: difference taken: not_booked payment/lost")
    assert "Asked the bank" in post(sam, f"/{number}/note", note="Asked the bank")
    assert "Say why it is settled." in post(sam, f"/{number}/settle", reason=" ")
    assert "It stays on record." in post(sam, f"/{number}/settle", reason="Paid in cash")
    assert last_deed().endswith('{"reason": "Paid in cash"}')
    assert "was settled by sam@dcx.example" in post(sam, f"/{number}/take")
    assert "DCX-LOST-A" not in sam.get(PAGE).text
    assert "Paid in cash" in sam.get(f"{PAGE}?state=settled&row={number}").text
    sue = sign_in("sue")
    open_row = sue.get(f"{PAGE}?row={number_of('payment/less')}").text
    assert "The ledger has another amount" in open_row
    assert "Take it" not in open_row
    assert sam.post(f"{PAGE}/999/take", data={"csrf_token": token_of(sam, PAGE)}).status_code == 404


def test_the_csv_has_all_that_the_filter_shows(sam: FlaskClient) -> None:
    text = sam.get(f"{PAGE}?as=csv&kind=booked_otherwise").text

    head, row, *rest = text.splitlines()
    assert head.startswith("kind,subject,customer,reference,ours,gateway,ledger,found")
    assert row.startswith(
        "booked_otherwise,payment/less,alpha,DCX-LESS-A,payment 150.00 ZAR,unasked,payment 149.99"
    )
    assert rest == []


def test_a_settlement_file_is_matched_and_a_bad_one_refused(sam: FlaskClient) -> None:
    head = "reference;transaction id;amount;date\n"
    good = f"{head}DCX-GOOD-A;100;R 150,00;2026-11-24\nDCX-WHO-A;7;R 20,00;2026-11-24\n"

    page = post(sam, "/files", file=(io.BytesIO(good.encode()), "nov.csv"))
    deed = last_deed()
    again = post(sam, "/files", file=(io.BytesIO(good.encode()), "again.csv"))
    bad = post(sam, "/files", file=(io.BytesIO(b"reference;amount\n"), "bad.csv"))
    none = post(sam, "/files")

    assert "DCX-WHO-A 24 Nov 2026 7 Unknown" in page
    assert deed.startswith("sam@dcx.example: settlement file read: nov.csv")
    assert "read before, as nov.csv, sent by sam@dcx.example. It counts once." in again
    assert "The file has no column for the transaction id." in bad
    assert "Choose the file first." in none
    listed = sam.get(PAGE).text
    assert "1 differs" in listed
    key = re.findall(rf"{PAGE}/files/([\w-]+)", listed)
    assert len(set(key)) == 1
    lines = sam.get(f"{PAGE}/files/{key[0]}?as=csv&sort=line").text.splitlines()
    assert lines[1] == "2,DCX-GOOD-A,100,150.00,2026-11-24,matched,good,alpha"
    assert sam.get(f"{PAGE}/files/none").status_code == 404


def test_every_kind_of_difference_says_what_it_is_and_what_helps(sam: FlaskClient) -> None:
    for kind in differences.KINDS:
        with transaction() as session:
            found = differences.Found(kind, f"about-{kind}", "alpha", None)
            differences.write(session, found, now_us=NOON_US)
        page = sam.get(f"{PAGE}?row={number_of(f'about-{kind}')}").text

        assert differences.WORDS[kind] in page
        assert re.search(r'<p class="mb-2">[A-Z][^<]+\.</p>', page), kind
