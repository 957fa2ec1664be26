"""The SMTP server: one connection, opened by the first letter and kept for the next ones."""

import re
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from dcx.kit.periods import from_us
from dcx.notifications.errors import (
    NoSuchRecipientError,
    NotSentError,
    RefusedForGoodError,
    UnreachableError,
)

TIMEOUT_S = 15.0
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
PERMANENT = range(500, 600)
CLOSING_DOWN = 421
_POLICY = re.compile(r"5\d\d 5\.7\.")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent, the same bytes each time. `files` are (name, media type, bytes)."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str
    written_us: int
    files: Sequence[tuple[str, str, bytes]] = ()


@dataclass(frozen=True, slots=True)
class Server:
    """Where `smtp://host:587` or `smtps://...` leads, and who we are there."""

    host: str
    port: int
    user: str
    password: str
    is_tls: bool

    @classmethod
    def read(cls, url: str) -> Self:
        parts = urlsplit(url)
        is_tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or (465 if is_tls else 587),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            is_tls=is_tls,
        )


class Post:
    """Sends letters from one address. Use it as a context: leaving it hangs up.

    `sender` is an address, or a name and `<address>`; without a name it is signed with `name`.
    """

    def __init__(
        self, url: str, sender: str, *, name: str = "", timeout_s: float = TIMEOUT_S
    ) -> None:
        self._server = Server.read(url)
        own_name, address = parseaddr(sender)
        self._sender = Address(own_name or name, addr_spec=address)
        self._timeout_s = timeout_s
        self._line: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hang_up()

    def send(self, letter: Letter) -> None:
        """Hand a letter over; once this returns, the server answers for it.

        UnreachableError where there is no server to speak to, RefusedForGoodError where it will
        never take this letter, NotSentError where a later try may do better.
        """
        message, to = message_of(letter, self._sender), _ascii(letter.to)
        try:
            self._line = self._line or _connected(self._server, self._timeout_s)
            self._line.send_message(message, self._sender.addr_spec, [to])
        except smtplib.SMTPRecipientsRefused as error:
            refusal = self._refusal(*error.recipients[to], is_of_letter=True)
            raise _about_recipient(refusal) from error
        except smtplib.SMTPResponseException as error:
            code, answer = error.smtp_code, error.smtp_error
            is_of_letter = isinstance(error, smtplib.SMTPDataError)
            raise self._refusal(code, answer, is_of_letter=is_of_letter) from error
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise UnreachableError(f"{self._server.host} does not answer: {error}") from error

    def _refusal(self, code: int, answer: bytes | str, *, is_of_letter: bool) -> NotSentError:
        """What is said of the recipient or the letter may be for good; what is said of us (sign-in,
        sender, closing down) is mended here or there, and other letters would hear the same.
        """
        words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        said = f"{code} {' '.join(words.split())}"
        if not is_of_letter or code == CLOSING_DOWN:
            self._hang_up()
            return UnreachableError(said)
        return RefusedForGoodError(said) if code in PERMANENT else NotSentError(said)

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with suppress(OSError, smtplib.SMTPException):
                line.quit()
            line.close()


def message_of(letter: Letter, sender: Address) -> EmailMessage:
    """The letter as text and HTML; RefusedForGoodError where a header would hold a line break."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = sender
        message["To"] = Address(addr_spec=_ascii(letter.to))
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(from_us(letter.written_us))
        message["Message-ID"] = letter.message_id
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text, cte="quoted-printable")
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
        for name, media_type, body in letter.files:
            main, _, sub = media_type.partition("/")
            message.add_attachment(body, maintype=main, subtype=sub, filename=name)
        _part_always_alike(message, letter.message_id)
    except (ValueError, MessageError) as error:
        raise RefusedForGoodError(f"It is not fit to be sent: {error}") from error
    return message


def _part_always_alike(message: EmailMessage, message_id: str) -> None:
    """Give the parts boundaries that hang on the letter alone, where chance would choose them."""
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            mark = sha256(f"{message_id} {number}".encode()).hexdigest()[:40]
            part.set_boundary(f"={mark}=")


def _about_recipient(refusal: NotSentError) -> NotSentError:
    """An address refused for good, unless the server speaks of its policy towards us (X.7.X)."""
    is_final = isinstance(refusal, RefusedForGoodError)
    is_policy = _POLICY.match(str(refusal)) is not None
    return NoSuchRecipientError(str(refusal)) if is_final and not is_policy else refusal


def _ascii(address: str) -> str:
    """The address as every server reads it: a domain beyond ASCII in its ASCII spelling."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def _connected(server: Server, timeout_s: float) -> smtplib.SMTP:
    """A line to the server, encrypted where it can be, signed in where a user is given."""
    trust = ssl.create_default_context()
    if server.is_tls:
        line: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=timeout_s, context=trust
        )
    else:
        line = smtplib.SMTP(server.host, server.port, timeout=timeout_s)
    try:
        _prepare(line, server, trust)
    except BaseException:
        line.close()
        raise
    return line


def _prepare(line: smtplib.SMTP, server: Server, trust: ssl.SSLContext) -> None:
    line.ehlo_or_helo_if_needed()
    is_private = server.is_tls
    if not is_private and line.has_extn("starttls"):
        line.starttls(context=trust)
        line.ehlo()
        is_private = True
    if not server.user:
        return
    if not is_private and server.host not in THIS_MACHINE:
        raise UnreachableError(f"{server.host} offers no STARTTLS: it was not given the password.")
    line.login(server.user, server.password)
