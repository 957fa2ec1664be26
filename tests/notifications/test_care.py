"""Mails with files, addresses that nothing is sent to, and mails that are forgotten."""

import pytest

from dcx.journal import service as journal
from dcx.kit.actors import Actor
from dcx.kit.periods import HOUR_US
from dcx.notifications import jobs, service
from dcx.notifications.errors import UnknownMailError
from dcx.notifications.service import AccessGranted, File, Message
from dcx.repository.session import reading, transaction
from tests.support.mailbox import Mailbox
from tests.support.mails import START_US, look, put, write

pytestmark = pytest.mark.usefixtures("app")
DAY_US = 24 * HOUR_US


def send(url: str) -> dict[str, int]:
    return jobs.send_waiting(
        url, "billing@desk.example", name="Highveld Cloud", clock=lambda: START_US
    )


def test_an_address_that_its_server_does_not_know_is_left_alone(mailbox: Mailbox) -> None:
    mailbox.refusals = {
        "gone@karoo.example": "550 5.1.1 No such user",
        "barred@karoo.example": "550 5.7.1 We are listed somewhere",
    }
    for name in ("gone", "barred"):
        write(f"{name}@karoo.example")
    send(mailbox.url)
    mailbox.refusals = {}
    gone, barred, fine = (write(f"{name}@karoo.example") for name in ("Gone", "barred", "fine"))

    assert send(mailbox.url) == {"sent": 2, "late": 0, "failed": 0}

    assert look(gone).line.look == "failed"
    assert look(gone).error == "Nothing is sent to this address: 550 5.1.1 No such user"
    assert [look(key).line.look for key in (barred, fine)] == ["sent", "sent"]
    with reading() as session:
        assert [each.address for each in service.suppressed(session)] == ["gone@karoo.example"]


def test_files_go_with_a_mail_and_the_same_bytes_go_again(mailbox: Mailbox) -> None:
    file = File("INV-000001.pdf", "application/pdf", bytes(range(256)) * 40)
    key = put(Message("naledi@karoo.example", "Highveld Cloud", access(), (file,)))

    send(mailbox.url)
    with transaction() as session:
        service.send_again(session, Actor("Ada"), key, now_us=START_US)
    send(mailbox.url)

    first, second = mailbox.letters
    [attached] = first.iter_attachments()
    assert attached.get_content() == file.body
    assert (attached.get_filename(), attached.get_content_type()) == (file.name, file.media_type)
    assert first.get_body(("plain",)).get_content().startswith("You asked")  # type: ignore[union-attr]
    assert first.as_bytes() == second.as_bytes()


def test_old_mails_and_old_runs_of_jobs_are_forgotten(mailbox: Mailbox) -> None:
    file = File("a.pdf", "application/pdf", b"%PDF")
    sent = put(Message("naledi@karoo.example", "H", access(), (file,)))
    send(mailbox.url)
    waits = write()
    with transaction() as session:
        runs = [
            journal.claim_slot(session, "meter", day, now_us=START_US + day * DAY_US)
            for day in (0, 1, 31)
        ]
        alone = journal.claim_slot(session, "mail", 0, now_us=START_US)

    assert jobs.forget_old(now_us=START_US + 90 * DAY_US) == {"mails": 0}
    assert jobs.forget_old(now_us=START_US + 90 * DAY_US + 1) == {"mails": 1}
    with transaction() as session:
        assert journal.forget_runs(session, now_us=START_US + 31 * DAY_US) == 1
        left = {run.id for run in journal.job_runs(session).rows}

    assert look(waits).line.look == "waiting"
    with pytest.raises(UnknownMailError):
        look(sent)
    assert left == {runs[1], runs[2], alone}


def access() -> AccessGranted:
    """A letter without a secret: it may go out again."""
    return AccessGranted("Karoo", "https://desk.example/")
