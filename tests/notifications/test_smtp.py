"""How DCX speaks to an SMTP server: encrypted where it can be, signed in, never for ever."""

import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from dcx.notifications.errors import NotSentError, UnreachableError
from dcx.notifications.smtp import Letter, Post
from dcx.settings import Settings, SettingsError
from tests.support.mailbox import SIGN_IN, certificate, knows_password, smtp_server

LETTER = Letter("<a@desk.example>", "naledi@karoo.example", "Söhne", "text", "<p>html</p>", 0)


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate that this machine trusts."""
    context, file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return context


def post(url: str, user: str = "", word: str = SIGN_IN[1]) -> None:
    if user:
        url = url.replace("://", f"://{user}:{quote(word, safe='')}@")
    with Post(url, "Accounts <billing@desk.example>", name="Highveld", timeout_s=1.0) as line:
        line.send(LETTER)
        line.send(LETTER)


def test_starttls_is_used_where_it_is_offered(tls: ssl.SSLContext) -> None:
    with smtp_server(tls_context=tls, require_starttls=True) as mailbox:
        post(mailbox.url)

    assert mailbox.encrypted == [True, True]
    assert mailbox.letters[0]["From"] == "Accounts <billing@desk.example>"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)

    with (
        smtp_server(tls_context=context) as mailbox,
        pytest.raises(UnreachableError, match="certificate"),
    ):
        post(mailbox.url)

    assert mailbox.letters == []


def test_the_user_signs_in_over_starttls(tls: ssl.SSLContext) -> None:
    with smtp_server(tls_context=tls, auth_required=True, authenticator=knows_password) as mailbox:
        post(mailbox.url, SIGN_IN[0])

    assert mailbox.signed_in == [True, True]


def test_a_wrong_password_may_be_mended(tls: ssl.SSLContext) -> None:
    with (
        smtp_server(tls_context=tls, auth_required=True, authenticator=knows_password) as mailbox,
        pytest.raises(UnreachableError, match=r"^535"),
    ):
        post(mailbox.url, SIGN_IN[0], "wrong")

    assert mailbox.letters == []


def test_smtps_is_encrypted_from_the_first_byte(tls: ssl.SSLContext) -> None:
    with smtp_server(ssl_context=tls, authenticator=knows_password) as mailbox:
        with pytest.raises(UnreachableError):
            post(mailbox.url)
        post(mailbox.url.replace("smtp://", "smtps://"))

    assert len(mailbox.letters) == 2


def test_the_password_is_not_given_to_another_machine_in_clear() -> None:
    options: dict[str, Any] = {"auth_require_tls": False, "authenticator": knows_password}
    with (
        smtp_server(host="127.0.0.2", **options) as mailbox,
        pytest.raises(UnreachableError, match="offers no STARTTLS"),
    ):
        post(mailbox.url, SIGN_IN[0])
    with smtp_server(host="127.0.0.1", **options) as near:
        post(near.url, SIGN_IN[0])

    assert mailbox.letters == []
    assert near.signed_in == [True, True]


def test_a_server_that_says_nothing_is_left() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(UnreachableError, match="timed out"),
    ):
        post(f"smtp://127.0.0.1:{silent.getsockname()[1]}")


def test_a_refusal_leaves_the_line_open_for_the_next_letter() -> None:
    with smtp_server() as mailbox:
        mailbox.refusals = {"naledi@karoo.example": "550 No"}
        with Post(mailbox.url, "billing@desk.example") as line:
            with pytest.raises(NotSentError, match=r"^550 No$"):
                line.send(LETTER)
            mailbox.refusals = {}
            line.send(LETTER)

    assert len(mailbox.letters) == 1


def test_a_domain_beyond_ascii_is_spelt_as_servers_read_it() -> None:
    letter = Letter("<a@b>", "naledi@söhne.example", "s", "t", "h", 0)

    with smtp_server() as mailbox, Post(mailbox.url, "billing@desk.example") as line:
        line.send(letter)

    assert mailbox.letters[0]["To"] == "naledi@xn--shne-5qa.example"


@pytest.mark.parametrize(
    "setting",
    [
        {"DCX_SMTP_URL": "mail.example:25"}, {"DCX_SMTP_URL": "smtp://"},
        {"DCX_SMTP_URL": "smtp://host:many"}, {"DCX_SMTP_URL": "smtp://host:0"},
        {"DCX_MAIL_FROM": "billing"}, {"DCX_MAIL_FROM": "a@b.example\nBcc: c@d.example"},
        {"DCX_MAIL_FROM": "a@b.example, c@d.example"}, {"DCX_MAIL_FROM": ""},
    ],
    ids=str,
)  # fmt: skip
def test_a_setting_that_cannot_work_is_refused_at_the_start(setting: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(setting))):
        Settings.from_environment(setting)
