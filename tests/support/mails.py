"""Mails that tests write, and what the outbox then says of them."""

from sqlalchemy import text

from dcx.notifications import service
from dcx.notifications.service import Invitation, MailView, Message, Reset
from dcx.repository.session import reading, transaction

TOKEN = "Zq3-" + "x_9" * 13
LINK = f"https://desk.example/invitations/{TOKEN}"
START_US = 1_790_000_000_000_000


def invitation(customer: str = "Karoo & Söhne", link: str = LINK, **changes: str) -> Invitation:
    given = {"inviter": "Sam Mabena", "role": "viewer", "secret": TOKEN} | changes
    return Invitation(customer=customer, link=link, **given)


def write(to: str = "naledi@karoo.example", *, customer: str = "Karoo & Söhne") -> str:
    """An invitation in the outbox; its key."""
    return put(Message(to, "Highveld Cloud", invitation(customer)))


def write_reset(to: str = "naledi@karoo.example") -> str:
    return put(Message(to, "Highveld Cloud", Reset(f"https://desk.example/reset/{TOKEN}", TOKEN)))


def put(mail: Message, *, now_us: int = START_US) -> str:
    with transaction() as session:
        return service.write(session, mail, now_us=now_us)


def look(key: str) -> MailView:
    with reading() as session:
        return service.get_mail(session, key, hides_secret=False)


def whole_outbox() -> str:
    """Every column of every mail, as one text."""
    with reading() as session:
        return repr(session.execute(text("SELECT * FROM mail")).all())
