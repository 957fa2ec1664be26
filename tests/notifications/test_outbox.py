"""A mail written with what it tells of goes out once, whatever the server does meanwhile."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter

import pytest
from apiflask import APIFlask

from dcx.journal import service as journal
from dcx.kit.periods import SECOND_US
from dcx.notifications import jobs, service
from dcx.notifications.service import AccessGranted, Message
from dcx.repository.session import reading, transaction
from dcx.scheduler import JOBS, run_job
from dcx.settings import ROOT
from tests.support.mailbox import Mailbox
from tests.support.mails import START_US, TOKEN, invitation, look, put, whole_outbox, write
from tests.support.servers import free_port

pytestmark = pytest.mark.usefixtures("app")
MINUTE_US = 60 * SECOND_US


def send(url: str, now_us: int = START_US) -> dict[str, int]:
    return jobs.send_waiting(
        url, "billing@desk.example", name="Highveld Cloud", clock=lambda: now_us
    )


def test_a_mail_is_delivered_once_with_both_parts(mailbox: Mailbox) -> None:
    key = write()

    counts = [send(mailbox.url), send(mailbox.url, START_US + 60 * MINUTE_US)]

    assert [count["sent"] for count in counts] == [1, 0]
    [letter] = mailbox.letters
    assert letter["Subject"] == "Sam Mabena invites you to Karoo & Söhne"
    assert letter["To"] == "naledi@karoo.example"
    assert letter["From"] == "Highveld Cloud <billing@desk.example>"
    assert letter["Message-ID"] == f"<{key}@desk.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"].datetime.timestamp() == START_US // SECOND_US
    plain, html = (part.get_content() for part in letter.iter_parts())
    assert "account of Karoo & Söhne" in plain
    assert f"\n{invitation().link}\n" in plain.replace("\r\n", "\n")
    assert "account of Karoo &amp; Söhne" in html
    assert f'href="{invitation().link}"' in html


def test_a_mail_of_what_did_not_happen_is_never_sent(mailbox: Mailbox) -> None:
    with pytest.raises(RuntimeError):
        _invite_in_vain()

    assert send(mailbox.url)["sent"] == 0


def _invite_in_vain() -> None:
    with transaction() as session:
        service.write(session, Message("a@b.example", "H", invitation()), now_us=START_US)
        raise RuntimeError


def test_a_server_that_is_down_is_asked_again_later_and_later(mailbox: Mailbox) -> None:
    key = write()
    down, now_us, waits = f"smtp://127.0.0.1:{free_port()}", START_US, []

    for _ in range(5):
        assert send(down, now_us)["late"] == 1
        due_us = look(key).line.next_try_us
        assert send(down, due_us - 1) == {"sent": 0, "late": 0, "failed": 0}
        waits.append((due_us - now_us) // MINUTE_US)
        now_us = due_us

    assert waits == [1, 5, 30, 120, 360]
    assert look(key).line.look == "late"
    assert send(mailbox.url, now_us)["sent"] == 1
    assert mailbox.letters[0]["Message-ID"] == look(key).message_id == f"<{key}@desk.example>"


def test_the_sixth_failure_is_the_last() -> None:
    key, down = write(), f"smtp://127.0.0.1:{free_port()}"

    for _ in range(6):
        send(down, look(key).line.next_try_us)

    mail = look(key)
    assert (mail.line.look, mail.line.tries) == ("failed", 6)
    assert "127.0.0.1 does not answer" in str(mail.error)
    assert send(down, START_US * 2) == {"sent": 0, "late": 0, "failed": 0}


def test_a_server_that_is_down_is_asked_once_a_run() -> None:
    keys = [write(), write()]

    assert send(f"smtp://127.0.0.1:{free_port()}")["late"] == 1
    assert [look(key).line.tries for key in keys] == [1, 0]


def test_a_refused_recipient_fails_at_once_and_the_others_go_out(mailbox: Mailbox) -> None:
    mailbox.refusals = {
        "gone@karoo.example": "550 5.1.1 No such user",
        "busy@karoo.example": "450 4.2.1 Try later",
    }
    gone, busy, fine = (write(f"{name}@karoo.example") for name in ("gone", "busy", "fine"))

    assert send(mailbox.url) == {"sent": 1, "late": 1, "failed": 1}

    assert (look(gone).line.look, look(gone).error) == ("failed", "550 5.1.1 No such user")
    assert (look(busy).line.look, look(busy).error) == ("late", "450 4.2.1 Try later")
    assert look(fine).line.look == "sent"


@pytest.mark.parametrize(
    ("verdict", "look_after"),
    [("554 5.7.1 Spam", "failed"), ("451 Try later", "late"), ("421 Closing", "late")],
)
def test_a_letter_refused_for_good_fails_at_once(
    mailbox: Mailbox, verdict: str, look_after: str
) -> None:
    key = write()
    mailbox.verdict = verdict

    send(mailbox.url)

    assert (look(key).line.look, look(key).error) == (look_after, verdict)


def test_a_server_that_closes_down_is_left_until_the_next_run(mailbox: Mailbox) -> None:
    keys = [write(), write()]
    mailbox.refusals = {"naledi@karoo.example": "421 Closing down"}

    assert send(mailbox.url) == {"sent": 0, "late": 1, "failed": 0}

    assert [look(key).line.tries for key in keys] == [1, 0]
    assert look(keys[0]).error == "421 Closing down"


def test_two_senders_at_once_send_each_mail_once(app: APIFlask, mailbox: Mailbox) -> None:
    keys = [write(f"p{number}@karoo.example") for number in range(30)]
    start, counts = threading.Barrier(3), Counter[str]()

    def work() -> None:
        with app.app_context():
            start.wait()
            counts.update(send(mailbox.url))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counts["sent"] == 30
    sent = Counter(letter["Message-ID"] for letter in mailbox.letters)
    assert sent == {look(key).message_id: 1 for key in keys}


def test_a_sender_killed_before_it_notes_the_outcome_repeats_the_mail_once(
    app: APIFlask, mailbox: Mailbox
) -> None:
    settings, key = app.config["DCX"], write()
    environment = {
        **os.environ, "DCX_DATABASE_URL": settings.database_url,
        "DCX_BRONZE_URL": settings.bronze_url, "DCX_SMTP_URL": mailbox.url,
    }  # fmt: skip
    process: list[subprocess.Popen[bytes]] = []
    has_started = threading.Event()

    def kill() -> None:
        has_started.wait(10)
        process[0].send_signal(signal.SIGKILL)

    mailbox.when_taken = kill

    program = [sys.executable, "-m", "tests.support.send_mails"]
    process.append(subprocess.Popen(program, env=environment, cwd=ROOT))
    has_started.set()
    process[0].wait(30)
    mailbox.when_taken = lambda: None
    lease_ends_us = look(key).line.next_try_us
    early, late = send(mailbox.url, lease_ends_us - 1), send(mailbox.url, lease_ends_us)

    assert (early["sent"], late["sent"]) == (0, 1)
    assert [letter["Message-ID"] for letter in mailbox.letters] == [look(key).message_id] * 2


def test_without_a_server_nothing_is_sent_and_nothing_fails(app: APIFlask) -> None:
    key = write()
    [job] = [job for job in JOBS if job.name == "mail"]

    run_job(app, job)

    with reading() as session:
        run = journal.last_job_runs(session)["mail"]
    assert (run.status, run.counts) == ("done", '{"sent": 0, "late": 0, "failed": 0}')
    assert (look(key).line.look, look(key).line.tries) == ("waiting", 0)


def test_what_opens_something_is_gone_once_the_mail_is_sent(mailbox: Mailbox) -> None:
    key = write()
    before = look(key)
    assert TOKEN in before.text
    assert TOKEN in before.html

    send(mailbox.url)

    assert TOKEN not in whole_outbox()
    assert look(key).text == before.text.replace(TOKEN, "…")
    assert TOKEN in mailbox.letters[0].as_string()


def test_a_servers_answer_never_brings_the_secret_onto_a_page(mailbox: Mailbox) -> None:
    key = write()
    mailbox.verdict = f"554 Spam: https://desk.example/invitations/{TOKEN}"

    send(mailbox.url)

    assert look(key).error == "554 Spam: https://desk.example/invitations/…"


def test_access_to_the_desk_itself_names_no_customer(mailbox: Mailbox) -> None:
    put(Message("sue@desk.example", "Highveld Cloud", AccessGranted("", "https://desk.example/")))

    send(mailbox.url)

    assert mailbox.letters[0]["Subject"] == "You have access to Highveld Cloud"
