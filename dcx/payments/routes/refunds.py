"""Doors of staff to refunds: ask for one, decide one, see those that need somebody."""

from collections.abc import Callable

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.accounts import service as accounts
from dcx.kit.ids import new_id
from dcx.kit.money import parse_cents
from dcx.payments.errors import RefundRefusedError
from dcx.payments.routes.ground import now_us, payments_pages, settings
from dcx.payments.service import deletions
from dcx.payments.service import refunds as service
from dcx.payments.service.refunds import Wanted
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go


@payments_pages.get("/refunds")
@open_to(Who.STAFF)
def refunds() -> ResponseReturnValue:
    with reading() as session:
        told = {
            "waiting": service.waiting_refunds(session),
            "under_way": service.open_refunds(session),
            "ended": service.ended_refunds(session, now_us=now_us()),
            "name_of": {each.key: each.name for each in accounts.customers(session)},
            "deletions": deletions.waiting_deletions(session),
        }
    return render_template("payments/refunds.html", **told, **_house())


@payments_pages.get("/payments/<key>/refund")
@open_to(Who.BILLING)
def refund_page(key: str) -> ResponseReturnValue:
    return _page(key, {})


@payments_pages.post("/payments/<key>/refund")
@open_to(Who.BILLING)
def ask_refund(key: str) -> ResponseReturnValue:
    sent = request.form
    try:
        wanted = Wanted(key, _cents(sent.get("amount", "")), sent.get("reason", ""),
                        sent.get("form_key", ""))  # fmt: skip
        with transaction() as session:
            service.ask_refund(
                session, wanted, by=actor(), limit_cents=settings().second_person_cents,
                now_us=now_us(),
            )  # fmt: skip
    except RefundRefusedError as error:
        return _page(key, sent.to_dict(), fault=error.message), 422
    flash(_asked(key), "ok")
    return go(url_for("payments.refund_page", key=key))


def _asked(key: str) -> str:
    """What becomes of the newest refund of a payment."""
    with reading() as session:
        newest = service.refunds_of(session, key).lines[-1]
    if newest.state == "waiting":
        return "The refund waits for a second person to approve it."
    return "The refund goes to the gateway within a minute."


@payments_pages.post("/refunds/<key>/decide")
@open_to(Who.BILLING)
def decide_refund(key: str) -> ResponseReturnValue:
    accepts = request.form.get("verdict") == "approve"

    def work() -> str:
        with transaction() as session:
            service.decide_refund(session, key, accepts=accepts, by=actor(), now_us=now_us())
        return "The refund goes to the gateway." if accepts else "The refund is declined."

    return _tried(work)


def _page(key: str, sent: dict[str, str], fault: str | None = None) -> str:
    with reading() as session:
        found = service.refunds_of(session, key)
    limit_cents = settings().second_person_cents
    form_key = sent.get("form_key") or new_id()
    return render_template(
        "payments/refund.html", refundable=found, sent=sent, fault=fault, form_key=form_key,
        limit_cents=limit_cents, **_house(),
    )  # fmt: skip


def _house() -> dict[str, object]:
    """Can anything be asked of PayHost? And who looks: nobody decides what they asked for."""
    return {
        "has_password": bool(settings().gateway.payhost_password),
        "me": actor().who,
    }


def _cents(text: str) -> int:
    try:
        return parse_cents(text)
    except ValueError as error:
        raise RefundRefusedError(str(error)) from error


def _tried(work: Callable[[], str]) -> ResponseReturnValue:
    try:
        flash(work(), "ok")
    except RefundRefusedError as error:
        flash(error.message, "bad")
    return go(url_for("payments.refunds"))
