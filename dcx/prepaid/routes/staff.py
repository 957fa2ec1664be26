"""Doors of staff: money moved by hand, and the second person who agrees to it."""

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.accounts import service as accounts
from dcx.kit.errors import DomainError, FormError
from dcx.prepaid import export
from dcx.prepaid.forms import read_wish
from dcx.prepaid.routes.ground import may_adjust, money, now_us, prepaid_pages, settings
from dcx.prepaid.routes.wallet import wallet_page
from dcx.repository.session import reading, transaction
from dcx.wallet import service as ledger
from dcx.wallet.service import Adjustment
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go
from dcx.web.tables import as_csv, asked, wants_csv


@prepaid_pages.post("/c/<customer>/wallet/adjustments")
@open_to(Who.BILLING)
def ask_adjustment(customer: str) -> ResponseReturnValue:
    """Money moves here, unless it is so much that a second person decides."""
    try:
        with transaction() as session:
            wish = read_wish(request.form, customer, settings().zone)
            limit = settings().second_person_cents
            done = ledger.ask(session, wish, by=actor(), limit_cents=limit, now_us=now_us())
    except FormError as error:
        return _again(customer, error.fields)
    except DomainError as error:
        if error.status == 404:  # noqa: PLR2004
            raise
        return _again(customer, {"refused": error.message})
    flash(_asked(done), "ok")
    return go(url_for("prepaid.wallet", customer=customer))


def _again(customer: str, faults: dict[str, str]) -> ResponseReturnValue:
    page = wallet_page(customer, asked(ledger.ENTRY_COLUMNS, "-date"), faults)
    return page, 422


def _asked(done: Adjustment) -> str:
    amount = money(done.amount_cents)
    if done.state == "waiting":
        return f"{amount} waits for a second person to agree."
    return f"{amount} is booked."


@prepaid_pages.get("/adjustments")
@open_to(Who.STAFF)
def adjustments() -> ResponseReturnValue:
    ask = asked(ledger.ADJUSTMENT_COLUMNS, "-asked")
    if wants_csv():
        return as_csv(
            "adjustments.csv",
            export.ADJUSTMENTS_HEAD,
            lambda: export.adjustment_rows(ask, settings().currency),
        )
    with reading() as session:
        return render_template(
            "prepaid/adjustments.html",
            waiting=ledger.waiting(session),
            page=ledger.adjustment_page(session, ask),
            names={who.key: who.name for who in accounts.customers(session)},
            me=actor().who,
            may_adjust=may_adjust(),
            limit_cents=settings().second_person_cents,
        )


@prepaid_pages.post("/adjustments")
@open_to(Who.BILLING)
def decide_adjustment() -> ResponseReturnValue:
    key, agrees = request.form.get("key", ""), request.form.get("agrees") == "yes"
    try:
        with transaction() as session:
            done = ledger.decide(session, key, agrees=agrees, by=actor(), now_us=now_us())
        words = "is booked" if agrees else "is declined: nothing was booked"
        flash(f"{money(done.amount_cents)} {words}.", "ok")
    except DomainError as error:
        if error.status == 404:  # noqa: PLR2004
            raise
        flash(error.message, "bad")
    return go(url_for("prepaid.adjustments"))
