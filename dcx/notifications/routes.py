"""Doors of notifications: the outbox, as admins see it."""

from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.kit.periods import to_us
from dcx.notifications import service
from dcx.notifications.errors import MailNotRepeatableError
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.files import as_file
from dcx.web.headers import FRAMED_MAIL, SHOWS_FRAME, with_policy
from dcx.web.htmx import go, render

notifications_pages = Blueprint("notifications", __name__)
PER_PAGE = 30


@notifications_pages.get("/mails")
@open_to(Who.ADMIN)
def mails() -> ResponseReturnValue:
    state, words = request.args.get("state", ""), request.args.get("q", "").strip()
    before = request.args.get("after", type=int)
    with reading() as session:
        page = service.mails(session, state=state, words=words, before=before, limit=PER_PAGE)
        held_back = service.suppressed(session)
    return render(
        "notifications/mails.html",
        "notifications/_mails.html",
        mails=page.rows,
        held_back=held_back,
        after=page.after,
        state=state,
        words=words,
        is_sending=_is_sending(),
    )


@notifications_pages.get("/mails/kinds")
@open_to(Who.ADMIN)
def kinds() -> ResponseReturnValue:
    """Every kind of letter, to be read with sample values."""
    site = _site()
    subjects = [(kind, service.sample(site, kind).subject) for kind in service.samples(site)]
    return render_template("notifications/kinds.html", subjects=subjects)


@notifications_pages.get("/mails/kinds/<kind>")
@open_to(Who.ADMIN)
@with_policy(SHOWS_FRAME)
def one_kind(kind: str) -> ResponseReturnValue:
    return render_template(
        "notifications/kind.html", kind=kind, letter=service.sample(_site(), kind)
    )


@notifications_pages.get("/mails/kinds/<kind>/html")
@open_to(Who.ADMIN)
@with_policy(FRAMED_MAIL)
def kind_html(kind: str) -> ResponseReturnValue:
    """The sample as its reader would see it, for a frame."""
    return service.sample(_site(), kind).html


@notifications_pages.post("/mails/suppressed")
@open_to(Who.ADMIN)
def lift() -> ResponseReturnValue:
    """Send to an address again."""
    address = request.form.get("address", "")
    with transaction() as session:
        service.lift(session, actor(), address, now_us=to_us(datetime.now(UTC)))
    flash(f"Mails to {address} go out again. Open those that failed to send them once more.", "ok")
    return go(url_for("notifications.mails"))


@notifications_pages.get("/mails/<key>")
@open_to(Who.ADMIN)
@with_policy(SHOWS_FRAME)
def mail(key: str) -> ResponseReturnValue:
    return render_template("notifications/mail.html", mail=_mail(key), is_sending=_is_sending())


@notifications_pages.get("/mails/<key>/html")
@open_to(Who.ADMIN)
@with_policy(FRAMED_MAIL)
def mail_html(key: str) -> ResponseReturnValue:
    """The mail as its reader sees it, for a frame."""
    return _mail(key).html


@notifications_pages.get("/mails/<key>/files/<name>")
@open_to(Who.ADMIN)
def mail_file(key: str, name: str) -> ResponseReturnValue:
    """A file that goes with a mail."""
    with reading() as session:
        file = service.get_file(session, key, name)
    return as_file(file.name, file.media_type, file.body)


@notifications_pages.post("/mails/<key>/again")
@open_to(Who.ADMIN)
def again(key: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            service.send_again(session, actor(), key, now_us=to_us(datetime.now(UTC)))
        flash("The mail is due now. It goes out with the next run of Send mail.", "ok")
    except MailNotRepeatableError as error:
        flash(error.message, "bad")
    return go(url_for("notifications.mail", key=key))


def _mail(key: str) -> service.MailView:
    with reading() as session:
        return service.get_mail(session, key, hides_secret=_is_sending())


def _site() -> service.Site:
    return service.Site.of(current_app.config["DCX"])


def _is_sending() -> bool:
    """Is there a server to send mails with? Without one, admins hand links over themselves."""
    return bool(current_app.config["DCX"].smtp_url)
