"""Admins look into the outbox and send mails again; nobody else finds it."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from dcx.journal import service as journal
from dcx.journal.service import Wanted
from dcx.notifications import jobs
from dcx.notifications.service import AccessGranted, File, Message
from dcx.notifications.service.letters import KINDS
from dcx.repository.session import reading
from tests.conftest import SignIn, token_of
from tests.support.mailbox import Mailbox
from tests.support.mails import TOKEN, invitation, look, put, write, write_reset


@pytest.fixture
def ada(sign_in: SignIn) -> FlaskClient:
    return sign_in("ada")


Switch = Callable[[], None]


@pytest.fixture
def smtp_on(app: APIFlask, mailbox: Mailbox) -> Switch:
    """Say where the SMTP server is."""

    def switch() -> None:
        app.config["DCX"] = replace(app.config["DCX"], smtp_url=mailbox.url)

    return switch


def send(mailbox: Mailbox) -> None:
    jobs.send_waiting(mailbox.url, "billing@desk.example", name="Highveld Cloud")


def press_again(client: FlaskClient, key: str) -> str:
    """What the page says after the button."""
    sent = {"csrf_token": token_of(client, f"/mails/{key}")}
    return client.post(f"/mails/{key}/again", data=sent, follow_redirects=True).text


def test_mails_are_listed_newest_first_with_their_state(ada: FlaskClient, mailbox: Mailbox) -> None:
    mailbox.refusals = {"gone@karoo.example": "550 5.7.1 No"}
    write("gone@karoo.example")
    write_reset("fine@karoo.example")
    send(mailbox)
    write("new@karoo.example")

    page = ada.get("/mails").text

    order = [page.index(f"{name}@karoo.example") for name in ("new", "fine", "gone")]
    assert order == sorted(order)
    assert re.findall(r'class="badge (\w+)">(\w+)', page) == [
        ("go", "Waiting"), ("ok", "Sent"), ("bad", "Failed"),
    ]  # fmt: skip
    assert "No mail leaves: DCX_SMTP_URL is not set." in page


def test_mails_are_found_by_state_and_words(ada: FlaskClient, mailbox: Mailbox) -> None:
    mailbox.refusals = {"gone@karoo.example": "550 5.7.1 No"}
    write("gone@karoo.example")
    write("fine@karoo.example", customer="100% Karoo")
    send(mailbox)

    def found(query: str) -> set[str]:
        return set(re.findall(r"(\w+)@karoo.example", ada.get(f"/mails?{query}").text))

    assert found("state=failed") == {"gone"}
    assert found("state=sent&q=100%25") == {"fine"}
    assert found("q=FINE") == {"fine"}
    assert found("state=nonsense") == {"fine", "gone"}
    assert "No mail matches" in ada.get("/mails?q=zzz").text
    fragment = ada.get("/mails?state=failed", headers={"HX-Request": "true"}).text
    assert "gone@karoo.example" in fragment
    assert "<html" not in fragment


def test_an_address_that_does_not_exist_is_let_through_again_by_an_admin(
    ada: FlaskClient, mailbox: Mailbox
) -> None:
    mailbox.refusals = {"gone@karoo.example": "550 5.1.1 No such user"}
    key = write("gone@karoo.example")
    send(mailbox)
    mailbox.refusals = {}

    page = ada.get("/mails").text
    assert "Nothing is sent to" in page
    assert "550 5.1.1 No such user" in page
    assert "Let its mails through again first" in press_again(ada, key)
    sent = {"csrf_token": token_of(ada, "/mails"), "address": "gone@karoo.example"}
    assert ada.post("/mails/suppressed", data=sent).status_code == 303
    assert ada.post("/mails/suppressed", data=sent).status_code == 404
    assert "Nothing is sent to" not in ada.get("/mails").text
    assert "The mail is due now" in press_again(ada, key)
    send(mailbox)

    assert [letter["To"] for letter in mailbox.letters] == ["gone@karoo.example"]
    with reading() as session:
        told = [entry.action for entry in journal.entries(session, Wanted(), limit=9).rows]
    assert told[:2] == ["mail sent again", "mails let through again"]


def test_staff_read_every_kind_of_letter_with_sample_values(ada: FlaskClient) -> None:
    page = ada.get("/mails/kinds").text

    kinds = re.findall(r'href="/mails/kinds/(\w+)"', page)
    assert set(kinds) == set(KINDS)
    for kind in kinds:
        shown = ada.get(f"/mails/kinds/{kind}").text
        assert f'<iframe class="letter" sandbox src="/mails/kinds/{kind}/html"' in shown
        frame = ada.get(f"/mails/kinds/{kind}/html")
        assert "sent this mail automatically" in frame.text
        assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert ada.get("/mails/kinds/nonsense").status_code == 404


def test_what_goes_with_a_mail_is_named_and_can_be_fetched(ada: FlaskClient) -> None:
    file = File("INV-000001.pdf", "application/pdf", b"%PDF-1.7 " + b"x" * 2048)
    key = put(Message("a@b.example", "H", invitation(), (file,)))

    assert f'<a href="/mails/{key}/files/INV-000001.pdf">INV-000001.pdf</a>, 2 KiB' in (
        ada.get(f"/mails/{key}").text
    )
    answer = ada.get(f"/mails/{key}/files/INV-000001.pdf")
    assert (answer.data, answer.mimetype) == (file.body, "application/pdf")
    assert answer.headers["Content-Disposition"] == "attachment; filename=INV-000001.pdf"
    assert ada.get(f"/mails/{key}/files/other.pdf").status_code == 404


def test_an_empty_outbox_says_what_will_be_there(ada: FlaskClient) -> None:
    assert "No mails yet" in ada.get("/mails").text


def test_the_list_turns_its_pages_by_key(ada: FlaskClient) -> None:
    for number in range(31):
        write(f"p{number}@karoo.example")

    first = ada.get("/mails").text
    following = str(re.search(r'href="([^"]+)" rel="next"', first).group(1))  # type: ignore[union-attr]
    second = ada.get(following.replace("&amp;", "&")).text

    assert "p30@karoo.example" in first
    assert "p0@karoo.example" not in first
    assert "p0@karoo.example" in second
    assert 'rel="next"' not in second


def test_a_mail_is_shown_in_a_frame_that_can_do_nothing(ada: FlaskClient) -> None:
    key = write(customer="<script>alert(1)</script>")

    page, frame = ada.get(f"/mails/{key}"), ada.get(f"/mails/{key}/html")

    assert f'<iframe class="letter" sandbox src="/mails/{key}/html"' in page.text
    assert "<script>alert" not in page.text
    assert "<script>alert" not in frame.text
    policies = [answer.headers["Content-Security-Policy"] for answer in (page, frame)]
    assert "frame-src 'self'" in policies[0]
    assert "style-src 'self'" in policies[0]
    assert "frame-ancestors 'none'" in policies[0]
    assert set(policies[1].split("; ")) == {
        "default-src 'none'", "style-src 'unsafe-inline'", "img-src data:", "sandbox",
        "frame-ancestors 'self'", "base-uri 'none'", "form-action 'none'",
    }  # fmt: skip
    assert frame.headers["X-Content-Type-Options"] == "nosniff"


def test_every_other_page_keeps_the_strict_policy(ada: FlaskClient) -> None:
    for address in ("/mails", "/jobs", "/mails/unknown/html", "/healthz", "/no/such/page"):
        policy = ada.get(address).headers["Content-Security-Policy"]
        assert "unsafe-inline" not in policy, address
        assert "frame-src" not in policy, address
        assert "frame-ancestors 'none'" in policy, address


def test_without_a_server_an_admin_hands_the_link_over(ada: FlaskClient, smtp_on: Switch) -> None:
    key = write_reset()

    shown = [ada.get(f"/mails/{key}").text, ada.get(f"/mails/{key}/html").text]
    smtp_on()
    hidden = [ada.get(f"/mails/{key}").text, ada.get(f"/mails/{key}/html").text]

    assert all(TOKEN in page for page in shown)
    assert all(TOKEN not in page and "/reset/…" in page for page in hidden)


def test_a_mail_that_failed_is_sent_again_and_the_audit_knows(
    ada: FlaskClient, mailbox: Mailbox
) -> None:
    mailbox.refusals = {"gone@karoo.example": "550 5.7.1 No"}
    key = write("gone@karoo.example")
    send(mailbox)
    mailbox.refusals = {}

    assert "The mail is due now" in press_again(ada, key)
    send(mailbox)

    assert (look(key).line.look, look(key).line.tries) == ("sent", 1)
    assert mailbox.letters[0]["Message-ID"] == look(key).message_id
    with reading() as session:
        entry = journal.entries(session, Wanted(words="mail sent again")).rows[0]
    assert (entry.who, entry.subject) == ("ada@dcx.example", "gone@karoo.example")
    assert (entry.before, key in entry.after) == ('{"state": "failed"}', True)
    assert TOKEN not in entry.after


def test_a_late_mail_need_not_wait(ada: FlaskClient, mailbox: Mailbox) -> None:
    key = write()
    mailbox.verdict = "451 Try later"
    send(mailbox)
    assert "next try" in ada.get("/mails").text
    assert "Send now" in ada.get(f"/mails/{key}").text
    mailbox.verdict = "250 Taken"

    press_again(ada, key)
    send(mailbox)

    assert (look(key).line.look, look(key).line.tries) == ("sent", 2)


def test_a_mail_that_lost_its_link_is_not_sent_again(ada: FlaskClient, mailbox: Mailbox) -> None:
    lost = write_reset()
    whole = put(Message("a@b.example", "H", AccessGranted("Karoo", "https://desk.example/")))
    send(mailbox)

    assert "Send again" not in ada.get(f"/mails/{lost}").text
    token = token_of(ada, f"/mails/{lost}")
    answer = ada.post(f"/mails/{lost}/again", data={"csrf_token": token}, follow_redirects=True)
    assert "Have a new one sent." in answer.text
    assert "Send again" in ada.get(f"/mails/{whole}").text
    press_again(ada, whole)
    send(mailbox)

    assert len(mailbox.letters) == 3
    assert look(lost).line.look == "sent"


def test_a_mail_under_way_is_not_sent_twice(ada: FlaskClient) -> None:
    key = write()

    token = token_of(ada, f"/mails/{key}")
    answer = ada.post(f"/mails/{key}/again", data={"csrf_token": token}, follow_redirects=True)

    assert "This mail is under way." in answer.text


@pytest.mark.parametrize(("name", "status"), [("sam", 403), ("sue", 403), ("alice", 404)])
def test_nobody_but_an_admin_sees_mails(
    app: APIFlask, sign_in: SignIn, name: str, status: int
) -> None:
    key, client = write_reset(), sign_in(name)
    app.config["WTF_CSRF_ENABLED"] = False

    answers = [client.get(f"/mails{path}") for path in ("", f"/{key}", f"/{key}/html")]
    answers.append(client.post(f"/mails/{key}/again"))

    assert {answer.status_code for answer in answers} == {status}
    assert not any(TOKEN in answer.text for answer in answers)
    assert 'href="/mails"' not in client.get("/", follow_redirects=True).text


def test_the_navigation_counts_what_failed_lately(ada: FlaskClient, mailbox: Mailbox) -> None:
    assert 'href="/mails"' in ada.get("/jobs").text
    mailbox.refusals = {"gone@karoo.example": "550 5.7.1 No"}
    write("gone@karoo.example")
    send(mailbox)

    entry = ada.get("/jobs").text.partition('href="/mails"')[2].partition("</a>")[0]

    assert re.search(r'class="count">1<', entry)
