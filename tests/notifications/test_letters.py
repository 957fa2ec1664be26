"""What may stand in a mail: one address, names of one line, a link that can lose its secret."""

from typing import Any

import pytest

from dcx.notifications import service
from dcx.notifications.errors import MailRefusedError, RefusedForGoodError
from dcx.notifications.service import AccessGranted, Message, Reset, Site, Words
from dcx.notifications.service.letters import KINDS, rendered
from dcx.notifications.smtp import Letter, Post
from dcx.settings import ROOT, Settings
from dcx.web.looks import Looks
from tests.support.html import faults_of
from tests.support.mails import LINK, TOKEN, invitation

SITE = Site(
    "https://desk.example", "Highveld Cloud", Looks(Settings.from_environment({})), "1 Long St"
)
OF_ACCESS = {"invitation", "reset", "access_granted"}
OF_MONEY = [words for kind, words in service.samples(SITE).items() if kind not in OF_ACCESS]
EVERY_KIND: list[Words] = [
    invitation(),
    Reset(LINK, TOKEN),
    AccessGranted("Karoo & Söhne", "https://desk.example/"),
    AccessGranted("", "https://desk.example/"),
    *OF_MONEY,
]


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\nBcc: all@karoo.example", "a@b.example\r\n", "a@b.example\n",
        "a@b.example, c@d.example", "Naledi <a@b.example>", "a@b.example>", '"a b"@c.example',
        "a@b@c.example", "a..b@c.example", "a@b..example", "a@b.example.", "ü@c.example",
        "a b@c.example", "a\x00@b.example", "a@b.example\u2028", "", "naledi",
    ],
)  # fmt: skip
def test_a_mail_goes_to_one_plain_address(address: str) -> None:
    with pytest.raises(MailRefusedError, match="not one e-mail address"):
        rendered(Message(address, "Highveld Cloud", invitation()))


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n", "\x0b", "\x00", "\x85", "\u2028"])
def test_a_name_of_two_lines_stands_in_no_mail(sign: str) -> None:
    name = f"Karoo{sign}Bcc: all@karoo.example"

    for mail in (
        Message("a@b.example", name, invitation()),
        Message("a@b.example", "Highveld Cloud", invitation(name)),
        Message("a@b.example", "Highveld Cloud", invitation(inviter=name)),
        Message("a@b.example", "Highveld Cloud", invitation(link=f"{LINK}{sign}")),
    ):
        with pytest.raises(MailRefusedError, match="more than one line"):
            rendered(mail)


@pytest.mark.parametrize("field", ["subject", "to", "message_id"])
def test_a_line_break_never_reaches_a_header(field: str) -> None:
    given: dict[str, Any] = {
        "message_id": "<a@b>",
        "to": "a@b.example",
        "subject": "s",
        "text": "t",
        "html": "h",
        "written_us": 0,
    }
    given[field] += "\r\nBcc: all@karoo.example"

    with (
        pytest.raises(RefusedForGoodError, match="not fit"),
        Post("smtp://127.0.0.1:1", "billing@desk.example") as post,
    ):
        post.send(Letter(**given))


@pytest.mark.parametrize(
    ("link", "secret"),
    [
        (f"javascript:{TOKEN}", TOKEN), (f"/invitations/{TOKEN}", TOKEN),
        ("https://desk.example/", TOKEN), ("https://desk.example/a", "a"),
        ("https://desk.example/?a&b=0123456789", "a&b=0123456789"),
    ],
)  # fmt: skip
def test_a_link_that_cannot_be_trusted_stands_in_no_mail(link: str, secret: str) -> None:
    with pytest.raises(MailRefusedError):
        rendered(Message("a@b.example", "Highveld Cloud", invitation(link=link, secret=secret)))


def test_a_name_is_text_in_both_parts() -> None:
    parts = rendered(Message("a@b.example", "H", invitation("<b>Karoo</b> & {{ 7 * 7 }}")))

    assert "<b>Karoo</b> & {{ 7 * 7 }}" in parts.text
    assert "<b>" not in parts.html
    assert "&lt;b&gt;Karoo&lt;/b&gt; &amp; {{ 7 * 7 }}" in parts.html
    assert parts.subject == "Sam Mabena invites you to <b>Karoo</b> & {{ 7 * 7 }}"


@pytest.mark.parametrize("words", EVERY_KIND, ids=lambda words: words.kind)
def test_every_kind_is_whole_in_both_parts(words: Words) -> None:
    parts = rendered(SITE.message("a@b.example", words))

    faults = faults_of(parts.html, allows_style=True)
    assert faults == []
    for part in (parts.text, parts.html):
        assert words.link in part
        assert "Highveld Cloud" in part
        assert "1 Long St" in part


def test_every_kind_has_its_templates() -> None:
    found = {file.stem for file in (ROOT / "templates/emails").glob("[!_]*.txt")}

    assert found == set(KINDS) == {words.kind for words in EVERY_KIND}
