"""What a mail says: the words of each kind, rendered into a subject, a text and an HTML part."""

from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from dcx.notifications.errors import MailRefusedError
from dcx.notifications.rules import is_address, is_one_line, is_secret
from dcx.notifications.service.letters_of_money import (
    AutoTopUpFailed,
    CardExpires,
    FineAgain,
    InvoiceIssued,
    LowBalance,
    PaymentFailed,
    PaymentReceived,
    RefundSent,
    Suspended,
    ZeroAhead,
)
from dcx.settings import ROOT

_EMAILS = Environment(
    loader=FileSystemLoader(ROOT / "templates/emails"),
    undefined=StrictUndefined,
    autoescape=select_autoescape(["html"]),
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Reset:
    """A link to a new password. `secret` is the part of the link that opens it."""

    kind: ClassVar[str] = "reset"
    link: str
    secret: str
    lasts: str = "30 minutes"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody (`inviter`, a name) invites to a customer's account, as its `role` ("viewer")."""

    kind: ClassVar[str] = "invitation"
    inviter: str
    customer: str
    role: str
    link: str
    secret: str
    lasts: str = "7 days"


@dataclass(frozen=True, slots=True)
class AccessGranted:
    """Somebody asked for access and has it now, at a customer's account, or "" where it is the
    staff's.
    """

    kind: ClassVar[str] = "access_granted"
    customer: str
    link: str


Words = (
    Reset | Invitation | AccessGranted | PaymentReceived | PaymentFailed | RefundSent | LowBalance
    | FineAgain | ZeroAhead | Suspended | AutoTopUpFailed | CardExpires | InvoiceIssued
)  # fmt: skip
KINDS: dict[str, type[Words]] = {words.kind: words for words in get_args(Words)}


@dataclass(frozen=True, slots=True)
class File:
    """What goes with a mail: its name, its media type ("application/pdf") and its bytes."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """A mail to be written: to one address, signed by the provider, whose postal address (one line)
    stands in the foot. Values come as finished texts. `Site.message` fills in what is the site's.
    """

    to: str
    provider: str
    words: Words
    files: tuple[File, ...] = ()
    address: str = ""

    @property
    def secret(self) -> str | None:
        return getattr(self.words, "secret", None)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's three parts."""

    subject: str
    text: str
    html: str


def rendered(mail: Message) -> Rendered:
    """The parts of a mail; MailRefusedError where its address, a name or its link is not safe."""
    _require_safe(mail)
    given = {"provider": mail.provider, "address": mail.address, **asdict(mail.words)}
    head, _, text = _render(f"{mail.words.kind}.txt", given).partition("\n\n")
    subject = head.removeprefix("Subject: ").strip()
    return Rendered(
        subject, text.strip() + "\n", _render(f"{mail.words.kind}.html", given | {"title": subject})
    )


def _require_safe(mail: Message) -> None:
    if not is_address(mail.to):
        raise MailRefusedError(f"{mail.to!r} is not one e-mail address.")
    words = (getattr(mail.words, each.name) for each in fields(mail.words))
    names = (file.name for file in mail.files)
    for name in (mail.provider, mail.address, *words, *names):
        if not is_one_line(name):
            raise MailRefusedError(f"{name!r} is more than one line: it cannot stand in a mail.")
    if not mail.words.link.startswith(("https://", "http://")):
        raise MailRefusedError("A mail's link must begin with https:// or http://.")
    if mail.secret is not None and not (is_secret(mail.secret) and mail.secret in mail.words.link):
        raise MailRefusedError("A mail's secret must be a plain part of its link.")


def _render(template: str, given: dict[str, Any]) -> str:
    return _EMAILS.get_template(template).render(given)


def holds_secret(kind: str) -> bool:
    """Do mails of this kind lose a part of their words once they are sent?"""
    return kind in KINDS and any(each.name == "secret" for each in fields(KINDS[kind]))
